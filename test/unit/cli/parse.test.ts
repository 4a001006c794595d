// Parsing of arguments: strict, and every value survives as it was typed.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { choice, decimal, flag, integer, integers, text } from '../../../src/cli/args.ts';
import type { CommandSpec } from '../../../src/cli/command.ts';
import { parseCommand } from '../../../src/cli/parse.ts';
import { editDistance, nearestName } from '../../../src/cli/suggest.ts';
import { wrap } from '../../../src/report/format.ts';
import { UserError } from '../../../src/util/errors.ts';

const SPEC: CommandSpec = {
  name: 'try',
  summary: 'a verb for tests.',
  examples: [['try', 'nothing']],
  positional: { name: 'RUN', describe: 'a run' },
  options: [
    { name: 'count', value: 'N', describe: 'a number' },
    { name: 'resume', value: 'RUN', optionalValue: true, describe: 'optional value' },
    { name: 'force', describe: 'a flag' },
  ],
  run: () => Promise.resolve(0),
};

const parse = (...argv: string[]) => parseCommand(SPEC, argv);

describe('parseCommand', () => {
  test('takes options in any order, with = or a space, and one positional', () => {
    const args = parse('--force', 'here', '--count=4');
    expect([flag(args, 'force'), args.positional, text(args, 'count')]).toEqual([true, 'here', '4']);
    expect(text(parse('--count', '-4'), 'count')).toBe('-4');
    expect(flag(parse(), 'force')).toBe(false);
    expect(parse('-h').options.get('help')).toBe(true);
  });

  test('an optional value may be left out, at the end or before an option', () => {
    expect(parse('--resume').options.get('resume')).toBe(true);
    expect(parse('--resume', '--force').options.get('resume')).toBe(true);
    expect(parse('--resume', 'out/a').options.get('resume')).toBe('out/a');
    expect(parse('--resume=').options.get('resume')).toBe(true);
  });

  test.each([
    [['--cuont', '1'], 'did you mean --count?'],
    [['--__proto__', '1'], 'option --__proto__ must be one'],
    [['--constructor'], 'option --constructor must be one'],
    [['-c', '1'], 'option -c must be one'],
    [['--count', '1', '--count', '2'], 'must be given once'],
    [['--count='], 'must be followed by N'],
    [['--force=1'], 'must stand alone'],
    [['a', 'b'], 'argument "b" must not follow a'],
    [[''], 'RUN must not be empty'],
  ])('%j: %s', (argv, message) => {
    expect(() => parse(...argv)).toThrow(UserError);
    expect(() => parse(...argv)).toThrow(message);
  });

  test('any value without dashes in front survives as it was typed', () => {
    fc.assert(
      fc.property(fc.string({ minLength: 1 }), (value) => {
        // yargs takes a pair of quotes around a value for the shell's
        fc.pre(!value.startsWith('--') && !/^(['"])[\s\S]*\1$/.test(value));
        expect(text(parse('--count', value), 'count')).toBe(value);
        expect(text(parse(`--count=${value}`), 'count')).toBe(value);
      }),
    );
  });
});

const given = (value: string) => ({ options: new Map([['count', value]]), positional: undefined });

describe('values', () => {
  test('whole numbers are read back as they print', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0 }), (n) => integer(given(String(n)), 'count', { min: 0 }) === n),
    );
  });

  test.each([
    'abc',
    '',
    ' 1',
    '1 ',
    '1.0',
    '1e3',
    '0x10',
    '01',
    '+1',
    'NaN',
    'Infinity',
    '1_000',
    '٣',
    '9'.repeat(20),
  ])('%j is no whole number', (value) => {
    expect(() => integer(given(value), 'count', { min: 0 })).toThrow('--count must be a whole number');
    expect(() => integers(given(value), 'count', { min: 0 })).toThrow('--count must be');
  });

  test('lists', () => {
    expect(integers(given('16,10'), 'count', { min: 1 })).toEqual([16, 10]);
    for (const value of [',', '16,', ',16', '16,,10', '16;10', '16, 10', '16,a']) {
      expect(() => integers(given(value), 'count', { min: 1 })).toThrow('whole numbers with commas between');
    }
  });

  test('decimals', () => {
    for (const value of ['0.03', '3e-2', '.5', '5.', '7', '-1']) {
      expect(decimal(given(value), 'count')).toBe(Number(value));
    }
    for (const value of ['fast', '0.1.2', '1e999', '0x1', 'NaN', '', ',5']) {
      expect(() => decimal(given(value), 'count')).toThrow('--count must be a number');
    }
  });

  test('choices', () => {
    expect(choice(given('a'), 'count', ['a', 'b'])).toBe('a');
    expect(() => choice(given('ternray'), 'count', ['ternary', 'binary'])).toThrow('did you mean ternary?');
  });
});

test('did-you-mean: near names only', () => {
  expect(editDistance('epcohs', 'epochs')).toBe(1);
  expect(editDistance('', 'abc')).toBe(3);
  expect(nearestName('epcohs', ['epochs', 'batch'])).toBe('epochs');
  expect(nearestName('zzzzz', ['epochs', 'batch'])).toBeUndefined();
  expect(nearestName('x', ['y'])).toBeUndefined();
  expect(nearestName('x', [])).toBeUndefined();
});

test('wrapped lines hold the words, no wider than asked', () => {
  fc.assert(
    fc.property(
      fc.array(fc.stringMatching(/^[a-z]{1,9}$/), { minLength: 1 }),
      fc.integer({ min: 9, max: 40 }),
      (words, width) => {
        const lines = wrap(words.join(' '), width);
        expect(lines.join(' ')).toBe(words.join(' '));
        expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(width);
      },
    ),
  );
});
