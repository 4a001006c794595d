// Next steps: commands as the reader would type them.
import { expect, test } from 'vitest';
import { printNext, programName } from '../../../src/cli/next.ts';
import { createTerminal } from '../../../src/cli/terminal.ts';

test.each([
  ['/usr/bin/bitsim', {}, 'bitsim'],
  ['/x/node_modules/.bin/bitsim', { npm_command: 'exec' }, 'npx bitsim'],
  ['/there/clone/dist/cli/main.js', {}, 'node dist/cli/main.js'],
  ['/elsewhere/dist/cli/main.js', {}, 'node /elsewhere/dist/cli/main.js'],
])('%s: %s', (script, env, name) => {
  expect(programName(script, env, '/there/clone')).toBe(name);
});

test('purposes stand in a column where they fit in 80, and not where they do not', () => {
  let written = '';
  const stream = { write: (text: string) => (written += text) } as unknown as NodeJS.WriteStream;
  const terminal = createTerminal(false, { out: stream, err: stream, env: {} });
  const long = `make -C ${'x'.repeat(40)}`;
  printNext(terminal, [
    ['make', 'builds'],
    [long, 'too long to say what it is for, too'],
  ]);
  expect(written).toBe(`next: make${' '.repeat(long.length - 4)}  # builds\n      ${long}\n`);
  written = '';
  printNext(terminal, []);
  expect(written).toBe('');
});
