// What a verb of the command line declares. Parsing, help, strictness and docs/cli.md's test all read these
// declarations; a verb's own file imports nothing heavy, so that `--help` is instant.
import type { Interrupts } from './interrupt.ts';
import type { ParsedArgs } from './parse.ts';
import type { Terminal } from './terminal.ts';

export interface OptionSpec {
  /** Long name without dashes. */
  readonly name: string;
  /** Placeholder of the value; absent for a flag. */
  readonly value?: string;
  /** The value may be left out (`--resume [RUN]`). */
  readonly optionalValue?: boolean;
  /** The values it takes, where they are a fixed set. */
  readonly choices?: readonly string[];
  readonly describe: string;
}

export interface PositionalSpec {
  readonly name: string;
  readonly describe: string;
  readonly choices?: readonly string[];
}

export interface Context {
  readonly terminal: Terminal;
  readonly interrupts: Interrupts;
  /** Arguments as the user gave them, verb included; recorded in run manifests. */
  readonly argv: readonly string[];
}

export interface CommandSpec {
  readonly name: string;
  readonly summary: string;
  /** Command line (without `bitsim`) and what it does; the help opens with them. */
  readonly examples: readonly (readonly [command: string, what: string])[];
  readonly positional?: PositionalSpec;
  readonly options: readonly OptionSpec[];
  /** Returns the exit code. */
  run(args: ParsedArgs, context: Context): Promise<number>;
}

/** Options that every verb takes. */
export const COMMON_OPTIONS: readonly OptionSpec[] = [
  { name: 'json', describe: 'print one JSON object on stdout; messages go to stderr' },
  { name: 'debug', describe: 'show the stack trace of an error' },
  { name: 'help', describe: 'show this help' },
];
