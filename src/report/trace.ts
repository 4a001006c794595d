// A window of a trace as a table of at most 80 columns: one row a cycle and PE.
import { accumulatorStart } from '../arch/folded/plan.ts';
import type { Addition, FrameTrace, LayerCycle } from '../arch/folded/trace.ts';
import { type DenseLayer, denseLayers } from '../model/network.ts';
import { thousands } from './format.ts';
import { table } from './table.ts';

/** What of a trace is shown. */
export interface TraceWindow {
  readonly trace: FrameTrace;
  /** Image index and label of each frame. */
  readonly images: readonly number[];
  readonly labels: readonly number[];
  readonly layer: number;
  readonly from: number;
  readonly cycles: number;
  /** Which PEs; undefined: PE 0. */
  readonly pes?: readonly number[] | undefined;
}

/** `+12 -3 . +0`: what each lane adds or subtracts, a dot where its trit is 0. */
const lanesText = ({ trits, inputs }: Addition, pe: number): string =>
  Array.from(inputs, (x, lane) => {
    const trit = trits[pe * inputs.length + lane]!;
    return trit === 0 ? '.' : `${trit > 0 ? '+' : '-'}${x}`;
  }).join(' ');

const endText = ({ end }: Addition, pe: number): string =>
  end === null ? '' : `${end.codes[pe]} @${end.leaves[pe]}`;

/** `skips`: the column that only a layer of compressed rows has. */
const rowOf = (cycle: LayerCycle, pe: number, skips: boolean): string[] => {
  const reads = cycle.reads ? String(cycle.romAddress) : '-';
  const { add } = cycle;
  if (add === null) {
    const held = String(cycle.accumulators[pe]);
    const folds = skips ? ['', '', ''] : ['', ''];
    return [String(cycle.cycle), reads, cycle.state, ...folds, String(pe), '', held, '', ''];
  }
  return [
    String(cycle.cycle),
    reads,
    String(add.romAddress),
    String(add.neuronFold),
    String(add.synapseFold),
    ...(skips ? [String(add.skipped)] : []),
    String(pe),
    String(add.sums[pe]),
    String(add.totals[pe]),
    endText(add, pe),
    lanesText(add, pe),
  ];
};

const headLines = ({ trace, images, labels, layer }: TraceWindow): string[] => {
  const { layer: name, inputs, outputs, pe, simd, ...plan } = trace.plan.layers[layer]!;
  const folds = `${plan.neuronFold} neuron folds x ${plan.synapseFold} synapse folds`;
  const skipped = plan.neuronFold * plan.synapseFold - plan.cycles;
  const skips = `zeros skipped: ${thousands(plan.cycles)} words are read, ${thousands(skipped)} are not`;
  return [
    `layer ${name}: ${inputs} inputs, ${outputs} outputs`,
    `PE ${pe} x SIMD ${simd}: ${folds}`,
    ...(plan.sparse === undefined ? [] : [skips]),
    ...trace.frames.map(
      (frame, i) => `image ${images[i]} (label ${labels[i]}): class ${trace.network.classes[frame.class]}`,
    ),
    '',
  ];
};

const startText = (layer: DenseLayer): string => {
  const parts = [
    ...(layer.bias === null ? [] : ['its bias']),
    ...(accumulatorStart(layer) === 0 ? [] : [`${accumulatorStart(layer)} for rounding`]),
  ];
  return parts.length === 0 ? '' : `; each neuron starts from ${parts.join(' + ')}`;
};

const footLines = ({ trace, layer, from, cycles }: TraceWindow): string[] => {
  const dense = denseLayers(trace.network)[layer]!;
  const plan = trace.plan.layers[layer]!;
  const what = dense.requantize.kind === 'none' ? 'logit' : 'code';
  const shifts = trace.frames.map((frame) => frame.layers[layer]!.shift);
  const shift =
    dense.requantize.kind === 'dynamic-shift'
      ? [`the shift of each image is known when its last accumulator is: ${shifts.join(', ')} bits`]
      : [];
  return [
    '',
    `cycles ${thousands(from)} to ${thousands(from + cycles - 1)} of 0 (first input beat) to ${thousands(trace.schedule.cycles - 1)} (last output beat)`,
    'reads: ROM address read; adds: ROM address of the trits that are added now',
    ...(plan.sparse === undefined
      ? []
      : ['skips: words of zeros passed over; the ROM is read ahead of the frames']),
    `acc: what the accumulator becomes${startText(dense)}`,
    `${what} @cycle: at a neuron fold's end, and when it leaves the layer`,
    ...shift,
  ];
};

/** The window as text. */
export const traceReport = (window: TraceWindow): string => {
  const { trace, layer, from, cycles, pes = [0] } = window;
  const skips = trace.plan.layers[layer]!.sparse !== undefined;
  const rows = Array.from({ length: cycles }, (_, i) => trace.cycle(layer, from + i)).flatMap((cycle) =>
    pes.map((pe) => rowOf(cycle, pe, skips)),
  );
  const folds = ['nfold', 'sfold', ...(skips ? ['skips'] : [])];
  const head = ['cycle', 'reads', 'adds', ...folds, 'PE', 'sum', 'acc', 'code', 'lanes'];
  const numbers = Array.from({ length: head.length - 2 }, (_, column) => column);
  return [...headLines(window), table(head, rows, numbers), ...footLines(window)].join('\n');
};
