// `bitsim plan`: chooses and judges foldings before anything is emitted.
import { deviceNames } from '../../synth/devices.ts';
import { ExitCode } from '../../util/errors.ts';
import { flag, integer, positive, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { nameOfRun } from '../run-folder.ts';
import { FOLDING_OPTIONS, foldingOf } from './emit.ts';

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const { rom: _, ...folding } = foldingOf(args);
  const request = {
    ...folding,
    run: args.positional,
    clock: positive(args, 'clock') ?? 48,
    clockAsked: args.options.has('clock'),
    targetFps: positive(args, 'target-fps'),
    maxLuts: integer(args, 'max-luts', { min: 1 }),
    device: text(args, 'device'),
    out: text(args, 'out'),
    force: flag(args, 'force'),
  };
  const [{ planRun, planJson }, { foldingFlags, planReport }] = await Promise.all([
    import('../plan-run.ts'),
    import('../../report/plan.ts'),
  ]);
  const result = planRun(request, context);
  const { terminal } = context;
  terminal.print(`${planReport(result)}\n`);
  const chosen = result.out === null ? foldingFlags(result.plan) : `--plan ${result.out}`;
  printNext(terminal, [
    [`bitsim emit ${nameOfRun(result.run)} ${chosen}`, 'the design'],
    [`bitsim serve ${nameOfRun(result.run)}`, 'the same by sliders'],
  ]);
  terminal.result(planJson(result));
  return ExitCode.ok;
};

export const planCommand: CommandSpec = {
  name: 'plan',
  summary: 'chooses the folding of a run for a rate or a part, and estimates what it takes.',
  examples: [
    ['plan --device up5k', 'the fastest folding of the latest run that fits an iCE40 UP5K'],
    [
      'plan --target-fps 30000 --clock 100 --out folding.json',
      'the smallest for a rate, into a file to edit',
    ],
    ['plan --device hx8k --clock 130', 'with registers in the adder trees where that clock needs them'],
    ['plan --plan folding.json', 'what an edited file takes'],
    ['emit --plan folding.json', 'the Verilog of it'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    { name: 'target-fps', value: 'N', describe: 'images a second that must be reached at --clock' },
    {
      name: 'clock',
      value: 'MHZ',
      describe:
        'clock that the design will run at (default 48); with --device up5k or hx8k the registers that it needs are chosen',
    },
    {
      name: 'device',
      value: 'D',
      choices: deviceNames(),
      describe: 'part that it must fit: up5k, hx8k, ecp5-25k, xc7a35t, xc7a100t or xczu3eg',
    },
    { name: 'max-luts', value: 'N', describe: 'most LUTs that it may take' },
    ...FOLDING_OPTIONS.filter(({ name }) => name !== 'rom'),
    {
      name: 'out',
      value: 'FILE',
      describe: 'write the folding to FILE, for emit, verify, synth and trace --plan',
    },
    { name: 'force', describe: 'replace FILE when it is there' },
  ],
  run,
};
