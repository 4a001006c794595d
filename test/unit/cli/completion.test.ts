// Completion scripts, where the shell is there run in it.
import { spawnSync } from 'node:child_process';
import { expect, test } from 'vitest';
import { COMMANDS } from '../../../src/cli/commands/index.ts';
import { completionScript } from '../../../src/cli/completion.ts';
import { PRESETS } from '../../../src/train/options.ts';

const complete = (...words: string[]): string[] => {
  const script = [
    completionScript('bash', COMMANDS),
    `COMP_WORDS=(${words.map((word) => `'${word}'`).join(' ')}); COMP_CWORD=${words.length - 1}`,
    `_bitsim; printf "%s\\n" "\${COMPREPLY[@]}"`,
  ].join('\n');
  const { status, stdout } = spawnSync('bash', ['-c', script], { encoding: 'utf8' });
  expect(status).toBe(0);
  return stdout.split('\n').filter((line) => line !== '');
};

test('bash completes verbs, the options of the verb, and values of a fixed set', () => {
  expect(complete('bitsim', '')).toEqual(COMMANDS.map(({ name }) => name));
  expect(complete('bitsim', 'pr')).toEqual(['predict']);
  expect(complete('bitsim', 'synth', '--de')).toEqual(['--device', '--debug']);
  expect(complete('bitsim', 'synth', '--device', 'xc7')).toEqual(['xc7a35t', 'xc7a100t']);
  expect(complete('bitsim', 'train', '--preset', '')).toEqual(Object.keys(PRESETS));
  expect(complete('bitsim', 'completion', '')).toEqual(['bash', 'zsh', 'fish']);
  expect(complete('bitsim', 'emit', 'out/')).toEqual([]);
  expect(complete('bitsim', 'nonsense', '--')).toEqual([]);
});

test.each(['zsh', 'fish'] as const)('%s: every verb and every option is in the script', (shell) => {
  const script = completionScript(shell, COMMANDS);
  for (const { name, options } of COMMANDS) {
    expect(script).toContain(name);
    for (const option of options) {
      expect(script).toContain(option.name);
      if (option.choices !== undefined) expect(script).toContain(option.choices.join(' '));
    }
  }
});
