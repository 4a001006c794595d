// Where words go, how failures leave, and what a Network without checkpoint can be compared with.
import { describe, expect, test } from 'vitest';
import { describeFailure } from '../../../src/cli/exit.ts';
import { createTerminal, takesColour } from '../../../src/cli/terminal.ts';
import { ToolMissingError, UserError } from '../../../src/util/errors.ts';

const fake = (isTTY: boolean) => {
  const written: string[] = [];
  const stream = { isTTY, columns: 80, write: (text: string) => written.push(text) };
  return { stream: stream as unknown as NodeJS.WriteStream, written };
};

const terminalWith = (json: boolean, isTTY: boolean, env: NodeJS.ProcessEnv = {}) => {
  const [out, err] = [fake(isTTY), fake(isTTY)];
  return { terminal: createTerminal(json, { out: out.stream, err: err.stream, env }), out, err };
};

describe('terminal', () => {
  test('under --json stdout holds the result and nothing else', () => {
    const { terminal, out, err } = terminalWith(true, false);
    terminal.print('a table');
    terminal.note('a note');
    terminal.warn('a warning');
    terminal.progress('work').done();
    terminal.result({ a: 1 });
    expect(out.written).toEqual(['{"a":1}\n']);
    expect(err.written).toEqual(['a note\n', 'warning: a warning\n', 'work: done\n']);
    expect(() => terminal.result({})).toThrow('twice');
  });

  test('without --json there is no JSON', () => {
    const { terminal, out } = terminalWith(false, false);
    terminal.print('a table');
    terminal.result({ a: 1 });
    expect(out.written).toEqual(['a table\n']);
  });

  test('colours only on terminals, never with NO_COLOR or a dumb terminal', () => {
    expect(terminalWith(false, true).terminal.style('red', 'x')).toBe('\x1b[31mx\x1b[39m');
    expect(terminalWith(false, false).terminal.style('red', 'x')).toBe('x');
    expect(terminalWith(false, true, { NO_COLOR: '1' }).terminal.style('red', 'x')).toBe('x');
    expect(takesColour({ isTTY: true }, { TERM: 'dumb' })).toBe(false);
    expect(takesColour({ isTTY: true }, { NO_COLOR: '' })).toBe(true);
  });
});

describe('failures', () => {
  test("the user's: message and code, the stack only when asked for", () => {
    const error = new UserError({
      subject: '--pe',
      rule: 'divide 64',
      value: 24,
      hint: 'try 16',
      code: 'BITSIM_X',
    });
    const failure = describeFailure(error, false, '1.2.3');
    expect(failure).toMatchObject({ exitCode: 2, code: 'BITSIM_X' });
    expect(failure.text).toBe('error: --pe must divide 64, not 24; try 16 (BITSIM_X)');
    expect(describeFailure(error, true, '1.2.3').text).toMatch(/^\s+at /m);
  });

  test('a missing tool exits 3', () => {
    expect(describeFailure(new ToolMissingError('yosys', 'synthesis', 'apt-get'), false, '1').exitCode).toBe(
      3,
    );
  });

  test('anything else is a bug: 70, stack, cause, version', () => {
    const failure = describeFailure(
      new TypeError('x is undefined', { cause: new Error('deep') }),
      false,
      '1.2.3',
    );
    expect(failure).toMatchObject({ exitCode: 70, code: 'BITSIM_BUG' });
    for (const part of ['bug: x is undefined', 'caused by: Error: deep', 'bitsim 1.2.3', 'report it']) {
      expect(failure.text).toContain(part);
    }
    expect(describeFailure('a string', false, '1').exitCode).toBe(70);
  });
});
