// `bitsim verify`: proves that training graph, simulator and RTL compute the same integers.
import { join } from 'node:path';
import { BACKENDS } from '../../model/training.ts';
import { wrap } from '../../report/format.ts';
import type { VerificationRow } from '../../report/verification.ts';
import { ExitCode } from '../../util/errors.ts';
import { choice, flag, integer, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { type NextStep, printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import { nameOfRun } from '../run-folder.ts';
import type { ProgramResult } from '../verify-program.ts';
import type { RtlResult } from '../verify-rtl.ts';
import type { VerifyRequest, VerifyResult } from '../verify-run.ts';
import { FOLDING_OPTIONS, foldingOf } from './emit.ts';

const requestOf = (args: ParsedArgs): VerifyRequest => ({
  ...foldingOf(args),
  run: args.positional,
  data: text(args, 'data'),
  images: integer(args, 'images', { min: 1 }),
  rtl: choice(args, 'rtl', ['icarus', 'verilator', 'all', 'none'] as const),
  backend: choice(args, 'backend', ['auto', ...BACKENDS] as const) ?? 'auto',
  waves: flag(args, 'waves'),
  hls: flag(args, 'hls'),
  c: flag(args, 'c'),
});

const rtlRow = (result: RtlResult): VerificationRow => ({
  comparison: `${result.simulator}, RTL`,
  images: result.images,
  values: result.codes + result.logits + result.classes,
  equal: result.equal,
  tool: `${result.simulator} ${result.version}`,
  seconds: result.seconds,
});

/** Targets whose testbench is a program, as the table names them. */
const programsOf = ({ hls, c }: VerifyResult): (readonly [string, ProgramResult])[] => [
  ...(hls === null ? [] : [['HLS C++', hls] as const]),
  ...(c === null ? [] : [['C', c] as const]),
];

const programRow = ([comparison, result]: readonly [string, ProgramResult]): VerificationRow => {
  const { images, codes, logits, classes, equal, compiler, version, seconds } = result;
  const values = codes + logits + classes;
  return { comparison, images, values, equal, tool: `${compiler} ${version}`, seconds };
};

const weightsRow = ({ weights }: VerifyResult['graph']): VerificationRow[] => {
  if (weights === null) return [];
  const equal = weights.mismatches === 0 && weights.structure === null;
  const tool = 'checkpoint.bin';
  return [
    { comparison: 'trained weights', images: null, values: weights.values, equal, tool, seconds: null },
  ];
};

const referenceRow = ({ reference, engine }: VerifyResult['graph']): VerificationRow[] => {
  if (reference === null) return [];
  const { right: comparison, images, values, mismatches } = reference;
  return [{ comparison, images, values, equal: mismatches === 0, tool: engine ?? '', seconds: null }];
};

const rowsOf = (result: VerifyResult): VerificationRow[] => {
  const { graph, rtl } = result;
  const { comparison, backend } = graph;
  const rows = [
    ...referenceRow(graph),
    ...weightsRow(graph),
    ...rtl.map(rtlRow),
    ...programsOf(result).map(programRow),
  ];
  if (comparison === null || backend === null) return rows;
  const graphRow = {
    comparison: comparison.right,
    images: comparison.images,
    values: comparison.values,
    equal: comparison.mismatches === 0,
    tool: `tfjs ${backend.version} ${backend.name}`,
    seconds: graph.seconds,
  };
  return [graphRow, ...rows];
};

const cyclesLine = ({ simulator, predicted, measured }: RtlResult): string => {
  if (measured === null) return `${simulator}: no cycles measured`;
  const interval = measured.interval === null ? 'interval not measured' : `interval ${measured.interval}`;
  const predicts = `predicted ${predicted.latency} and ${predicted.interval}`;
  return wrap(
    `${simulator}: cycles without stalls: latency ${measured.latency}, ${interval} (${predicts})`,
  ).join('\n');
};

/** The report as text; shared with demo. */
export const verifyReport = async (result: VerifyResult): Promise<string> => {
  const [{ comparisonFault, mismatchText, operationsLine, verificationTable }, { describeWeights }] =
    await Promise.all([import('../../report/verification.ts'), import('../../sim/compare-weights.ts')]);
  const { labels } = result.images;
  const { comparison, operations, reason, weights, reference } = result.graph;
  const referenceFault = reference === null ? undefined : comparisonFault(reference, labels);
  const weightFault = weights === null ? undefined : describeWeights(weights);
  const fault =
    comparison === null ? `training graph: not compared, ${reason}` : comparisonFault(comparison, labels);
  const rtlFaults = result.rtl
    .filter((item) => !item.equal)
    .map(({ simulator, first, reason }) => {
      if (first === null) return `${simulator}: ${reason}`;
      return `${simulator}, ${first.stalls ? 'with' : 'without'} stalls: ${mismatchText(first, labels[first.image])}`;
    });
  const programFaults = programsOf(result)
    .filter(([, { equal }]) => !equal)
    .map(
      ([name, { first, reason }]) =>
        `${name}: ${first === null ? reason : mismatchText(first, labels[first.image])}`,
    );
  const faults = [
    ...[referenceFault, weightFault, fault].filter((text) => text !== undefined),
    ...rtlFaults,
    ...programFaults,
  ];
  const cycles = result.rtl.map(cyclesLine);
  if (operations !== null) cycles.unshift(operationsLine(operations));
  if (result.missing.length > 0) cycles.push(`not run, because not installed: ${result.missing.join(', ')}`);
  return [verificationTable(rowsOf(result)), '', ...cycles, ...faults].join('\n');
};

/** Where the waveforms lie. */
const wavesOf = ({ run, rtl }: VerifyResult): { path: string; from: number; to: number }[] =>
  rtl.flatMap(({ waves }) =>
    waves === null ? [] : [{ path: join(run.folder, waves.file), from: waves.from, to: waves.to }],
  );

/** What to do about a difference, or with a net that is equal. */
const nextSteps = (result: VerifyResult): NextStep[] => {
  const run = nameOfRun(result.run);
  if (result.equal)
    return [
      [`bitsim emit ${run} --target verilog`, 'the design'],
      [`bitsim report ${run}`, 'all of it as one page'],
    ];
  const waves = wavesOf(result);
  if (waves.length > 0) return waves.map(({ path }) => [`gtkwave ${path}`]);
  return result.rtl.some(({ first }) => first !== null)
    ? [[`bitsim verify ${run} --waves`, 'the waveform around it']]
    : [];
};

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const request = requestOf(args);
  const { verifyRun, verifyRecord } = await import('../verify-run.ts');
  const result = await verifyRun(request, context);
  const { terminal } = context;
  terminal.print(`\n${await verifyReport(result)}\n`);
  const verdict = result.equal
    ? terminal.style('green', 'equal: every compared integer is the same')
    : terminal.style('red', 'DIFFERENT');
  terminal.print(verdict);
  terminal.print(`written: ${result.run.verification}`);
  for (const { path, from, to } of wavesOf(result))
    terminal.print(`written: ${path} (cycles ${from} to ${to})`);
  printNext(terminal, nextSteps(result));
  terminal.result(verifyRecord(result, true));
  return result.equal ? ExitCode.ok : ExitCode.difference;
};

export const verifyCommand: CommandSpec = {
  name: 'verify',
  summary: 'proves that training graph, simulator and RTL of a run compute the same integers.',
  examples: [
    ['verify', 'the latest run: all test images against tfjs, some in each RTL simulator'],
    ['verify out/demo --rtl verilator --images 500', 'more images in one simulator'],
    ['verify --hls --c', 'the HLS C++ and the C as well, compiled with g++ and gcc'],
    ['verify --rtl none --json', 'training graph only, one JSON object'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    { name: 'data', value: 'DIR', describe: 'other data than the run was trained with' },
    {
      name: 'images',
      value: 'N',
      describe: 'test images in each RTL simulator (default: what takes seconds)',
    },
    {
      name: 'rtl',
      value: 'S',
      choices: ['icarus', 'verilator', 'all', 'none'],
      describe: 'icarus, verilator, all or none (default: whatever is installed)',
    },
    { name: 'hls', describe: 'compile the HLS target with g++ and run its testbench too' },
    { name: 'c', describe: 'compile the C target with gcc and run its test too' },
    ...FOLDING_OPTIONS,
    {
      name: 'waves',
      describe:
        "where RTL differs: write Icarus's waveform around the first difference into the run's folder",
    },
    {
      name: 'backend',
      value: 'B',
      choices: ['auto', ...BACKENDS],
      describe: 'tfjs backend: auto (default), node, wasm or cpu',
    },
  ],
  run,
};
