// From argv to the values of one verb's options, by yargs with its guessing switched off: no numbers, no negation, no
// camel case, no dots. Strict: an unknown option, a repeated option, a missing or surplus value and a surplus argument
// are errors that name the nearest right spelling. Values stay text; args.ts reads them.
import yargs from 'yargs';
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

const PARSER = {
  'boolean-negation': false,
  'camel-case-expansion': false,
  'dot-notation': false,
  'duplicate-arguments-array': true,
  'parse-numbers': false,
  'parse-positional-numbers': false,
  'short-option-groups': false,
} as const;

/** `--out --force` names no folder, and `--count -x` is a value: written with `=`, neither is left to a guess. */
const joinValues = (argv: readonly string[], taking: ReadonlySet<string>): string[] => {
  const joined: string[] = [];
  for (let i = 0; i < argv.length; i++) {
    const arg = argv[i]!;
    const next = argv[i + 1];
    if (!taking.has(arg)) joined.push(arg);
    else if (next === undefined || next.startsWith('--')) joined.push(`${arg}=`);
    else {
      joined.push(`${arg}=${next}`);
      i++;
    }
  }
  return joined;
};

/** Refuses `--force=1`, which yargs would read as a flag. */
const checkFlags = (spec: CommandSpec, argv: readonly string[], options: readonly OptionSpec[]): void => {
  for (const { name, value } of options) {
    const surplus = argv.find((arg) => value === undefined && arg.startsWith(`--${name}=`));
    if (surplus === undefined) continue;
    const text = surplus.slice(name.length + 3);
    throw usageError(spec, `--${name}`, `stand alone, without "${text}"`, 'VALUE_SURPLUS');
  }
};

const checkKnown = (spec: CommandSpec, argv: readonly string[], options: readonly OptionSpec[]): void => {
  const known = new Set([...options.map(({ name }) => `--${name}`), '-h']);
  for (const arg of argv) {
    if (arg === '--') return;
    const rawName = arg.split('=', 1)[0]!;
    if (/^-./.test(arg) && !known.has(rawName)) throw unknown(spec, rawName);
  }
};

const optionValue = (spec: CommandSpec, option: OptionSpec, value: unknown): string | true => {
  if (option.value === undefined) return true;
  if (Array.isArray(value)) {
    const hint = 'lists are written with commas: 16,10';
    throw usageError(spec, `--${option.name}`, 'be given once', 'REPEATED', hint);
  }
  if (value !== '') return String(value);
  if (option.optionalValue) return true;
  throw usageError(spec, `--${option.name}`, `be followed by ${option.value}`, 'VALUE_MISSING');
};

interface RawArgs {
  readonly options: ReadonlyMap<string, unknown>;
  readonly positionals: readonly string[];
}

const readArgv = (spec: CommandSpec, argv: readonly string[]): RawArgs => {
  const options = optionsOf(spec);
  const joined = joinValues(
    argv,
    new Set(options.filter((o) => o.value !== undefined).map((o) => `--${o.name}`)),
  );
  checkKnown(spec, joined, options);
  checkFlags(spec, joined, options);
  const types = options.map(
    ({ name, value }) => [name, { type: value === undefined ? 'boolean' : 'string' }] as const,
  );
  const parsed = yargs(joined)
    .parserConfiguration(PARSER)
    .help(false)
    .version(false)
    .exitProcess(false)
    .alias('help', 'h')
    .options(Object.fromEntries(types))
    .parseSync();
  const found = options.map(({ name }) => [name, (parsed as Record<string, unknown>)[name]] as const);
  return {
    options: new Map(found.filter(([, value]) => value !== undefined && value !== false)),
    positionals: parsed._.map(String),
  };
};

/** Parses the arguments after the verb. Throws UserError for everything that `spec` does not declare. */
export const parseCommand = (spec: CommandSpec, argv: readonly string[]): ParsedArgs => {
  const raw = readArgv(spec, argv);
  const options = new Map<string, string | true>();
  for (const option of optionsOf(spec)) {
    if (raw.options.has(option.name))
      options.set(option.name, optionValue(spec, option, raw.options.get(option.name)));
  }
  const { positionals } = raw;
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
