// What a network's integers do on real images: ranges reached against ranges proven, codes used against codes allotted,
// neurons that never fire. Counting only; nothing here changes a network.
import { createAlu } from '../layers/alu.ts';
import { requantizeDense } from '../layers/dense/evaluate.ts';
import { accumulatorRange, type Range } from '../layers/dense/range.ts';
import type { LabelledImages } from '../model/dataset.ts';
import { type DenseLayer, denseLayers, inputsOf, type Network, outputsOf } from '../model/network.ts';
import type { LayerTrace } from '../model/trace.ts';
import { formatName, maxOf, signedFormatFor } from '../num/format.ts';
import { zeroShare } from '../num/trit.ts';
import { engineFor } from './engine/evaluate.ts';

export interface CodeInspection {
  /** Short name of the code format, e.g. `u8`. */
  readonly format: string;
  readonly largest: number;
  /** Share of all codes that are 0, and that are the largest the format has. */
  readonly zeroShare: number;
  readonly saturatedShare: number;
  /** Neurons whose code is 0 for every image. */
  readonly dead: readonly number[];
  /** Least and most bits shifted. */
  readonly shifts: Range;
}

export interface LayerInspection {
  readonly layer: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Share of zero trits. */
  readonly zeros: number;
  /** Worst case over every possible input, as proven from the trits. */
  readonly proven: Range;
  /** Over the images. */
  readonly reached: Range;
  /** Share of accumulators that need exactly this many bits (signed), by index. */
  readonly widths: readonly number[];
  /** Format that the network allots, and the narrowest that holds what was reached. */
  readonly allotted: string;
  readonly used: string;
  /** null for the logits. */
  readonly codes: CodeInspection | null;
}

/** Images evaluated at once. */
const PART = 1024;

/** Running counts of one layer. */
class Tally {
  readonly reached = { low: 0, high: 0 };
  /** Accumulators by the bits that they need. */
  readonly widths = new Float64Array(33);
  readonly shifts = { low: Number.POSITIVE_INFINITY, high: 0 };
  readonly fires: Uint32Array;
  zeros = 0;
  saturated = 0;
  largest = 0;
  total = 0;
  private readonly top: number;

  constructor(layer: DenseLayer) {
    this.fires = new Uint32Array(outputsOf(layer));
    this.top = layer.requantize.kind === 'none' ? Number.POSITIVE_INFINITY : maxOf(layer.requantize.output);
  }

  add({ accumulators, codes, shift }: LayerTrace): void {
    for (const accumulator of accumulators) {
      if (accumulator < this.reached.low) this.reached.low = accumulator;
      if (accumulator > this.reached.high) this.reached.high = accumulator;
      this.widths[33 - Math.clz32(accumulator < 0 ? ~accumulator : accumulator)]!++;
    }
    this.shifts.low = Math.min(this.shifts.low, shift);
    this.shifts.high = Math.max(this.shifts.high, shift);
    codes.forEach((code, neuron) => {
      this.total++;
      if (code === 0) this.zeros++;
      else this.fires[neuron]!++;
      if (code === this.top) this.saturated++;
      if (code > this.largest) this.largest = code;
    });
  }
}

const codesOf = (layer: DenseLayer, tally: Tally): CodeInspection | null => {
  if (layer.requantize.kind === 'none') return null;
  return {
    format: formatName(layer.requantize.output),
    largest: tally.largest,
    zeroShare: tally.zeros / tally.total,
    saturatedShare: tally.saturated / tally.total,
    dead: Array.from(tally.fires.keys()).filter((neuron) => tally.fires[neuron] === 0),
    shifts: tally.shifts,
  };
};

/** Up to the largest index that occurs. */
const sharesOf = (counts: Float64Array): number[] => {
  const total = counts.reduce((sum, count) => sum + count, 0);
  const shares = Array.from(counts, (count) => count / total);
  return shares.slice(0, shares.findLastIndex((share) => share > 0) + 1);
};

/** Evaluates the first `count` images and says what every layer's integers did. `count` is at least 1. */
export const inspect = (
  network: Network,
  images: LabelledImages,
  count: number,
  onImage: (done: number) => void = () => undefined,
): LayerInspection[] => {
  const layers = denseLayers(network);
  const tallies = layers.map((layer) => new Tally(layer));
  const engine = engineFor(network, images);
  const alu = createAlu();
  const size = images.height * images.width;
  for (let start = 0; start < count; start += PART) {
    const part = Math.min(PART, count - start);
    const pixels = images.pixels.subarray(start * size, (start + part) * size);
    const { accumulators } = engine.run(pixels, part, 'accumulators');
    for (let i = 0; i < part; i++) {
      layers.forEach((layer, l) => {
        const width = outputsOf(layer);
        const own = accumulators[l]!.subarray(i * width, (i + 1) * width);
        tallies[l]!.add(requantizeDense(layer, own, alu));
      });
      onImage(start + i + 1);
    }
  }
  return layers.map((layer, i) => ({
    layer: layer.name,
    inputs: inputsOf(layer),
    outputs: outputsOf(layer),
    zeros: zeroShare(layer.weights),
    proven: accumulatorRange(layer),
    reached: tallies[i]!.reached,
    widths: sharesOf(tallies[i]!.widths),
    allotted: formatName(layer.accumulator),
    used: formatName(signedFormatFor(tallies[i]!.reached.low, tallies[i]!.reached.high)),
    codes: codesOf(layer, tallies[i]!),
  }));
};
