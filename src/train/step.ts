// One training step, forward and backward written out. tfjs's own matMul gradient multiplies transposed operands,
// which its WASM backend does many times slower; here every product is of plain matrices after an explicit transpose.
//   straight-through estimator: d trit / d latent = 1;  d code / d acc = 2^-shift where 0 < acc and the code is below
//   its clip, else 0; with thresholds t: d code / d acc = sum over t of 1 / 2w where |acc - t| < w, and its negative by t.
import * as tf from '@tensorflow/tfjs-core';
import type { TrainOptions } from '../model/training.ts';
import type { Random } from '../util/random.ts';
import {
  accumulate,
  type GraphSpec,
  type HiddenForward,
  hiddenForward,
  type LayerIntegers,
  offsetsOf,
  tritsOf,
} from './graph.ts';
import { crossEntropy, targetsOf } from './loss.ts';
import { type LayerTensors, update } from './optimizer.ts';

/** Offsets move this much slower than weights: their latents are steps of a whole deviation. */
const OFFSET_RATE = 0.1;

/**
 * The threshold of a layer's trits at this moment: fixed, or a factor of the mean absolute latent. It is a number of
 * the checkpoint, so that lowering and verification use the very same.
 */
export const thresholdOf = (latents: tf.Tensor2D, options: TrainOptions): number => {
  if (options.ternarize === 'fixed') return options.threshold;
  const mean = tf.tidy(() => tf.mean(tf.abs(latents)).dataSync<'float32'>()[0]!);
  return Math.fround(mean * options.threshold);
};

/** Half the width, in accumulator units, of the window around a threshold in which the gradient passes. */
const windowOf = ({ edges }: HiddenForward, unit: number): number => unit / edges.length;

/** Where threshold `edge` lets the gradient through, times the slope: [|acc - edge| < w] / 2w. */
const windowSlope = (accumulators: tf.Tensor2D, edge: tf.Tensor2D, w: number): tf.Tensor =>
  tf.mul(tf.step(tf.sub(w, tf.abs(tf.sub(accumulators, edge)))), 1 / (2 * w));

/** Where the requantizing shift lets the gradient through, times its slope: 2^-shift x [0 < acc < clip]. */
const shiftSlope = (accumulators: tf.Tensor2D, scale: tf.Tensor, actBits: number): tf.Tensor => {
  const alive = tf.step(accumulators);
  const unclipped = tf.step(tf.sub(2 ** actBits - 0.5, tf.mul(accumulators, scale)));
  return tf.mul(tf.mul(alive, unclipped), scale);
};

/** Gradients by a hidden layer's accumulators and offsets, from the gradient by its codes. */
const throughRequantizer = (
  back: tf.Tensor2D,
  forward: HiddenForward,
  unit: number,
  actBits: number,
): { signal: tf.Tensor2D; offsets: tf.Tensor2D | null } => {
  const { accumulators, scale, edges, kept } = forward;
  const alive = kept === null ? back : tf.mul<tf.Tensor2D>(back, kept);
  if (scale !== null) {
    const signal = tf.mul<tf.Tensor2D>(alive, shiftSlope(accumulators, scale, actBits));
    return { signal, offsets: unit === 0 ? null : biasGradient(signal, unit) };
  }
  const w = windowOf(forward, unit);
  const levels = edges.map((edge) => tf.mul<tf.Tensor2D>(alive, windowSlope(accumulators, edge, w)));
  const moved = levels.map((level) => tf.mul<tf.Tensor2D>(tf.sum(level, 0, true), -unit));
  return { signal: tf.addN(levels), offsets: tf.concat(moved, 0) };
};

/** A bias moves every accumulator of its output. */
const biasGradient = (signal: tf.Tensor2D, unit: number): tf.Tensor2D =>
  tf.mul(tf.sum(signal, 0, true), unit);

/** Dropout: a random share of the codes becomes 0 and the others grow to make up for it. While training only. */
const dropCodes = (forward: HiddenForward, share: number, random: Random | undefined): HiddenForward => {
  if (share === 0 || random === undefined) return forward;
  const kept = Float32Array.from({ length: forward.codes.size }, () =>
    random.unit() < share ? 0 : 1 / (1 - share),
  );
  const mask = tf.tensor2d(kept, forward.codes.shape);
  return { ...forward, codes: tf.mul(forward.codes, mask), kept: mask };
};

export interface StepInput {
  readonly codes: Float32Array;
  readonly labels: Uint8Array;
  readonly learningRate: number;
  /** 1 for the first step of the run. */
  readonly step: number;
  readonly logitShift: number;
  /** A teacher's probabilities, [batch, classes]. */
  readonly taught?: Float32Array | undefined;
  /** Draws which hidden codes are dropped. */
  readonly random?: Random | undefined;
}

export interface StepResult {
  readonly loss: number;
  readonly right: number;
}

interface Gradients {
  readonly weights: tf.Tensor2D[];
  readonly offsets: (tf.Tensor2D | null)[];
}

const backward = (
  inputs: readonly tf.Tensor2D[],
  layers: readonly LayerIntegers[],
  hidden: readonly HiddenForward[],
  logitGradient: tf.Tensor2D,
  actBits: number,
): Gradients => {
  const last = layers.at(-1)!;
  const weights: tf.Tensor2D[] = [];
  const offsets: (tf.Tensor2D | null)[] = layers.map(() => null);
  let signal = logitGradient;
  if (last.offsets !== null) offsets[layers.length - 1] = biasGradient(signal, last.unit);
  for (let layer = layers.length - 1; layer >= 0; layer--) {
    weights[layer] = tf.matMul(tf.transpose(inputs[layer]!), signal);
    if (layer === 0) break;
    const back: tf.Tensor2D = tf.matMul(signal, tf.transpose(layers[layer]!.trits));
    const { unit } = layers[layer - 1]!;
    const through = throughRequantizer(back, hidden[layer - 1]!, unit, actBits);
    signal = through.signal;
    offsets[layer - 1] = through.offsets;
  }
  return { weights, offsets };
};

/** The integers of a layer at this moment. */
const currentIntegers = (layer: LayerTensors, options: TrainOptions): LayerIntegers => ({
  trits: tritsOf(layer.latents, options.weights, thresholdOf(layer.latents, options)),
  offsets: layer.offsets === null ? null : offsetsOf(layer.offsets.latents, layer.offsets.unit),
  unit: layer.offsets?.unit ?? 0,
});

/** One step on one batch: changes `layers`, returns the batch's loss (sum) and right answers. */
export const trainStep = (
  layers: readonly LayerTensors[],
  spec: GraphSpec & { readonly options: TrainOptions },
  input: StepInput,
): StepResult => {
  const { options } = spec;
  const { labels } = input;
  let result: StepResult | undefined;
  const gradients = tf.tidy(() => {
    const integers = layers.map((layer) => currentIntegers(layer, options));
    const inputs = [tf.tensor2d(input.codes, [labels.length, input.codes.length / labels.length])];
    const hidden = integers.slice(0, -1).map((layer, i) => {
      const forward = dropCodes(hiddenForward(inputs[i]!, layer, spec, i), options.dropout, input.random);
      inputs.push(forward.codes);
      return forward;
    });
    const last = integers.at(-1)!;
    const logits = accumulate(inputs.at(-1)!, last, last.offsets);
    const classes = last.trits.shape[1];
    const values = logits.dataSync<'float32'>();
    const targets = targetsOf(labels, classes, options.labelSmoothing, input.taught, options.distill);
    const loss = crossEntropy(values, labels, targets, input.logitShift);
    result = loss;
    const gradient = tf.tensor2d(loss.gradient, [labels.length, classes]);
    const { weights, offsets } = backward(inputs, integers, hidden, gradient, options.actBits);
    return [...weights, ...offsets.filter((offset) => offset !== null)];
  });
  const parameters = [...layers, ...layers.flatMap(({ offsets }) => (offsets === null ? [] : [offsets]))];
  parameters.forEach((parameter, i) => {
    const rate = i < layers.length ? input.learningRate : input.learningRate * OFFSET_RATE;
    update(parameter, gradients[i]!, options.optimizer, rate, input.step);
  });
  tf.dispose(gradients);
  return result!;
};
