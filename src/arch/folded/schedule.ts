// The schedule of the emitted pipeline: what happens in which cycle when frames come back to back and nothing outside
// stalls. Recorded from the control model that also predicts latency and interval, so there is one truth about cycles.
// It does not depend on data. Cycle 0 is the first accepted input beat; the last cycle is the last output beat.
import { isPlain } from '../../layers/input.ts';
import type { Network } from '../../model/network.ts';
import type { HardwarePlan } from '../../model/plan.ts';
import { pipelineStages, step } from './cycles.ts';
import { type ArgmaxStage, type Stage, type StreamKind, UnitStage } from './stages.ts';

/** One stream. Beats of all frames are numbered from 0. */
export interface StreamSchedule {
  /** `source` is what enters the first stage. */
  readonly kind: StreamKind | 'source';
  /** Dense layer that the stream belongs to: the one it feeds (`in`), or comes from. */
  readonly layer: number;
  /** For each cycle, 0 or 1. */
  readonly valid: Uint8Array;
  readonly ready: Uint8Array;
  /** Beats transferred before each cycle, and before the one after the last: [cycles + 1], never falling. */
  readonly beats: Int32Array;
}

/** One matrix-vector unit. Steps of all frames are numbered from 0, plan.cycles a frame, neuron fold by neuron fold. */
export interface UnitSchedule {
  /** ROM words read before each cycle: [cycles + 1]. A unit that skips zeros reads ahead of the frames. */
  readonly reads: Int32Array;
  /** Steps that the accumulators took before each cycle: [cycles + 1]. */
  readonly adds: Int32Array;
  /** For each cycle, whether finished results that could not leave held the unit. */
  readonly stalls: Uint8Array;
}

export interface Schedule {
  readonly frames: number;
  readonly cycles: number;
  readonly streams: readonly StreamSchedule[];
  /** One a dense layer. */
  readonly units: readonly UnitSchedule[];
}

/** One bit of every cycle, growing while it is recorded. */
class Track {
  private values = new Uint8Array(1024);
  private length = 0;

  push(value: boolean): void {
    if (this.length === this.values.length) {
      const longer = new Uint8Array(2 * this.length);
      longer.set(this.values);
      this.values = longer;
    }
    this.values[this.length++] = value ? 1 : 0;
  }

  flags(): Uint8Array {
    return this.values.slice(0, this.length);
  }
}

/** How often a flag (and another) was set before each cycle, and in all; `before` times before the first. */
const countsOf = (flags: Uint8Array, others = flags, before = 0): Int32Array => {
  const counts = new Int32Array(flags.length + 1);
  counts[0] = before;
  for (let cycle = 0; cycle < flags.length; cycle++)
    counts[cycle + 1] = counts[cycle]! + (flags[cycle]! & others[cycle]!);
  return counts;
};

const tracks = (count: number): Track[] => Array.from({ length: count }, () => new Track());

/** Names the stream before each stage, and the one after the last. */
const streamNames = (stages: readonly Stage[]): { kind: StreamSchedule['kind']; layer: number }[] => {
  let layer = -1;
  const named = stages.map((stage) => {
    if (stage instanceof UnitStage) layer++;
    return { kind: stage.leaves, layer: stage.leaves === 'in' ? layer + 1 : Math.max(layer, 0) };
  });
  return [{ kind: 'source', layer: 0 }, ...named];
};

/** First cycle at whose end a running count is more than `index`; that of beat or step `index`. -1 when it never is. */
export const cycleOf = (counts: Int32Array, index: number): number => {
  let [low, high] = [0, counts.length - 1];
  if (counts[high]! <= index) return -1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (counts[middle + 1]! > index) high = middle;
    else low = middle + 1;
  }
  return low;
};

/** Runs the control model over `frames` frames of `beats` input beats each. */
const record = (stages: readonly Stage[], beats: number, frames: number): Schedule => {
  const units = stages.filter((stage) => stage instanceof UnitStage);
  const argmax = stages.at(-1) as ArgmaxStage;
  const [valid, ready] = [tracks(stages.length + 1), tracks(stages.length + 1)];
  const [reads, adds, stalls] = [tracks(units.length), tracks(units.length), tracks(units.length)];
  const [isValid, isReady] = [valid.map(() => true), ready.map(() => true)];
  let [sent, done, cycles] = [0, 0, 0];
  for (; done < frames; cycles++) {
    isValid[0] = sent < frames * beats;
    if (argmax.outValid() && argmax.outLast()) done++;
    step(stages, isValid, isReady);
    if (isValid[0] && isReady[0]) sent++;
    for (const [i, track] of valid.entries()) track.push(isValid[i]!);
    for (const [i, track] of ready.entries()) track.push(isReady[i]!);
    for (const [i, unit] of units.entries()) {
      reads[i]!.push(unit.reads);
      adds[i]!.push(unit.adds);
      stalls[i]!.push(unit.stalls);
    }
  }
  const streams = streamNames(stages).map((name, i): StreamSchedule => {
    const flags = { valid: valid[i]!.flags(), ready: ready[i]!.flags() };
    return { ...name, ...flags, beats: countsOf(flags.valid, flags.ready) };
  });
  const recorded = units.map(
    ({ readsBefore }, i): UnitSchedule => ({
      reads: countsOf(reads[i]!.flags(), undefined, readsBefore),
      adds: countsOf(adds[i]!.flags()),
      stalls: stalls[i]!.flags(),
    }),
  );
  return { frames, cycles, streams, units: recorded };
};

/** The schedule of `frames` (at least 1) frames back to back. */
export const recordSchedule = (network: Network, plan: HardwarePlan, frames: number): Schedule => {
  const [height, width] = network.input.shape;
  const beats = isPlain(network.input) ? plan.layers[0]!.synapseFold : height * width;
  return record(pipelineStages(network, plan.layers), beats, frames);
};

/** The stream of that name. Codes of a requantizer without registers leave with the accumulators they are made of. */
export const streamOf = (
  { streams }: Schedule,
  kind: StreamSchedule['kind'],
  layer: number,
): StreamSchedule => {
  const find = (name: StreamSchedule['kind'] | undefined) =>
    streams.find((stream) => stream.kind === name && stream.layer === layer);
  const found = find(kind) ?? find(({ code: 'acc', in: 'source' } as const)[kind as 'code' | 'in']);
  if (found === undefined) throw new RangeError(`layer ${layer} has no stream ${kind}`);
  return found;
};
