// `bitsim emit`: writes a run's net as a folder of Verilog, HLS C++ or C.
import { join } from 'node:path';
import { ExitCode, UserError } from '../../util/errors.ts';
import { choice, choices, flag, integer, integers, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import type { EmitRequest } from '../emit-run.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';

/** Foldings, shared with verify. */
export const FOLDING_OPTIONS: CommandSpec['options'] = [
  {
    name: 'pe',
    value: 'N,N',
    describe: 'outputs a cycle of each dense layer (default: about 4,000 cycles an image)',
  },
  { name: 'simd', value: 'N,N', describe: 'inputs a cycle of each dense layer' },
  {
    name: 'pipeline',
    value: 'N,N',
    describe: 'registers within the adder trees of each dense layer, for a higher clock (default 0)',
  },
  {
    name: 'packing',
    value: 'P',
    choices: ['auto', '2bit', 'base3'],
    describe:
      'trits in the ROM: 2bit, base3 (five in a byte), or auto (default): base3 where only that fits an UP5K',
  },
  {
    name: 'skip-zeros',
    value: 'S,S',
    choices: ['off', 'on', 'auto'],
    describe:
      'Verilog: off (default), on or auto (where it pays), for each layer or all: words whose trits are all 0 cost no cycle',
  },
  {
    name: 'plan',
    value: 'FILE',
    describe: 'folding, packing and skipped zeros from a file, as bitsim plan --out writes it',
  },
  {
    name: 'rom',
    value: 'R',
    choices: ['readmemh', 'case'],
    describe: 'Verilog: weights as readmemh images (default) or as case statements',
  },
];

const planFileOf = (args: ParsedArgs): string | undefined => {
  const file = text(args, 'plan');
  const other = ['pe', 'simd', 'pipeline', 'packing', 'skip-zeros'].find((name) => args.options.has(name));
  if (file === undefined || other === undefined) return file;
  throw new UserError({
    subject: `--plan and --${other}`,
    rule: 'not be given together: the file says how every layer is folded, pipelined and packed',
    hint: 'edit the file, or leave --plan out',
    code: 'BITSIM_CLI_CONFLICT',
  });
};

/** Reads FOLDING_OPTIONS. */
export const foldingOf = (args: ParsedArgs) => ({
  pe: integers(args, 'pe', { min: 1 }),
  simd: integers(args, 'simd', { min: 1 }),
  pipeline: integers(args, 'pipeline', { min: 0 }),
  packing: choice(args, 'packing', ['auto', '2bit', 'base3'] as const),
  skipZeros: choices(args, 'skip-zeros', ['off', 'on', 'auto'] as const),
  planFile: planFileOf(args),
  rom: choice(args, 'rom', ['readmemh', 'case'] as const) ?? ('readmemh' as const),
});

const requestOf = (args: ParsedArgs): EmitRequest => ({
  ...foldingOf(args),
  run: args.positional,
  target: text(args, 'target') ?? 'verilog',
  out: text(args, 'out'),
  data: text(args, 'data'),
  flows: text(args, 'flow')?.split(','),
  vectors: integer(args, 'vectors', { min: 1 }),
  force: flag(args, 'force'),
});

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const request = requestOf(args);
  const [{ emitRun, emitJson }, { designReport }] = await Promise.all([
    import('../emit-run.ts'),
    import('../../report/design.ts'),
  ]);
  const result = emitRun(request, context);
  const { terminal } = context;
  if (result.target.folded) terminal.print(`${designReport(result.network, result.plan)}\n`);
  terminal.print(
    `written: ${result.folder} (${result.bundle.files.size} files, top ${result.bundle.manifest.top.module}, ${result.vectors} golden images)`,
  );
  terminal.print(`         ${join(result.folder, 'README.md')} says how to use it\n`);
  printNext(terminal, [[`make -C ${result.folder} ${result.target.goals}`]]);
  terminal.result(emitJson(result));
  return ExitCode.ok;
};

export const emitCommand: CommandSpec = {
  name: 'emit',
  summary:
    'writes a run as Verilog, HLS C++ or C with testbench, golden vectors from real images and build files.',
  examples: [
    ['emit --target verilog', 'the latest run, into RUN/verilog'],
    ['emit --target hls', 'HLS C++ that any C++14 compiler can run, into RUN/hls'],
    ['emit --target c', 'C99 for a microcontroller, into RUN/c'],
    ['emit --target hls --flow all', 'with tops and scripts for Vitis HLS, Catapult and Bambu'],
    ['emit --rom case --flow tinytapeout', 'with a Tiny Tapeout project around the Verilog'],
    ['emit out/demo --target verilog --pe 16,10 --simd 16,8', 'with more adders: 256 and 80 a cycle'],
    [
      'emit --target verilog --rom case --out rtl/net',
      'weights inside the Verilog, no data files, into rtl/net',
    ],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    {
      name: 'target',
      value: 'T',
      choices: ['verilog', 'hls', 'c'],
      describe: 'what to emit: verilog (default), hls or c',
    },
    {
      name: 'flow',
      value: 'F,F',
      describe:
        'projects beside the design. verilog: librelane, openroad, tinytapeout (default: none); hls: vitis (default), catapult, bambu; or all',
    },
    {
      name: 'out',
      value: 'DIR',
      describe: 'folder to write (default RUN/TARGET); replaced when bitsim emitted it',
    },
    ...FOLDING_OPTIONS,
    {
      name: 'vectors',
      value: 'N',
      describe: 'test images in the testbench (default: what Icarus runs in seconds)',
    },
    { name: 'data', value: 'DIR', describe: 'other data for the vectors than the run was trained with' },
    { name: 'force', describe: 'replace an emitted folder although its files were changed' },
  ],
  run,
};
