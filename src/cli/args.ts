// Reads the text of options as numbers, lists and choices, strictly: "1e3", "0x10", "3.0" and " 8" are no whole
// numbers here, because a mistyped number must never become another number.
import { UserError } from '../util/errors.ts';
import type { ParsedArgs } from './parse.ts';
import { nearestName } from './suggest.ts';

const INTEGER = /^-?(0|[1-9][0-9]{0,14})$/;
const DECIMAL = /^-?([0-9]+\.?[0-9]*|\.[0-9]+)(e[+-]?[0-9]{1,3})?$/i;

const bad = (name: string, rule: string, value: string, hint?: string): UserError =>
  new UserError({ subject: `--${name}`, rule, value, hint, code: 'BITSIM_CLI_VALUE' });

export const flag = (args: ParsedArgs, name: string): boolean => args.options.get(name) === true;

/** Text of an option, or undefined when it was not given. */
export const text = (args: ParsedArgs, name: string): string | undefined => {
  const value = args.options.get(name);
  return typeof value === 'string' ? value : undefined;
};

export interface IntegerRange {
  readonly min: number;
  readonly max?: number;
}

const readInteger = (name: string, value: string, { min, max }: IntegerRange): number => {
  const number = INTEGER.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= (max ?? Number.MAX_SAFE_INTEGER)) return number;
  const rule =
    max === undefined ? `be a whole number, at least ${min}` : `be a whole number from ${min} to ${max}`;
  throw bad(name, rule, `"${value}"`);
};

/** A whole number in `range`, or undefined when the option was not given. */
export const integer = (args: ParsedArgs, name: string, range: IntegerRange): number | undefined => {
  const value = text(args, name);
  return value === undefined ? undefined : readInteger(name, value, range);
};

/** Whole numbers with commas between, e.g. `1024,256`; at least one. */
export const integers = (args: ParsedArgs, name: string, range: IntegerRange): number[] | undefined =>
  text(args, name)
    ?.split(',')
    .map((part, _, parts) => {
      if (INTEGER.test(part)) return readInteger(name, part, range);
      throw bad(name, 'be whole numbers with commas between', `"${parts.join(',')}"`, 'for example 16,10');
    });

/** A decimal number, or undefined when the option was not given. */
export const decimal = (args: ParsedArgs, name: string): number | undefined => {
  const value = text(args, name);
  if (value === undefined) return undefined;
  if (DECIMAL.test(value) && Number.isFinite(Number(value))) return Number(value);
  throw bad(name, 'be a number', `"${value}"`);
};

/** A decimal number above 0, or undefined when the option was not given. */
export const positive = (args: ParsedArgs, name: string): number | undefined => {
  const value = decimal(args, name);
  if (value === undefined || value > 0) return value;
  throw bad(name, 'be a number above 0', `"${value}"`);
};

/** Decimal numbers with commas between, each above `above` and at most `most`. */
export const decimals = (
  args: ParsedArgs,
  name: string,
  { above, most }: { readonly above: number; readonly most: number },
): number[] | undefined =>
  text(args, name)
    ?.split(',')
    .map((part) => {
      const number = DECIMAL.test(part) ? Number(part) : Number.NaN;
      if (number > above && number <= most) return number;
      throw bad(name, `be numbers above ${above}, at most ${most}, with commas between`, `"${part}"`);
    });

const pick = <T extends string>(name: string, value: string, from: readonly T[]): T => {
  const found = from.find((candidate) => candidate === value);
  if (found !== undefined) return found;
  const near = nearestName(value, from);
  throw bad(
    name,
    `be one of ${from.join(', ')}`,
    `"${value}"`,
    near === undefined ? undefined : `did you mean ${near}?`,
  );
};

/** One of `choices`, or undefined when the option was not given. */
export const choice = <T extends string>(
  args: ParsedArgs,
  name: string,
  from: readonly T[],
): T | undefined => {
  const value = text(args, name);
  return value === undefined ? undefined : pick(name, value, from);
};

/** Choices with commas between, or undefined when the option was not given. */
export const choices = <T extends string>(
  args: ParsedArgs,
  name: string,
  from: readonly T[],
): T[] | undefined =>
  text(args, name)
    ?.split(',')
    .map((value) => pick(name, value, from));

/** `value` without its undefined fields: what exactOptionalPropertyTypes asks of optional fields. */
export const given = <T extends object>(value: { [K in keyof T]: T[K] | undefined }): Partial<T> =>
  Object.fromEntries(Object.entries(value).filter(([, item]) => item !== undefined)) as Partial<T>;
