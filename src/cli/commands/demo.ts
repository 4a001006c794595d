// `bitsim demo`: the whole way in about a minute.
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { flag, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import type { DemoResult } from '../demo-run.ts';
import { type NextStep, printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { verifyReport } from './verify.ts';

const nextSteps = (result: DemoResult): NextStep[] => {
  const { folder } = result.trained.start.paths;
  if (result.emitted === null) return [[`bitsim verify ${folder}`]];
  return [
    [`bitsim serve ${folder}`, 'the page: draw, watch the adders'],
    [`bitsim synth ${folder} --device up5k`, 'cells, Fmax, bitstream'],
    [`bitsim plan ${folder} --device hx8k`, 'the fastest folding that fits'],
    ['bitsim train --hidden 1024', '--data DIR for the full MNIST'],
  ];
};

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const out = text(args, 'out') ?? join('out', 'demo');
  const request = { data: text(args, 'data'), out, force: flag(args, 'force') };
  const [{ demoRun, demoFigures, demoJson }, { table }, { duration }] = await Promise.all([
    import('../demo-run.ts'),
    import('../../report/table.ts'),
    import('../../report/progress.ts'),
  ]);
  const result = await demoRun(request, context);
  const { terminal } = context;
  if (result.emitted === null) terminal.print(`\n${await verifyReport(result.verified)}`);
  terminal.print(`\n${table(['figure', 'value'], demoFigures(result))}\n`);
  for (const tool of result.proof?.missing ?? []) terminal.print(`missing, so less was proved: ${tool}`);
  const verdict = result.exitCode === 0 ? terminal.style('green', 'done') : terminal.style('red', 'FAILED');
  terminal.print(`${verdict} in ${duration(result.seconds)}`);
  if (result.report !== null) terminal.print(`report: ${pathToFileURL(result.report).href}`);
  terminal.print('');
  printNext(terminal, nextSteps(result));
  terminal.result(demoJson(result));
  return result.exitCode;
};

export const demoCommand: CommandSpec = {
  name: 'demo',
  summary:
    'the whole way in about a minute: trains 784-64-10, verifies, emits, proves the folder by itself, reports.',
  examples: [
    ['demo', 'the whole way: train, verify, emit, prove'],
    ['demo --data mnist --out out/mnist-demo', 'the same on the full MNIST in the folder mnist'],
  ],
  options: [
    {
      name: 'data',
      value: 'DIR',
      describe: 'folder with the four MNIST IDX files (default: embedded digits)',
    },
    { name: 'out', value: 'RUN', describe: 'folder of the run (default out/demo); a run in it is replaced' },
    { name: 'force', describe: 'replace RUN/verilog although its files were changed' },
  ],
  run,
};
