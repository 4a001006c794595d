// `bitsim faults`: what inverted bits do to a net's answers.
import { FAULT_PLACES, type FaultPlace } from '../../sim/faults/sites.ts';
import { ExitCode, UserError } from '../../util/errors.ts';
import { choice, decimals, flag, integer, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import type { FaultsRequest } from '../faults-run.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { nameOfRun } from '../run-folder.ts';

const RATES = [1e-5, 1e-4, 1e-3, 1e-2];

const clash = (option: string, rule: string, value: string): UserError =>
  new UserError({ subject: option, rule, value, code: 'BITSIM_CLI_VALUE' });

const requestOf = (args: ParsedArgs): FaultsRequest => {
  const exhaustive = flag(args, 'exhaustive');
  const layer = text(args, 'layer');
  if (exhaustive && layer === undefined)
    throw clash('--exhaustive', 'come with --layer, the layer whose bits are all tried', 'no --layer');
  for (const name of ['rates', 'trials', 'seed']) {
    if (exhaustive && args.options.has(name))
      throw clash(`--${name}`, 'be left out with --exhaustive, which draws nothing', text(args, name)!);
  }
  if (!exhaustive && args.options.has('top'))
    throw clash('--top', 'come with --exhaustive', text(args, 'top')!);
  return {
    run: args.positional,
    data: text(args, 'data'),
    images: integer(args, 'images', { min: 1 }),
    place: (choice(args, 'where', FAULT_PLACES) ?? 'rom') as FaultPlace,
    layer,
    exhaustive,
    rates: decimals(args, 'rates', { above: 0, most: 1 }) ?? RATES,
    trials: integer(args, 'trials', { min: 1, max: 1000 }) ?? 5,
    seed: integer(args, 'seed', { min: 0 }) ?? 1,
    top: integer(args, 'top', { min: 1, max: 100_000 }) ?? 10,
  };
};

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const request = requestOf(args);
  const { faultsRun } = await import('../faults-run.ts');
  const { report, json, run: paths } = faultsRun(request, context);
  context.terminal.print(`${report}\n`);
  printNext(context.terminal, [[`bitsim report ${nameOfRun(paths)}`, 'the run as one page']]);
  context.terminal.result(json);
  return ExitCode.ok;
};

export const faultsCommand: CommandSpec = {
  name: 'faults',
  summary: "inverts bits of a net's hardware and measures what they do to its answers.",
  examples: [
    ['faults', 'ROM bits of all layers inverted at four rates, five times each'],
    [
      'faults out/demo --where accumulators --rates 1e-4,1e-3',
      'upsets of accumulators, other bits in each image',
    ],
    ['faults out/demo --exhaustive --layer fc1', 'each ROM bit of one layer in turn: which matter most'],
    ['faults --where activations --exhaustive --layer fc0 --images 500', 'each bit of each input code'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    {
      name: 'where',
      value: 'W',
      choices: FAULT_PLACES,
      describe:
        'rom (default): weight bits, wrong for all images; accumulators: finished sums; activations: codes that enter a layer; the last two are other bits in each image',
    },
    { name: 'layer', value: 'L', describe: 'dense layer, by name or by number from 0 (default: all)' },
    {
      name: 'rates',
      value: 'P,P',
      describe: 'probabilities that a bit is inverted (default 1e-5,1e-4,1e-3,1e-2)',
    },
    { name: 'trials', value: 'N', describe: 'draws at each rate (default 5)' },
    { name: 'seed', value: 'N', describe: 'seed of the draws (default 1)' },
    { name: 'exhaustive', describe: 'every bit of --layer, one at a time' },
    { name: 'top', value: 'N', describe: 'with --exhaustive: the most critical bits listed (default 10)' },
    {
      name: 'images',
      value: 'N',
      describe: 'first N test images (default: all; with --exhaustive 200)',
    },
    { name: 'data', value: 'DIR', describe: 'other data than the run was trained with' },
  ],
  run,
};
