// One training step, forward and backward written out. tfjs's own matMul gradient multiplies transposed operands,
// which its WASM backend does many times slower; here every product is of plain matrices after an explicit transpose.
//   straight-through estimator: d trit / d latent = 1;  d code / d acc = 2^-shift where 0 < acc and the code is below
//   its clip, else 0.
import * as tf from '@tensorflow/tfjs-core';
import type { TrainOptions } from '../model/training.ts';
import type { Random } from '../util/random.ts';
import { type GraphSpec, type HiddenForward, hiddenForward, tritsOf } from './graph.ts';
import { crossEntropy } from './loss.ts';
import { type LayerTensors, update } from './optimizer.ts';

/**
 * The threshold of a layer's trits at this moment: fixed, or a factor of the mean absolute latent. It is a number of
 * the checkpoint, so that lowering and verification use the very same.
 */
export const thresholdOf = (latents: tf.Tensor2D, options: TrainOptions): number => {
  if (options.ternarize === 'fixed') return options.threshold;
  const mean = tf.tidy(() => tf.mean(tf.abs(latents)).dataSync<'float32'>()[0]!);
  return Math.fround(mean * options.threshold);
};

/** Where the requantizer lets the gradient through, times its slope: 2^-shift x [0 < acc < clip]. */
const slope = ({ accumulators, scale, kept }: HiddenForward, actBits: number): tf.Tensor => {
  const alive = tf.step(accumulators);
  const unclipped = tf.step(tf.sub(2 ** actBits - 0.5, tf.mul(accumulators, scale)));
  const passed = tf.mul(tf.mul(alive, unclipped), scale);
  return kept === null ? passed : tf.mul(passed, kept);
};

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
  /** Draws which hidden codes are dropped. */
  readonly random?: Random | undefined;
}

export interface StepResult {
  readonly loss: number;
  readonly right: number;
}

const backward = (
  inputs: readonly tf.Tensor2D[],
  trits: readonly tf.Tensor2D[],
  hidden: readonly HiddenForward[],
  logitGradient: tf.Tensor2D,
  actBits: number,
): tf.Tensor2D[] => {
  const gradients: tf.Tensor2D[] = [];
  let signal = logitGradient;
  for (let layer = trits.length - 1; layer >= 0; layer--) {
    gradients[layer] = tf.matMul(tf.transpose(inputs[layer]!), signal);
    if (layer === 0) break;
    const back = tf.matMul(signal, tf.transpose(trits[layer]!));
    signal = tf.mul(back, slope(hidden[layer - 1]!, actBits));
  }
  return gradients;
};

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
    const trits = layers.map(({ latents }) =>
      tritsOf(latents, options.weights, thresholdOf(latents, options)),
    );
    const inputs = [tf.tensor2d(input.codes, [labels.length, input.codes.length / labels.length])];
    const hidden = trits.slice(0, -1).map((matrix, i) => {
      const forward = dropCodes(hiddenForward(inputs[i]!, matrix, spec, i), options.dropout, input.random);
      inputs.push(forward.codes);
      return forward;
    });
    const logits = tf.matMul(inputs.at(-1)!, trits.at(-1)!);
    const classes = trits.at(-1)!.shape[1];
    const values = logits.dataSync<'float32'>();
    const loss = crossEntropy(values, labels, classes, input.logitShift, options.labelSmoothing);
    result = loss;
    const gradient = tf.tensor2d(loss.gradient, [labels.length, classes]);
    return backward(inputs, trits, hidden, gradient, options.actBits);
  });
  layers.forEach((layer, i) => {
    update(layer, gradients[i]!, options.optimizer, input.learningRate, input.step);
  });
  tf.dispose(gradients);
  return result!;
};
