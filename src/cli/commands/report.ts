// `bitsim report`: a run as one HTML file.
import { dirname } from 'node:path';
import { ExitCode } from '../../util/errors.ts';
import { text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { nameOfRun } from '../run-folder.ts';
import { FOLDING_OPTIONS, foldingOf } from './emit.ts';

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const { rom: _, ...folding } = foldingOf(args);
  const request = { ...folding, run: args.positional, data: text(args, 'data'), out: text(args, 'out') };
  const { reportRun, reportJson } = await import('../report-run.ts');
  const result = await reportRun(request, context);
  const { terminal } = context;
  terminal.print(`written: ${result.page} (one file, opens in any browser)`);
  terminal.print(`         ${dirname(result.figures[0]!)} (its figures: SVG, and JSON with the data)\n`);
  printNext(terminal, [[`bitsim serve ${nameOfRun(result.run)}`, 'draw digits, watch the adders']]);
  terminal.result(reportJson(result));
  return ExitCode.ok;
};

export const reportCommand: CommandSpec = {
  name: 'report',
  summary: 'writes a run as one HTML file: curves, confusions, weights, widths, hardware, verification.',
  examples: [
    ['report', 'the latest run, into RUN/report/index.html'],
    ['report out/demo --pe 8,1 --simd 8,2', 'with the pipeline of another folding'],
    ['report --out site/demo', 'into site/demo'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    { name: 'out', value: 'DIR', describe: 'folder to write (default RUN/report)' },
    ...FOLDING_OPTIONS.filter(({ name }) => name !== 'rom'),
    { name: 'data', value: 'DIR', describe: 'other data than the run was trained with' },
  ],
  run,
};
