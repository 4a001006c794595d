// `bitsim eval`: accuracy of a net on a whole set, by the fast simulator.
import { ExitCode } from '../../util/errors.ts';
import { choice, integer, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { nameOfRun } from '../run-folder.ts';

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const request = {
    run: args.positional ?? text(args, 'model'),
    data: text(args, 'data'),
    split: choice(args, 'split', ['test', 'train'] as const) ?? 'test',
    threads: integer(args, 'threads', { min: 1, max: 64 }) ?? 1,
  };
  const { evalRun } = await import('../eval-run.ts');
  const { report, json, run: paths } = await evalRun(request, context);
  context.terminal.print(`${report}\n`);
  printNext(context.terminal, [
    [`bitsim inspect ${nameOfRun(paths)}`, 'what the integers reach'],
    [`bitsim serve ${nameOfRun(paths)}`, 'draw digits for it'],
  ]);
  context.terminal.result(json);
  return ExitCode.ok;
};

export const evalCommand: CommandSpec = {
  name: 'eval',
  summary: 'measures a net on a whole set of images with the fast simulator.',
  examples: [
    ['eval', 'the latest run on its test images'],
    ['eval --model out/demo --data mnist', 'a run on the official test images in the folder mnist'],
    ['eval out/demo --split train --threads 2 --json', 'its training images, on two threads'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    { name: 'model', value: 'RUN', describe: 'the same as RUN' },
    {
      name: 'data',
      value: 'DIR',
      describe: 'folder with MNIST IDX files (default: the data that the run was trained with)',
    },
    { name: 'split', value: 'S', choices: ['test', 'train'], describe: 'test (default) or train' },
    {
      name: 'threads',
      value: 'N',
      describe: 'threads that evaluate, this one among them (default 1); results do not depend on it',
    },
  ],
  run,
};
