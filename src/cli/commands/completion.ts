// `bitsim completion`: completion of verbs and options for bash, zsh and fish, from the verbs' declarations.
import { ExitCode, UserError } from '../../util/errors.ts';
import type { CommandSpec, Context } from '../command.ts';
import type { ParsedArgs } from '../parse.ts';
import { nearestName } from '../suggest.ts';

const SHELLS = ['bash', 'zsh', 'fish'] as const;
type Shell = (typeof SHELLS)[number];

const shellOf = ({ positional }: ParsedArgs): Shell => {
  const shell = SHELLS.find((name) => name === positional);
  if (shell !== undefined) return shell;
  const near = nearestName(positional ?? '', SHELLS);
  throw new UserError({
    subject: 'SHELL',
    rule: `be one of ${SHELLS.join(', ')}`,
    value: positional === undefined ? 'missing' : `"${positional}"`,
    hint: near === undefined ? undefined : `did you mean ${near}?`,
    code: 'BITSIM_CLI_VALUE',
  });
};

const run = async (args: ParsedArgs, { terminal }: Context): Promise<number> => {
  const shell = shellOf(args);
  const [{ COMMANDS }, { completionScript }] = await Promise.all([
    import('./index.ts'),
    import('../completion.ts'),
  ]);
  const script = completionScript(shell, COMMANDS);
  terminal.print(script);
  terminal.result({ command: 'completion', shell, script });
  return ExitCode.ok;
};

export const completionCommand: CommandSpec = {
  name: 'completion',
  summary: 'prints a script that lets a shell complete verbs, options and their values.',
  examples: [
    ['completion bash', 'for ~/.bashrc: source <(bitsim completion bash)'],
    ['completion zsh', 'for ~/.zshrc: source <(bitsim completion zsh)'],
    ['completion fish', 'for fish: bitsim completion fish | source'],
  ],
  positional: { name: 'SHELL', describe: 'bash, zsh or fish', choices: SHELLS },
  options: [],
  run,
};
