// User errors: one sentence of one shape, a stable code, an exit code.
import { expect, test } from 'vitest';
import { ExitCode, ToolMissingError, UserError } from '../../../src/util/errors.ts';

test('subject must rule, not value; hint', () => {
  const error = new UserError({
    subject: 'layer fc0: PE',
    rule: 'divide 64 outputs',
    value: 24,
    hint: 'try 16 or 32',
    code: 'BITSIM_PLAN_PE_DIVIDES',
  });
  expect(error.message).toBe('layer fc0: PE must divide 64 outputs, not 24; try 16 or 32');
  expect(error).toMatchObject({
    code: 'BITSIM_PLAN_PE_DIVIDES',
    exitCode: ExitCode.usage,
    name: 'UserError',
  });
  expect(error).toBeInstanceOf(Error);
});

test('value and hint may be left out; a value of 0 or of nothing is still shown', () => {
  const parts = { subject: 'x', rule: 'be y', code: 'BITSIM_X' };
  expect(new UserError(parts).message).toBe('x must be y');
  expect(new UserError({ ...parts, value: 0 }).message).toBe('x must be y, not 0');
  expect(new UserError({ ...parts, value: '' }).message).toBe('x must be y, not ');
  expect(new UserError({ ...parts, hint: 'h' }).message).toBe('x must be y; h');
});

test('cause and exit code are kept', () => {
  const cause = new Error('below');
  const error = new UserError({ subject: 'x', rule: 'y', code: 'C', cause, exitCode: 1 });
  expect([error.cause, error.exitCode]).toEqual([cause, 1]);
});

test('a missing tool exits with 3 and says how to get it', () => {
  const error = new ToolMissingError('yosys', 'synthesis', 'apt-get install yosys');
  expect(error).toBeInstanceOf(UserError);
  expect(error.exitCode).toBe(3);
  expect(error.message).toBe('yosys (synthesis) must be installed and on PATH; apt-get install yosys');
});

test('exit codes are the documented ones', () => {
  expect(ExitCode).toEqual({ ok: 0, difference: 1, usage: 2, toolMissing: 3, bug: 70, interrupted: 130 });
});
