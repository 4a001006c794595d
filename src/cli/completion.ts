// Completion scripts. Verbs first, then the verb's options; values and RUN are completed as file names.
import { COMMON_OPTIONS, type CommandSpec } from './command.ts';

const optionsOf = ({ options }: CommandSpec): string[] =>
  [...options, ...COMMON_OPTIONS].map(({ name }) => `--${name}`);

const verbs = (commands: readonly CommandSpec[]): string => commands.map(({ name }) => name).join(' ');

const bash = (commands: readonly CommandSpec[]): string =>
  [
    '_bitsim() {',
    `  local word=\${COMP_WORDS[COMP_CWORD]}`,
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${verbs(commands)}" -- "$word"))`,
    '    return',
    '  fi',
    '  [[ $word == -* ]] || return',
    `  case \${COMP_WORDS[1]} in`,
    ...commands.map(
      (command) =>
        `    ${command.name}) COMPREPLY=($(compgen -W "${optionsOf(command).join(' ')}" -- "$word")) ;;`,
    ),
    '  esac',
    '}',
    'complete -o default -F _bitsim bitsim',
  ].join('\n');

/** Between single quotes. */
const quoted = (text: string): string => text.replaceAll("'", "'\\''");

const zsh = (commands: readonly CommandSpec[]): string =>
  [
    '#compdef bitsim',
    '_bitsim() {',
    '  if (( CURRENT == 2 )); then',
    `    local -a verbs=(${commands.map(({ name, summary }) => `'${name}:${quoted(summary)}'`).join(' ')})`,
    "    _describe 'verb' verbs",
    '    return',
    '  fi',
    '  if [[ $words[CURRENT] != -* ]]; then',
    '    _files',
    '    return',
    '  fi',
    '  case $words[2] in',
    ...commands.map((command) => `    ${command.name}) compadd -- ${optionsOf(command).join(' ')} ;;`),
    '  esac',
    '}',
    'compdef _bitsim bitsim',
  ].join('\n');

const fish = (commands: readonly CommandSpec[]): string =>
  [
    ...commands.map(
      ({ name, summary }) => `complete -c bitsim -n __fish_use_subcommand -a ${name} -d '${quoted(summary)}'`,
    ),
    ...commands.flatMap(({ name, options }) =>
      [...options, ...COMMON_OPTIONS].map(
        (option) =>
          `complete -c bitsim -n '__fish_seen_subcommand_from ${name}' -l ${option.name} -d '${quoted(option.describe)}'`,
      ),
    ),
  ].join('\n');

/** The script of a shell. */
export const completionScript = (shell: 'bash' | 'zsh' | 'fish', commands: readonly CommandSpec[]): string =>
  ({ bash, zsh, fish })[shell](commands);
