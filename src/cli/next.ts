// What to type next, at the end of a verb: commands that can be copied as they stand, however bitsim was started.
import { basename, relative } from 'node:path';
import type { Terminal } from './terminal.ts';

/** A command, and what it is for. `bitsim` at its start stands for however bitsim was started. */
export type NextStep = readonly [command: string, purpose?: string];

const WIDTH = 80;
const LABEL = 'next: ';

/** How the reader starts bitsim: by its name, through npx, or by the path of the built program. */
export const programName = (script: string, env: NodeJS.ProcessEnv, cwd: string): string => {
  if (env.npm_command === 'exec') return 'npx bitsim';
  if (basename(script) === 'bitsim') return 'bitsim';
  const path = relative(cwd, script);
  return `node ${path.startsWith('..') ? script : path}`;
};

const spoken = (command: string): string =>
  command.replace(/^bitsim /, `${programName(process.argv[1] ?? 'bitsim', process.env, process.cwd())} `);

/** The steps under `next:`, purposes in a column where they fit. */
export const printNext = (terminal: Terminal, steps: readonly NextStep[]): void => {
  const commands = steps.map(([command]) => spoken(command));
  const widest = Math.max(...commands.map((command) => command.length));
  steps.forEach(([, purpose], i) => {
    const command = commands[i]!;
    const fits = LABEL.length + widest + 4 + (purpose?.length ?? 0) <= WIDTH;
    const comment =
      purpose === undefined || !fits ? '' : `${' '.repeat(widest - command.length)}  # ${purpose}`;
    const label = i === 0 ? LABEL : ' '.repeat(LABEL.length);
    terminal.print(`${label}${terminal.style('bold', command)}${comment}`);
  });
};
