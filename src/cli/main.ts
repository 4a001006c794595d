#!/usr/bin/env node
// The bin `bitsim`. Picks the verb, parses its options, runs it, and turns whatever escapes into a message and an exit
// code. Nothing heavy is imported here: each verb loads what it needs when it runs.
import { ExitCode, UserError } from '../util/errors.ts';
import type { CommandSpec } from './command.ts';
import { COMMANDS } from './commands/index.ts';
import { describeFailure } from './exit.ts';
import { commandHelp, programHelp } from './help.ts';
import { installInterrupts } from './interrupt.ts';
import { parseCommand } from './parse.ts';
import { nearestName } from './suggest.ts';
import { createTerminal, takesColour } from './terminal.ts';
import { bitsimVersion } from './version.ts';

const commandOf = (verb: string): CommandSpec => {
  const found = COMMANDS.find((command) => command.name === verb);
  if (found !== undefined) return found;
  const names = COMMANDS.map((command) => command.name);
  const near = nearestName(verb, names);
  throw new UserError({
    subject: verb.startsWith('-') ? `option ${verb}` : `verb ${verb}`,
    rule: verb.startsWith('-') ? 'follow a verb' : `be one of ${names.join(', ')}`,
    hint: near === undefined ? 'see bitsim --help' : `did you mean bitsim ${near}?`,
    code: 'BITSIM_CLI_VERB',
  });
};

const runCommand = async (argv: readonly string[], json: boolean): Promise<number> => {
  const [verb, ...rest] = argv;
  if (verb === undefined) {
    process.stderr.write(programHelp(COMMANDS, bitsimVersion()));
    return ExitCode.usage;
  }
  if (verb === '--version' || verb === '--help' || verb === '-h' || verb === 'help') {
    process.stdout.write(
      verb === '--version' ? `${bitsimVersion()}\n` : programHelp(COMMANDS, bitsimVersion()),
    );
    return ExitCode.ok;
  }
  const command = commandOf(verb);
  const args = parseCommand(command, rest);
  if (args.options.has('help')) {
    process.stdout.write(commandHelp(command));
    return ExitCode.ok;
  }
  const terminal = createTerminal(json, { out: process.stdout, err: process.stderr, env: process.env });
  const interrupts = installInterrupts((text) => process.stderr.write(text));
  return command.run(args, { terminal, interrupts, argv });
};

const reportFailure = (error: unknown, json: boolean, debug: boolean): number => {
  const { exitCode, code, message, text } = describeFailure(error, debug, bitsimVersion());
  const label = text.slice(0, text.indexOf(':') + 1);
  const red = takesColour(process.stderr, process.env) ? `\x1b[31m${label}\x1b[39m` : label;
  process.stderr.write(`${red}${text.slice(label.length)}\n`);
  if (json) process.stdout.write(`${JSON.stringify({ error: { code, message, exitCode } })}\n`);
  return exitCode;
};

/** A reader that went away (`bitsim train | head`) is no fault; a full disk behind `>` is the user's to mend. */
const watchStreams = (): void => {
  process.stdout.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code === 'EPIPE') process.exit(ExitCode.ok);
    process.stderr.write(`error: standard output must be writable, not ${error.code} (BITSIM_FILE_WRITE)\n`);
    process.exit(ExitCode.usage);
  });
  process.stderr.on('error', () => undefined);
};

const flushed = (stream: NodeJS.WriteStream): Promise<void> =>
  new Promise((resolve) => stream.write('', () => resolve()));

const main = async (argv: readonly string[]): Promise<void> => {
  watchStreams();
  const json = argv.includes('--json');
  const debug = argv.includes('--debug') || Boolean(process.env.BITSIM_DEBUG);
  const fail = (error: unknown): number => reportFailure(error, json, debug);
  process.on('uncaughtException', (error) => process.exit(fail(error)));
  const exitCode = await runCommand(argv, json).catch(fail);
  await flushed(process.stdout);
  await flushed(process.stderr);
  process.exit(exitCode);
};

await main(process.argv.slice(2));
