// Help text, at most 80 columns, printed from the verbs' declarations. A verb's help opens with examples.
import { wrap } from '../report/format.ts';
import { COMMON_OPTIONS, type CommandSpec, type OptionSpec } from './command.ts';

const WIDTH = 80;

const columns = (rows: readonly (readonly [string, string])[]): string[] => {
  const left = Math.min(28, Math.max(...rows.map(([name]) => name.length)) + 2);
  return rows.flatMap(([name, description]) => {
    const lines = wrap(description, WIDTH - left - 2);
    const fits = name.length + 2 <= left;
    const first = fits
      ? [`  ${name.padEnd(left)}${lines[0]}`]
      : [`  ${name}`, `  ${' '.repeat(left)}${lines[0]}`];
    return [...first, ...lines.slice(1).map((line) => `  ${' '.repeat(left)}${line}`)];
  });
};

/** `--epochs N`, `--resume [RUN]`, `--force`. */
export const optionLabel = (option: OptionSpec): string => {
  if (option.value === undefined) return `--${option.name}`;
  return option.optionalValue ? `--${option.name} [${option.value}]` : `--${option.name} ${option.value}`;
};

const exampleLines = (spec: CommandSpec): string[] =>
  spec.examples.flatMap(([command, what]) => [
    `  bitsim ${command}`,
    ...wrap(what, WIDTH - 6).map((line) => `      ${line}`),
  ]);

export const commandHelp = (spec: CommandSpec): string => {
  const { positional } = spec;
  const usage = `bitsim ${spec.name}${positional === undefined ? '' : ` [${positional.name}]`} [options]`;
  const rows: [string, string][] = [...spec.options, ...COMMON_OPTIONS].map((option) => [
    optionLabel(option),
    option.describe,
  ]);
  if (positional !== undefined) rows.unshift([positional.name, positional.describe]);
  return [
    'Examples:',
    ...exampleLines(spec),
    '',
    `Usage: ${usage}`,
    ...wrap(spec.summary, WIDTH),
    '',
    ...columns(rows),
    '',
  ].join('\n');
};

export const programHelp = (specs: readonly CommandSpec[], version: string): string =>
  [
    `bitsim ${version}: train ternary networks, prove them, emit Verilog`,
    '',
    'Examples:',
    ...specs
      .map((spec) => spec.examples[0]!)
      .map(([command, what]) => `  bitsim ${command.padEnd(24)} # ${what}`),
    '',
    'Usage: bitsim <verb> [options]',
    '',
    ...columns(specs.map((spec): [string, string] => [spec.name, spec.summary])),
    '',
    '  bitsim <verb> --help shows its options; --version prints the version.',
    '  Exit codes: 0 done or equal, 1 verification found a difference, 2 usage or bad',
    '  input, 3 a required tool is missing, 70 a bug in bitsim, 130 interrupted.',
    '',
  ].join('\n');
