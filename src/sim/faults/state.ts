// What a fault campaign starts from: every integer of every image without faults, from the fast simulator, laid out so
// that a changed bit costs only what follows from it.
import { createAlu } from '../../layers/alu.ts';
import { codeCount } from '../../layers/input.ts';
import { writeCodes } from '../../layers/input-codes.ts';
import { type LabelledImages, pixelsOf } from '../../model/dataset.ts';
import { type DenseLayer, denseLayers, inputsOf, type Network, outputsOf } from '../../model/network.ts';
import { engineFor } from '../engine/evaluate.ts';

/** The accumulator register that hardware gives a layer (see HardwarePlan). */
export interface Register {
  readonly bits: number;
  /** Constant that is in the register beside the sum: the half unit of a static shift. */
  readonly start: number;
}

export interface LayerState {
  readonly layer: DenseLayer;
  readonly inputs: number;
  readonly outputs: number;
  readonly register: Register;
  /** Trits by column: [inputs][outputs], so that a changed input walks along memory. */
  readonly columns: Int8Array;
  /** Codes that enter, [images][inputs]. */
  readonly codes: Uint8Array;
  /** Finished accumulators, [images][outputs]. */
  readonly accumulators: Int32Array;
}

export interface FaultState {
  readonly network: Network;
  readonly layers: readonly LayerState[];
  readonly images: LabelledImages;
  readonly count: number;
  readonly labels: Uint8Array;
  /** Class of each image without faults. */
  readonly classes: Uint16Array;
}

/** A bus of two's complement bits holds this of `value`. */
export const wrap = (value: number, bits: number): number => (value << (32 - bits)) >> (32 - bits);

/** What the register of a finished sum holds when bits of it are inverted, as the requantizer sees it. */
export const disturbed = (accumulator: number, mask: number, { bits, start }: Register): number =>
  wrap((accumulator + start) ^ mask, bits) - start;

/** What hardware makes of a sum that its register may be too narrow for. */
export const held = (accumulator: number, { bits, start }: Register): number =>
  wrap(accumulator + start, bits) - start;

const byColumn = ({ weights: { rows, cols, trits } }: DenseLayer): Int8Array => {
  const columns = new Int8Array(rows * cols);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < cols; c++) columns[c * rows + r] = trits[r * cols + c]!;
  }
  return columns;
};

const inputCodesOf = (network: Network, images: LabelledImages): Uint8Array => {
  const size = codeCount(network.input);
  const codes = new Uint8Array(images.count * size);
  const one = new Int32Array(size);
  for (let i = 0; i < images.count; i++) {
    writeCodes(network.input, pixelsOf(images, i), one, 0);
    codes.set(one, i * size);
  }
  return codes;
};

/** Evaluates `images` once. `registers`: one for each dense layer. */
export const faultState = (
  network: Network,
  images: LabelledImages,
  registers: readonly Register[],
): FaultState => {
  const { classes, codes, accumulators } = engineFor(network, images).run(
    images.pixels,
    images.count,
    'accumulators',
  );
  const entering = [inputCodesOf(network, images), ...codes];
  const layers = denseLayers(network).map((layer, i) => ({
    layer,
    inputs: inputsOf(layer),
    outputs: outputsOf(layer),
    register: registers[i]!,
    columns: byColumn(layer),
    codes: entering[i]!,
    accumulators: accumulators[i]!,
  }));
  return { network, layers, images, count: images.count, labels: images.labels, classes };
};

/** Operations are not counted here. */
export const SILENT = createAlu();
