// From argv to the values of one verb's options. Strict: an unknown option, a repeated option, a missing or surplus
// value and a surplus argument are errors that name the nearest right spelling. Values stay text; args.ts reads them.
import { parseArgs } from 'node:util';
import { UserError } from '../util/errors.ts';
import { COMMON_OPTIONS, type CommandSpec, type OptionSpec } from './command.ts';
import { nearestName } from './suggest.ts';

export interface ParsedArgs {
  /** Text of each option that was given; `true` for a flag, or for an optional value left out. */
  readonly options: ReadonlyMap<string, string | true>;
  readonly positional: string | undefined;
}

const optionsOf = (spec: CommandSpec): readonly OptionSpec[] => [...spec.options, ...COMMON_OPTIONS];

const usageError = (
  spec: CommandSpec,
  subject: string,
  rule: string,
  code: string,
  hint?: string,
): UserError =>
  new UserError({
    subject,
    rule,
    hint: hint ?? `see bitsim ${spec.name} --help`,
    code: `BITSIM_CLI_${code}`,
  });

const unknown = (spec: CommandSpec, rawName: string): UserError => {
  const names = optionsOf(spec).map((option) => option.name);
  const near = nearestName(rawName.replace(/^-+/, ''), names);
  const hint = near === undefined ? undefined : `did you mean --${near}?`;
  return usageError(
    spec,
    `option ${rawName}`,
    `be one that bitsim ${spec.name} knows`,
    'UNKNOWN_OPTION',
    hint,
  );
};

interface OptionToken {
  readonly name: string;
  readonly rawName: string;
  readonly value?: string | undefined;
}

const optionValue = (spec: CommandSpec, option: OptionSpec, token: OptionToken): string | true => {
  const name = `--${option.name}`;
  if (option.value === undefined) {
    if (token.value === undefined) return true;
    throw usageError(spec, name, `stand alone, without "${token.value}"`, 'VALUE_SURPLUS');
  }
  if (token.value === undefined && option.optionalValue) return true;
  if (token.value === undefined || token.value === '') {
    throw usageError(spec, name, `be followed by ${option.value}`, 'VALUE_MISSING');
  }
  return token.value;
};

/** `--out --force` names no folder: a following option is not a value. */
const shieldOptions = (argv: readonly string[], options: readonly OptionSpec[]): string[] => {
  const taking = new Map(options.filter((o) => o.value !== undefined).map((o) => [`--${o.name}`, o]));
  return argv.map((arg, i) => {
    const next = argv[i + 1];
    return taking.has(arg) && (next === undefined || next.startsWith('--')) ? `${arg}=` : arg;
  });
};

const tokensOf = (spec: CommandSpec, argv: readonly string[]) => {
  const options = optionsOf(spec);
  const { tokens } = parseArgs({
    args: shieldOptions(argv, options),
    options: Object.fromEntries(
      options.map((o) => [o.name, { type: o.value === undefined ? 'boolean' : 'string' } as const]),
    ),
    strict: false,
    allowPositionals: true,
    tokens: true,
  });
  return tokens;
};

const readOption = (spec: CommandSpec, token: OptionToken, values: Map<string, string | true>): void => {
  const option =
    token.rawName.startsWith('--') || token.name === 'h'
      ? optionsOf(spec).find((o) => o.name === (token.rawName === '-h' ? 'help' : token.name))
      : undefined;
  if (option === undefined) throw unknown(spec, token.rawName);
  if (values.has(option.name) && option.value !== undefined) {
    throw usageError(
      spec,
      `--${option.name}`,
      'be given once',
      'REPEATED',
      'lists are written with commas: 16,10',
    );
  }
  const empty = option.optionalValue && token.value === '';
  values.set(option.name, optionValue(spec, option, empty ? { ...token, value: undefined } : token));
};

/** Parses the arguments after the verb. Throws UserError for everything that `spec` does not declare. */
export const parseCommand = (spec: CommandSpec, argv: readonly string[]): ParsedArgs => {
  const options = new Map<string, string | true>();
  const positionals: string[] = [];
  for (const token of tokensOf(spec, argv)) {
    if (token.kind === 'option') readOption(spec, token, options);
    if (token.kind === 'positional') positionals.push(token.value);
  }
  const allowed = spec.positional === undefined ? 0 : 1;
  const surplus = positionals[allowed];
  if (surplus !== undefined) {
    const rule =
      allowed === 0 ? 'not be there: this verb takes options only' : `not follow ${positionals[0]}`;
    throw usageError(spec, `argument "${surplus}"`, rule, 'SURPLUS_ARGUMENT');
  }
  if (positionals[0] === '') throw usageError(spec, spec.positional!.name, 'not be empty', 'VALUE_MISSING');
  return { options, positional: positionals[0] };
};
