// Completion scripts. Verbs first, then the verb's options and the values of those that have a fixed set; other values and
// RUN are completed as file names.
import { COMMON_OPTIONS, type CommandSpec, type OptionSpec } from './command.ts';

const optionsOf = ({ options }: CommandSpec): readonly OptionSpec[] => [...options, ...COMMON_OPTIONS];

const optionNames = (command: CommandSpec): string =>
  optionsOf(command)
    .map(({ name }) => `--${name}`)
    .join(' ');

const verbs = (commands: readonly CommandSpec[]): string => commands.map(({ name }) => name).join(' ');

/** `verb --option` and the values it takes, for every option that has a fixed set. */
const choicesOf = (commands: readonly CommandSpec[]): (readonly [after: string, values: string])[] =>
  commands.flatMap((command) => [
    ...optionsOf(command).flatMap(({ name, choices }) =>
      choices === undefined ? [] : [[`${command.name} --${name}`, choices.join(' ')] as const],
    ),
    ...(command.positional?.choices === undefined
      ? []
      : [[`${command.name} ${command.name}`, command.positional.choices.join(' ')] as const]),
  ]);

const bash = (commands: readonly CommandSpec[]): string =>
  [
    '_bitsim() {',
    `  local word=\${COMP_WORDS[COMP_CWORD]}`,
    '  COMPREPLY=()',
    '  if [ "$COMP_CWORD" -eq 1 ]; then',
    `    COMPREPLY=($(compgen -W "${verbs(commands)}" -- "$word"))`,
    '    return',
    '  fi',
    `  case "\${COMP_WORDS[1]} \${COMP_WORDS[COMP_CWORD-1]}" in`,
    ...choicesOf(commands).map(
      ([after, values]) => `    '${after}') COMPREPLY=($(compgen -W "${values}" -- "$word")); return ;;`,
    ),
    '  esac',
    '  [[ $word == -* ]] || return',
    `  case \${COMP_WORDS[1]} in`,
    ...commands.map(
      (command) => `    ${command.name}) COMPREPLY=($(compgen -W "${optionNames(command)}" -- "$word")) ;;`,
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
    '  case "$words[2] $words[CURRENT-1]" in',
    ...choicesOf(commands).map(([after, values]) => `    '${after}') compadd -- ${values}; return ;;`),
    '  esac',
    '  if [[ $words[CURRENT] != -* ]]; then',
    '    _files',
    '    return',
    '  fi',
    '  case $words[2] in',
    ...commands.map((command) => `    ${command.name}) compadd -- ${optionNames(command)} ;;`),
    '  esac',
    '}',
    'compdef _bitsim bitsim',
  ].join('\n');

/** What follows an option in fish: one of its values, a file, or nothing. */
const fishValue = ({ value, choices }: OptionSpec): string => {
  if (choices !== undefined) return ` -x -a '${choices.join(' ')}'`;
  return value === undefined ? '' : ' -r';
};

const fish = (commands: readonly CommandSpec[]): string =>
  commands
    .flatMap((command) => {
      const within = `complete -c bitsim -n '__fish_seen_subcommand_from ${command.name}'`;
      return [
        `complete -c bitsim -n __fish_use_subcommand -f -a ${command.name} -d '${quoted(command.summary)}'`,
        ...optionsOf(command).map(
          (option) => `${within} -l ${option.name}${fishValue(option)} -d '${quoted(option.describe)}'`,
        ),
        ...(command.positional?.choices === undefined
          ? []
          : [`${within} -f -a '${command.positional.choices.join(' ')}'`]),
      ];
    })
    .join('\n');

/** The script of a shell. */
export const completionScript = (shell: 'bash' | 'zsh' | 'fish', commands: readonly CommandSpec[]): string =>
  ({ bash, zsh, fish })[shell](commands);
