// `bitsim trace`: the emitted hardware at work on an image, cycle by cycle.
import { ExitCode } from '../../util/errors.ts';
import { integer, integers, text } from '../args.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import type { TraceRequest } from '../trace-run.ts';
import { FOLDING_OPTIONS, foldingOf } from './emit.ts';

const requestOf = (args: ParsedArgs): TraceRequest => ({
  ...foldingOf(args),
  run: args.positional,
  data: text(args, 'data'),
  images: integers(args, 'image', { min: 0 }) ?? [0],
  layer: text(args, 'layer'),
  from: integer(args, 'from', { min: 0 }),
  cycles: integer(args, 'cycles', { min: 1 }),
  onlyPe: integers(args, 'only-pe', { min: 0 }),
  vcd: text(args, 'vcd'),
});

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  const request = requestOf(args);
  const [{ traceRun, traceJson }, { traceReport }] = await Promise.all([
    import('../trace-run.ts'),
    import('../../report/trace.ts'),
  ]);
  const result = traceRun(request, context);
  const { terminal } = context;
  if (!terminal.json) terminal.print(traceReport(result));
  if (result.vcd !== null) {
    const { path, from, cycles } = result.vcd;
    terminal.print(`\nwritten: ${path} (cycles ${from} to ${from + cycles - 1}, every layer)`);
    printNext(terminal, [[`gtkwave ${path}`]]);
  }
  terminal.result(traceJson(result));
  return ExitCode.ok;
};

export const traceCommand: CommandSpec = {
  name: 'trace',
  summary: 'shows what the emitted hardware does to an image, cycle by cycle.',
  examples: [
    ['trace --image 7', 'the first steps of the first layer, for test image 7'],
    ['trace out/demo --layer fc1 --from 3200 --cycles 30', 'another layer, other cycles'],
    ['trace --pe 8,2 --simd 16,4 --only-pe 0,7', 'another folding; two of the eight PEs'],
    ['trace --image 7,8,9 --vcd three.vcd', 'three images back to back, as a waveform'],
  ],
  positional: {
    name: 'RUN',
    describe: 'folder of a run, or its network.json (default: the latest under out/)',
  },
  options: [
    {
      name: 'image',
      value: 'N,N',
      describe: 'test image (default 0); several come back to back, as frames of one stream',
    },
    { name: 'layer', value: 'L', describe: 'dense layer, by name or by number from 0 (default: the first)' },
    {
      name: 'from',
      value: 'N',
      describe: "first cycle shown; 0 accepts the first input beat (default: the layer's first addition)",
    },
    { name: 'cycles', value: 'N', describe: 'cycles shown (default 16)' },
    { name: 'only-pe', value: 'N,N', describe: 'PEs shown, from 0 (default: 0; with --json all)' },
    {
      name: 'vcd',
      value: 'FILE',
      describe: 'write a waveform of all layers: of the cycles named, or of all cycles when none are',
    },
    ...FOLDING_OPTIONS.filter(({ name }) => name !== 'rom'),
    { name: 'data', value: 'DIR', describe: 'other data than the run was trained with' },
  ],
  run,
};
