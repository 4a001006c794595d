// `bitsim synth`: cells, clock and bitstream of a run's design for one device.
import { deviceNames } from '../../synth/devices.ts';
import { ExitCode } from '../../util/errors.ts';
import { decimal, flag, integer, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { nameOfRun } from '../run-folder.ts';
import { FOLDING_OPTIONS, foldingOf } from './emit.ts';

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const request = {
    ...foldingOf(args),
    run: args.positional,
    data: text(args, 'data'),
    device: text(args, 'device') ?? 'hx8k',
    clock: decimal(args, 'clock') ?? 48,
    seed: integer(args, 'seed', { min: 0 }) ?? 1,
    pnr: !flag(args, 'no-pnr'),
  };
  const [{ synthRun, synthRecord }, { synthesisReport }] = await Promise.all([
    import('../synth-run.ts'),
    import('../../report/synthesis.ts'),
  ]);
  const result = await synthRun(request, context);
  const { plan } = result;
  const cycles = { interval: plan.initiationInterval, latency: plan.latency };
  const { terminal } = context;
  terminal.print(synthesisReport({ ...result, ...cycles }));
  terminal.print(`written: ${result.folder}/report.json\n`);
  printNext(terminal, [[`bitsim report ${nameOfRun(result.run)}`, 'beside accuracy and comparisons']]);
  terminal.result(synthRecord(result));
  return ExitCode.ok;
};

export const synthCommand: CommandSpec = {
  name: 'synth',
  summary: "synthesizes a run's design for a device with Yosys and nextpnr: cells, clock, bitstream.",
  examples: [
    ['synth --device up5k', 'the latest run on an iCE40 UP5K'],
    ['synth out/demo --device hx8k --pe 8,1 --simd 8,2', 'another folding, placed and routed for an HX8K'],
    ['synth --device xc7a35t --json', 'cell counts for a Xilinx part, one JSON object'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    {
      name: 'device',
      value: 'D',
      choices: deviceNames(),
      describe:
        'up5k, hx8k (default), ecp5-25k, xc7a35t, xc7a100t or xczu3eg; iCE40 parts are placed and routed',
    },
    ...FOLDING_OPTIONS,
    { name: 'clock', value: 'MHZ', describe: 'clock asked of place and route (default 48)' },
    { name: 'seed', value: 'N', describe: 'seed of the placer (default 1)' },
    { name: 'no-pnr', describe: 'cell counts only' },
    { name: 'data', value: 'DIR', describe: 'other data than the run was trained with' },
  ],
  run,
};
