// Shifts are fixed once, from the untrained weights and training images alone, and never move again. Each is chosen so
// that ten standard deviations of the layer's accumulators fill the code range; the loss sees logits scaled to about
// 1.7 standard deviations. Both rules are ours; docs/arithmetic.md shows what they give for common sizes.
import * as tf from '@tensorflow/tfjs-core';
import { inputSpecOf } from '../layers/input.ts';
import type { LabelledImages } from '../model/dataset.ts';
import type { LayerState, OffsetState, TrainOptions } from '../model/training.ts';
import { bitLength } from '../num/format.ts';
import { seededRandom } from '../util/random.ts';
import { codesOf } from './batches.ts';
import { accumulate, accumulatorBound, hiddenForward, integersOf } from './graph.ts';

const CALIBRATION_IMAGES = 512;
const DEVIATIONS = 10;
const LOGIT_OFFSET = 0.75;

/** Latents uniform in (-1, 1), moments zero. */
export const initialLayers = (sizes: readonly number[], seed: number, threshold = 0.5): LayerState[] =>
  sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i]!;
    const random = seededRandom(seed, 'latents', i);
    return {
      inputs,
      outputs,
      threshold,
      latents: Float32Array.from({ length: inputs * outputs }, () => random.unit() * 2 - 1),
      firstMoment: new Float32Array(inputs * outputs),
      secondMoment: new Float32Array(inputs * outputs),
      offsets: null,
    };
  });

/** Standard deviation of integers held in a tensor, computed in double precision. */
const deviation = (tensor: tf.Tensor): number => {
  const values = tensor.dataSync();
  let sum = 0;
  let squares = 0;
  for (const value of values) {
    sum += value;
    squares += value * value;
  }
  const mean = sum / values.length;
  return Math.sqrt(Math.max(0, squares / values.length - mean * mean));
};

export interface Calibration {
  readonly layers: readonly LayerState[];
  readonly shifts: readonly number[];
  readonly logitShift: number;
}

/** Never more than brings the largest possible accumulator into the code range: the rest would only lose bits. */
const shiftFor = (sigma: number, actBits: number, bound: number): number =>
  Math.min(
    Math.max(0, Math.round(Math.log2(Math.max(DEVIATIONS * sigma, 1) / 2 ** actBits))),
    Math.max(0, bitLength(bound) - actBits),
  );

/** Offsets of a layer whose accumulators spread by `sigma`: biases of 0, or thresholds evenly over two deviations. */
const initialOffsets = (
  outputs: number,
  sigma: number,
  options: TrainOptions,
  last: boolean,
): OffsetState | null => {
  const steps = !last && options.requant === 'thresholds';
  if (!steps && options.bias === 'off') return null;
  const levels = steps ? 2 ** options.actBits - 1 : 1;
  const unit = 2 ** Math.round(Math.log2(Math.max(sigma, 1)));
  const values = (): Float32Array => new Float32Array(levels * outputs);
  const latents = values();
  if (steps) {
    latents.forEach((_, i) => {
      latents[i] = ((2 * Math.floor(i / outputs) + 1) / levels) * (sigma / unit);
    });
  }
  return { unit, latents, firstMoment: values(), secondMoment: values() };
};

/** Shifts of every hidden layer and of the logits as the loss sees them; `layers` with their offsets. */
export const calibrate = (
  layers: readonly LayerState[],
  options: TrainOptions,
  images: LabelledImages,
): Calibration => {
  const shifts: number[] = [];
  const calibrated: LayerState[] = [];
  let logitShift = 0;
  tf.tidy(() => {
    const count = Math.min(CALIBRATION_IMAGES, images.count);
    const spec = inputSpecOf(options, [images.height, images.width]);
    const codes = codesOf(images, 0, count, spec);
    let input = tf.tensor2d(codes, [count, codes.length / count]);
    for (const [i, layer] of layers.entries()) {
      const last = i === layers.length - 1;
      const sigma = deviation(accumulate(input, integersOf(layer, options.weights), null));
      const state = { ...layer, offsets: initialOffsets(layer.outputs, sigma, options, last) };
      calibrated.push(state);
      if (last) {
        logitShift = Math.max(0, Math.round(Math.log2(Math.max(sigma, 1)) - LOGIT_OFFSET));
        return;
      }
      shifts.push(shiftFor(sigma, options.actBits, accumulatorBound(layer.inputs, options, i)));
      input = hiddenForward(input, integersOf(state, options.weights), { options, shifts }, i).codes;
    }
  });
  return { layers: calibrated, shifts, logitShift };
};
