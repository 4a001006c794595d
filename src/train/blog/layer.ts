// One layer of the experiment, forward and backward written out: y = LayerNorm(x) sign(W - mean W) + b, then
// z = clip(128 y / (max|y| + eps), within 128 - eps). Straight-through: d sign(u) / d u = 1. Matrices are [inputs, outputs].
import * as tf from '@tensorflow/tfjs-core';
import type { BlogOptions } from './options.ts';

const EPS = 1e-5;
const RANGE = 128;

/** Trained tensors: weights [inputs, outputs], bias [1, outputs], gain and offset of the norm [1, inputs]. */
export interface BlogLayer {
  readonly weights: tf.Tensor2D;
  readonly bias: tf.Tensor2D;
  readonly gain: tf.Tensor2D;
  readonly offset: tf.Tensor2D;
}

export const PARAMETERS = ['weights', 'bias', 'gain', 'offset'] as const;

export interface BlogForward {
  readonly output: tf.Tensor2D;
  readonly normed: tf.Tensor2D;
  readonly hat: tf.Tensor2D;
  readonly deviation: tf.Tensor;
  readonly used: tf.Tensor2D;
  readonly sums: tf.Tensor2D;
  readonly largest: tf.Tensor | null;
}

const usedWeights = (weights: tf.Tensor2D, kind: BlogOptions['weights']): tf.Tensor2D => {
  if (kind === 'float') return weights;
  if (kind === 'binary') return tf.sign(tf.sub(weights, tf.mean(weights)));
  const scale = tf.add(tf.mean(tf.abs(weights)), EPS);
  return tf.clipByValue(tf.round(tf.div<tf.Tensor2D>(weights, scale)), -1, 1);
};

const largestOf = (sums: tf.Tensor2D, rescale: BlogOptions['rescale']): tf.Tensor | null => {
  if (rescale === 'none') return null;
  return rescale === 'batch' ? tf.max(tf.abs(sums)) : tf.max(tf.abs(sums), 1, true);
};

const stretch = (sums: tf.Tensor2D, largest: tf.Tensor | null): tf.Tensor2D => {
  if (largest === null) return sums;
  return tf.clipByValue(
    tf.div<tf.Tensor2D>(tf.mul(sums, RANGE), tf.add(largest, EPS)),
    EPS - RANGE,
    RANGE - EPS,
  );
};

/** Call inside tf.tidy. `input` is [batch, inputs]. */
export const blogForward = (input: tf.Tensor2D, layer: BlogLayer, options: BlogOptions): BlogForward => {
  const plain = options.weights === 'float';
  const centred = tf.sub<tf.Tensor2D>(input, tf.mean(input, 1, true));
  const deviation = tf.sqrt(tf.add(tf.mean(tf.square(centred), 1, true), EPS));
  const hat = tf.div<tf.Tensor2D>(centred, deviation);
  const normed = plain ? input : tf.add<tf.Tensor2D>(tf.mul(hat, layer.gain), layer.offset);
  const used = usedWeights(layer.weights, options.weights);
  const sums = tf.add<tf.Tensor2D>(tf.matMul(normed, used), layer.bias);
  const largest = plain ? null : largestOf(sums, options.rescale);
  return { output: stretch(sums, largest), normed, hat, deviation, used, sums, largest };
};

/** Gradient by the sums, from the gradient by the stretched output: through the factor, and through the largest itself. */
const backStretch = (gradient: tf.Tensor2D, { sums, largest }: BlogForward): tf.Tensor2D => {
  if (largest === null) return gradient;
  const denominator = tf.add(largest, EPS);
  const factor = tf.div(RANGE, denominator);
  const inside = tf.step(tf.sub(RANGE - EPS, tf.abs(tf.mul(sums, factor))));
  const passed = tf.mul<tf.Tensor2D>(tf.mul(gradient, inside), factor);
  const byLargest = tf.neg(tf.div(tf.mul(passed, sums), denominator));
  const total = largest.rank === 0 ? tf.sum(byLargest) : tf.sum(byLargest, 1, true);
  // the largest is one element (of the batch or the row); ties share
  const at = tf.sub(1, tf.step(tf.sub(largest, tf.abs(sums))));
  const ties = largest.rank === 0 ? tf.sum(at) : tf.sum(at, 1, true);
  return tf.add(passed, tf.mul(tf.mul(at, tf.sign(sums)), tf.div(total, ties)));
};

/** Gradients by each parameter, and by the input. Call inside tf.tidy. */
export const blogBackward = (
  gradient: tf.Tensor2D,
  forward: BlogForward,
  layer: BlogLayer,
  options: BlogOptions,
): { parameters: BlogLayer; input: tf.Tensor2D } => {
  const sums = backStretch(gradient, forward);
  const byUsed = tf.matMul<tf.Tensor2D>(tf.transpose(forward.normed), sums);
  const weights = options.weights === 'binary' ? tf.sub<tf.Tensor2D>(byUsed, tf.mean(byUsed)) : byUsed;
  const bias = tf.sum<tf.Tensor2D>(sums, 0, true);
  const byNormed = tf.matMul<tf.Tensor2D>(sums, tf.transpose(forward.used));
  const gain = tf.sum<tf.Tensor2D>(tf.mul(byNormed, forward.hat), 0, true);
  const offset = tf.sum<tf.Tensor2D>(byNormed, 0, true);
  if (options.weights === 'float') {
    const none = tf.zerosLike(gain);
    return { parameters: { weights, bias, gain: none, offset: none }, input: byNormed };
  }
  const byHat = tf.mul<tf.Tensor2D>(byNormed, layer.gain);
  const mean = tf.mean(byHat, 1, true);
  const along = tf.mul(forward.hat, tf.mean(tf.mul(byHat, forward.hat), 1, true));
  const input = tf.div<tf.Tensor2D>(tf.sub(tf.sub(byHat, mean), along), forward.deviation);
  return { parameters: { weights, bias, gain, offset }, input };
};
