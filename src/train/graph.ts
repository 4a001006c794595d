// The forward pass, written once: training runs it, and so does `verify` when it compares every code and every logit
// with the simulator. Integers kept in float32; all of them stay below 2^24, so every sum is exact in any order.
import * as tf from '@tensorflow/tfjs-core';
import { inputSpecOf } from '../layers/input.ts';
import type { LabelledImages } from '../model/dataset.ts';
import {
  type Checkpoint,
  type LayerState,
  OFFSET_LIMIT,
  type OffsetState,
  type TrainOptions,
} from '../model/training.ts';
import { bitLength } from '../num/format.ts';
import { codesOf } from './batches.ts';

/** What decides the integers of the forward pass, apart from the weights. */
export interface GraphSpec {
  readonly options: Pick<TrainOptions, 'actBits' | 'inputBits' | 'weights' | 'requant'>;
  readonly shifts: readonly number[];
}

/** The integers of one dense layer, as tensors. */
export interface LayerIntegers {
  /** [inputs, outputs] */
  readonly trits: tf.Tensor2D;
  /** Biases or thresholds, [levels, outputs]; null for none. */
  readonly offsets: tf.Tensor2D | null;
  /** Unit of the offsets; 0 for none. */
  readonly unit: number;
}

export interface HiddenForward {
  /** [batch, outputs] codes. */
  readonly codes: tf.Tensor2D;
  /** [batch, outputs] accumulators. */
  readonly accumulators: tf.Tensor2D;
  /** 2^-shift: a scalar, or [batch, 1] when dynamic; null with thresholds. */
  readonly scale: tf.Tensor | null;
  /** The half-way points below the thresholds, [1, outputs] for each level, when the layer requantizes by them. */
  readonly edges: readonly tf.Tensor2D[];
  /** What dropout multiplied the codes with; null outside training. */
  readonly kept: tf.Tensor | null;
}

/**
 * Latent weights to trits: -1 below -threshold, +1 above threshold, else 0; binary: their sign. At threshold 1/2 rounding
 * to even does the same on [-1, 1] in one pass.
 */
export const tritsOf = (
  latents: tf.Tensor2D,
  weights: TrainOptions['weights'],
  threshold: number,
): tf.Tensor2D => {
  if (weights === 'binary') return tf.tidy(() => tf.sub<tf.Tensor2D>(tf.mul(tf.step(latents), 2), 1));
  if (threshold === 0.5) return tf.round(latents);
  return tf.tidy(() => {
    const positive = tf.step(tf.sub(latents, threshold));
    const negative = tf.step(tf.sub(tf.neg(latents), threshold));
    return tf.sub<tf.Tensor2D>(positive, negative);
  });
};

/** The largest accumulator that any trits, offsets and input codes of dense layer `layer` could give. */
export const accumulatorBound = (
  inputs: number,
  options: GraphSpec['options'],
  layer: number,
  unit = 0,
): number => inputs * (2 ** (layer === 0 ? options.inputBits : options.actBits) - 1) + OFFSET_LIMIT * unit;

/** The integers of offset latents: floor(latent x unit + 1/2). */
export const offsetsOf = (latents: tf.Tensor2D, unit: number): tf.Tensor2D =>
  tf.tidy(() => tf.floor(tf.add(tf.mul(latents, unit), 0.5)));

const offsetLatents = ({ latents }: OffsetState, outputs: number): tf.Tensor2D =>
  tf.tensor2d(latents, [latents.length / outputs, outputs]);

/** The integers of a layer's state. */
export const integersOf = (layer: LayerState, weights: TrainOptions['weights']): LayerIntegers => {
  const { inputs, outputs, latents, threshold, offsets } = layer;
  return {
    trits: tf.tidy(() => tritsOf(tf.tensor2d(latents, [inputs, outputs]), weights, threshold)),
    offsets: offsets && tf.tidy(() => offsetsOf(offsetLatents(offsets, outputs), offsets.unit)),
    unit: offsets?.unit ?? 0,
  };
};

/** 2^-shift of each image, shift = max(0, bits(largest accumulator) - actBits), by halving once for every bit too many. */
const dynamicScale = (accumulators: tf.Tensor2D, actBits: number, bound: number): tf.Tensor => {
  const largest = tf.max(accumulators, 1, true);
  let scale: tf.Tensor = tf.onesLike(largest);
  for (let bits = actBits; bits < bitLength(bound); bits++) {
    const reached = tf.step(tf.sub(largest, 2 ** bits - 0.5));
    scale = tf.mul(scale, tf.sub(1, tf.mul(reached, 0.5)));
  }
  return scale;
};

/** Select-add of any layer: [batch, inputs] codes to [batch, outputs] accumulators. */
export const accumulate = (
  codes: tf.Tensor2D,
  { trits }: LayerIntegers,
  biases: tf.Tensor2D | null,
): tf.Tensor2D => {
  const sums: tf.Tensor2D = tf.matMul(codes, trits);
  return biases === null ? sums : tf.add(sums, biases);
};

/** code = how many thresholds are <= acc: each is compared half-way below it, where no integer lies. */
const countThresholds = (codes: tf.Tensor2D, layer: LayerIntegers): HiddenForward => {
  const accumulators = accumulate(codes, layer, null);
  const { offsets } = layer;
  const levels = offsets!.shape[0];
  const edges: tf.Tensor2D[] = tf.split(tf.sub<tf.Tensor2D>(offsets!, 0.5), levels);
  const reached = edges.map((edge) => tf.step(tf.sub(accumulators, edge)));
  return { accumulators, scale: null, edges, kept: null, codes: tf.addN(reached as tf.Tensor2D[]) };
};

/** Hidden layer `layer`: select-add, ReLU, rounding shift, clip; or thresholds. `codes` is [batch, inputs]. */
export const hiddenForward = (
  codes: tf.Tensor2D,
  integers: LayerIntegers,
  spec: GraphSpec,
  layer: number,
): HiddenForward => {
  const { actBits, requant } = spec.options;
  if (requant === 'thresholds') return countThresholds(codes, integers);
  const accumulators = accumulate(codes, integers, integers.offsets);
  const bound = accumulatorBound(integers.trits.shape[0], spec.options, layer, integers.unit);
  const scale =
    requant === 'dynamic' ? dynamicScale(accumulators, actBits, bound) : tf.scalar(2 ** -spec.shifts[layer]!);
  // floor(a / 2^s + 1/2); the clip at 0 is the ReLU
  const rounded = tf.floor(tf.add(tf.mul(accumulators, scale), 0.5));
  const clipped = tf.clipByValue(rounded as tf.Tensor2D, 0, 2 ** actBits - 1);
  return { accumulators, scale, edges: [], kept: null, codes: clipped };
};

export const disposeIntegers = (layers: readonly LayerIntegers[]): void => {
  for (const { trits, offsets } of layers) {
    trits.dispose();
    offsets?.dispose();
  }
};

export interface GraphImage {
  /** For each dense layer its output: hidden codes, and the logits last. */
  readonly outputs: readonly Int32Array[];
  /** Index of the largest logit, lowest index first. */
  readonly class: number;
}

export const argmaxOf = (values: ArrayLike<number>): number => {
  let best = 0;
  for (let i = 1; i < values.length; i++) if (values[i]! > values[best]!) best = i;
  return best;
};

/** Outputs of every layer for [count, codes] input codes: hidden codes, logits last. Call inside tf.tidy. */
const forwardAll = (
  codes: Float32Array,
  count: number,
  layers: readonly LayerIntegers[],
  spec: GraphSpec,
): tf.Tensor2D[] => {
  let input: tf.Tensor2D = tf.tensor2d(codes, [count, codes.length / count]);
  return layers.map((integers, layer) => {
    const last = layer === layers.length - 1;
    input = last
      ? accumulate(input, integers, integers.offsets)
      : hiddenForward(input, integers, spec, layer).codes;
    return input;
  });
};

/** Reads what `read` makes of every layer's outputs. Kept out of tf.tidy's result, which it would search for tensors. */
const readForward = (
  codes: Float32Array,
  count: number,
  layers: readonly LayerIntegers[],
  spec: GraphSpec,
  read: (outputs: tf.Tensor2D[]) => void,
): void => {
  tf.tidy(() => read(forwardAll(codes, count, layers, spec)));
};

/** Logits [count, classes] for [count, codes] input codes. */
export const logitsOf = (
  codes: Float32Array,
  count: number,
  layers: readonly LayerIntegers[],
  spec: GraphSpec,
): Float32Array => {
  let logits = new Float32Array(0);
  readForward(codes, count, layers, spec, (outputs) => {
    logits = outputs.at(-1)!.dataSync<'float32'>().slice();
  });
  return logits;
};

/** Images evaluated at once. */
const EVALUATION_BATCH = 250;

/**
 * Runs the training graph over `images`, calling `onImage` for each in order. The weights are the checkpoint's latents,
 * ternarized by the graph itself. Needs a started backend.
 */
export const evaluateGraph = async (
  checkpoint: Checkpoint,
  images: LabelledImages,
  onImage: (index: number, image: GraphImage) => void,
): Promise<void> => {
  const integers = checkpoint.layers.map((layer) => integersOf(layer, checkpoint.options.weights));
  const input = inputSpecOf(checkpoint.options, checkpoint.shape);
  try {
    for (let start = 0; start < images.count; start += EVALUATION_BATCH) {
      const count = Math.min(EVALUATION_BATCH, images.count - start);
      const codes = codesOf(images, start, count, input);
      let layers: Int32Array[] = [];
      readForward(codes, count, integers, checkpoint, (outputs) => {
        layers = outputs.map((output) => Int32Array.from(output.dataSync()));
      });
      for (let i = 0; i < count; i++) {
        const outputs = layers.map((values) =>
          values.subarray((values.length / count) * i, (values.length / count) * (i + 1)),
        );
        onImage(start + i, { outputs, class: argmaxOf(outputs.at(-1)!) });
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  } finally {
    disposeIntegers(integers);
  }
};
