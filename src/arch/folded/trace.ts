// What every cycle of the emitted design does to an image: the schedule of the control model, filled with the image's
// integers. traceFrame does the arithmetic; cycle() only reads it out. Runs in a browser: nothing here needs Node.

import { createAlu } from '../../layers/alu.ts';
import { requantizeDense } from '../../layers/dense/evaluate.ts';
import { kindOf } from '../../layers/index.ts';
import { pixelCount } from '../../layers/input.ts';
import { inputCodes } from '../../layers/input-codes.ts';
import { type DenseLayer, denseLayers, type Network } from '../../model/network.ts';
import type { DensePlan, HardwarePlan } from '../../model/plan.ts';
import { romAddress, romSource } from './packing.ts';
import { partialSums } from './partial-sums.ts';
import { accumulatorStart, restValue } from './plan.ts';
import { cycleOf, recordSchedule, type Schedule, streamOf } from './schedule.ts';
import { stepOf } from './steps.ts';

/** The integers of one frame in one layer. */
export interface LayerValues {
  readonly inputs: Int32Array;
  /**
   * [synapseFold, outputs]: what the adder behind each output's accumulator gives after each input word, bias and
   * rounding constant included; the last row is what leaves the unit.
   */
  readonly totals: Int32Array;
  /** The network's accumulators: without the rounding constant. */
  readonly accumulators: Int32Array;
  /** Bits shifted for this image; 0 when the layer does not shift. */
  readonly shift: number;
  /** Output codes; the logits for the last layer. */
  readonly codes: Int32Array;
}

export interface FrameValues {
  readonly pixels: Uint8Array;
  readonly inputCodes: Int32Array;
  /** One a dense layer. */
  readonly layers: readonly LayerValues[];
  readonly logits: Int32Array;
  readonly class: number;
}

/** The end of a neuron fold. Each array has one entry a PE. */
export interface FoldEnd {
  readonly neurons: Int32Array;
  readonly accumulators: Int32Array;
  readonly codes: Int32Array;
  /** Cycle in which the code (the last layer: the logit) leaves the layer. */
  readonly leaves: Int32Array;
}

/** One step of the accumulators. */
export interface Addition {
  readonly frame: number;
  readonly neuronFold: number;
  readonly synapseFold: number;
  /** Input words passed over since the step before, or since the row began: all their trits are zero. */
  readonly skipped: number;
  /** Word of the weight ROM that its trits are from; in base 3 every fifth step's are from that word and the three before it. */
  readonly romAddress: number;
  /** [simd] */
  readonly inputs: Int32Array;
  /** [pe, simd] */
  readonly trits: Int8Array;
  /** [pe, simd]: +x where the trit is +1, -x where it is -1, 0 where it is skipped. */
  readonly selected: Int32Array;
  /** [pe]: the sum of the selected. */
  readonly sums: Int32Array;
  /** [pe]: bias or accumulator, plus sum; in the registers from the next cycle on. */
  readonly totals: Int32Array;
  /** On the last step of a neuron fold; the accumulators then start afresh. */
  readonly end: FoldEnd | null;
}

export interface LayerCycle {
  readonly cycle: number;
  /** `stall`: held, because finished results have not left; `idle`: nothing to add yet, or no more. */
  readonly state: 'add' | 'stall' | 'idle';
  /** The ROM's address register, and whether its word is read in this cycle. */
  readonly romAddress: number;
  readonly reads: boolean;
  /** [pe]: the accumulator registers during this cycle. */
  readonly accumulators: Int32Array;
  readonly add: Addition | null;
}

export interface FrameTrace {
  readonly network: Network;
  readonly plan: HardwarePlan;
  readonly schedule: Schedule;
  readonly frames: readonly FrameValues[];
  /** What dense layer `layer` does in cycle `n` (0: first accepted input beat). RangeError outside the schedule. */
  cycle(layer: number, n: number): LayerCycle;
}

const layerValues = (layer: DenseLayer, plan: DensePlan, inputs: Int32Array): LayerValues => {
  const start = accumulatorStart(layer);
  const first = new Int32Array(plan.outputs).map((_, row) => start + (layer.bias?.[row] ?? 0));
  const totals = partialSums(layer, plan.simd, inputs, first);
  const accumulators = totals.slice(-plan.outputs).map((total) => total - start);
  const { shift, codes } = requantizeDense(layer, accumulators, createAlu());
  return { inputs, totals, accumulators, shift, codes };
};

const frameValues = (network: Network, plan: HardwarePlan, pixels: Uint8Array): FrameValues => {
  const expected = pixelCount(network.input);
  if (pixels.length !== expected)
    throw new RangeError(`an image of ${network.name} has ${expected} pixels, not ${pixels.length}`);
  const codes = inputCodes(network.input, pixels);
  const layers: LayerValues[] = [];
  denseLayers(network).forEach((layer, i) => {
    layers.push(layerValues(layer, plan.layers[i]!, layers.at(-1)?.codes ?? codes));
  });
  const logits = layers.at(-1)!.codes;
  const argmax = network.layers.at(-1)!;
  const best = kindOf(argmax).evaluate(argmax, logits, createAlu()).codes[0]!;
  return { pixels, inputCodes: codes, layers, logits, class: best };
};

/** Step `index` of a unit: which frame, neuron fold and synapse fold it belongs to. */
export const stepAt = (layer: DenseLayer, plan: DensePlan, index: number) => {
  const step = index % plan.cycles;
  return {
    frame: Math.floor(index / plan.cycles),
    ...stepOf(layer, plan, step),
    romAddress: romSource(plan.rom, step),
  };
};

/** The accumulator registers before step `index`: [pe]. */
export const registersAt = (
  layer: DenseLayer,
  plan: DensePlan,
  values: readonly LayerValues[],
  index: number,
): Int32Array => {
  const { frame, neuronFold, first } = stepAt(layer, plan, index);
  if (first) return new Int32Array(plan.pe).fill(restValue(layer));
  const { synapseFold } = stepAt(layer, plan, index - 1);
  const from = synapseFold * plan.outputs + neuronFold * plan.pe;
  return values[frame]!.totals.slice(from, from + plan.pe);
};

/** Selection of one step: trits, what they select, and the sums. */
const select = (
  layer: DenseLayer,
  { pe, simd }: DensePlan,
  fold: number,
  inputs: Int32Array,
  col: number,
) => {
  const { cols, trits: all } = layer.weights;
  const [trits, selected, sums] = [new Int8Array(pe * simd), new Int32Array(pe * simd), new Int32Array(pe)];
  for (let p = 0; p < pe; p++) {
    const row = (fold * pe + p) * cols + col;
    for (let lane = 0; lane < simd; lane++) {
      const [trit, x] = [all[row + lane]!, inputs[lane]!];
      const chosen = trit === 0 ? 0 : trit > 0 ? x : -x;
      trits[p * simd + lane] = trit;
      selected[p * simd + lane] = chosen;
      sums[p]! += chosen;
    }
  }
  return { trits, selected, sums };
};

const foldEnd = (trace: FrameTrace, layer: number, frame: number, fold: number): FoldEnd => {
  const { pe, outputs } = trace.plan.layers[layer]!;
  const { accumulators, codes } = trace.frames[frame]!.layers[layer]!;
  const { beats } = streamOf(trace.schedule, 'code', layer);
  const lanes = (trace.frames.length * outputs) / beats.at(-1)!;
  const [from, to] = [fold * pe, (fold + 1) * pe];
  const neurons = Int32Array.from({ length: pe }, (_, p) => from + p);
  return {
    neurons,
    accumulators: accumulators.slice(from, to),
    codes: codes.slice(from, to),
    leaves: neurons.map((neuron) => cycleOf(beats, Math.floor((frame * outputs + neuron) / lanes))),
  };
};

const addition = (trace: FrameTrace, layer: number, index: number, registers: Int32Array): Addition => {
  const plan = trace.plan.layers[layer]!;
  const dense = denseLayers(trace.network)[layer]!;
  const { first, last, ...at } = stepAt(dense, plan, index);
  const before = first ? -1 : stepAt(dense, plan, index - 1).synapseFold;
  const { inputs, totals } = trace.frames[at.frame]!.layers[layer]!;
  const col = at.synapseFold * plan.simd;
  const word = inputs.slice(col, col + plan.simd);
  const chosen = select(dense, plan, at.neuronFold, word, col);
  const from = at.synapseFold * plan.outputs + at.neuronFold * plan.pe;
  return {
    ...at,
    skipped: at.synapseFold - before - 1,
    inputs: word,
    ...chosen,
    totals: totals.slice(from, from + registers.length),
    end: last ? foldEnd(trace, layer, at.frame, at.neuronFold) : null,
  };
};

const layerCycle = (trace: FrameTrace, layer: number, cycle: number): LayerCycle => {
  const { plan, schedule, frames, network } = trace;
  const [unit, dense] = [schedule.units[layer], denseLayers(network)[layer]];
  if (unit === undefined || dense === undefined || !(cycle >= 0 && cycle < schedule.cycles))
    throw new RangeError(`cycle ${cycle} of layer ${layer} is not in the schedule`);
  const layerPlan = plan.layers[layer]!;
  const values = frames.map(({ layers }) => layers[layer]!);
  const [read, added] = [unit.reads[cycle]!, unit.adds[cycle]!];
  const registers = registersAt(dense, layerPlan, values, added);
  const adds = unit.adds[cycle + 1]! > added;
  return {
    cycle,
    state: adds ? 'add' : unit.stalls[cycle] === 1 ? 'stall' : 'idle',
    romAddress: romAddress(layerPlan.rom, read % layerPlan.cycles),
    reads: unit.reads[cycle + 1]! > read,
    accumulators: registers,
    add: adds ? addition(trace, layer, added, registers) : null,
  };
};

interface Recorded {
  readonly network: Network;
  readonly schedules: Map<number, Schedule>;
}

const recorded = new WeakMap<HardwarePlan, Recorded>();

/** Recorded once for a plan, a network and a number of frames. */
const scheduleOf = (network: Network, plan: HardwarePlan, frames: number): Schedule => {
  const found = recorded.get(plan);
  const entry = found?.network === network ? found : { network, schedules: new Map<number, Schedule>() };
  recorded.set(plan, entry);
  const schedule = entry.schedules.get(frames) ?? recordSchedule(network, plan, frames);
  entry.schedules.set(frames, schedule);
  return schedule;
};

/** Frames back to back. Throws RangeError when one of `images` is not one whole image, or there is none. */
export const traceFrames = (
  network: Network,
  plan: HardwarePlan,
  images: readonly Uint8Array[],
): FrameTrace => {
  if (images.length === 0) throw new RangeError('no image to trace');
  const trace: FrameTrace = {
    network,
    plan,
    schedule: scheduleOf(network, plan, images.length),
    frames: images.map((pixels) => frameValues(network, plan, pixels)),
    cycle: (layer, n) => layerCycle(trace, layer, n),
  };
  return trace;
};

/** One image alone: `pixels` in row order. */
export const traceFrame = (network: Network, plan: HardwarePlan, pixels: Uint8Array): FrameTrace =>
  traceFrames(network, plan, [pixels]);
