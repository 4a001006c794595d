// One training step, forward and backward written out. tfjs's own matMul gradient multiplies transposed operands,
// which its WASM backend does many times slower; here every product is of plain matrices after an explicit transpose.
//   straight-through estimator: d trit / d latent = 1;  d code / d acc = 2^-shift where 0 < acc and the code is below
//   its clip, else 0.
import * as tf from '@tensorflow/tfjs-core';
import type { LayerState, TrainOptions } from '../model/training.ts';
import { type GraphSpec, type HiddenForward, hiddenForward, tritsOf } from './graph.ts';
import { crossEntropy } from './loss.ts';

const BETA1 = 0.9;
const BETA2 = 0.99;
/** Gradients live on the integers' scale and can be tiny; Adam's usual 1e-7 would swamp them. */
const EPSILON = 1e-12;
/** Keeps moments of weights that get no gradient out of float32's subnormal range, which is slow to compute with. */
const MOMENT_FLOOR = 1e-20;
const VARIANCE_FLOOR = 1e-32;

/** A layer's latents and moments as tensors [inputs, outputs]. */
export interface LayerTensors {
  latents: tf.Tensor2D;
  firstMoment: tf.Tensor2D;
  secondMoment: tf.Tensor2D;
}

export const toTensors = ({ inputs, outputs, ...state }: LayerState): LayerTensors => ({
  latents: tf.tensor2d(state.latents, [inputs, outputs]),
  firstMoment: tf.tensor2d(state.firstMoment, [inputs, outputs]),
  secondMoment: tf.tensor2d(state.secondMoment, [inputs, outputs]),
});

const floats = (tensor: tf.Tensor): Float32Array => new Float32Array(tensor.dataSync<'float32'>());

export const toState = ({ latents, firstMoment, secondMoment }: LayerTensors): LayerState => ({
  inputs: latents.shape[0],
  outputs: latents.shape[1],
  latents: floats(latents),
  firstMoment: floats(firstMoment),
  secondMoment: floats(secondMoment),
});

export const disposeTensors = (layers: readonly LayerTensors[]): void => {
  for (const layer of layers) tf.dispose([layer.latents, layer.firstMoment, layer.secondMoment]);
};

/** Adam with bias correction, then the latents are clipped to [-1, 1]. Replaces the tensors of `layer`. */
const update = (layer: LayerTensors, gradient: tf.Tensor2D, learningRate: number, step: number): void => {
  const next = tf.tidy(() => {
    const firstMoment = tf.add(
      tf.mul(layer.firstMoment, BETA1),
      tf.mul(tf.add(gradient, MOMENT_FLOOR), 1 - BETA1),
    );
    const secondMoment = tf.add(
      tf.mul(layer.secondMoment, BETA2),
      tf.add(tf.mul(tf.square(gradient), 1 - BETA2), VARIANCE_FLOOR),
    );
    const rate = learningRate / (1 - BETA1 ** step);
    const correction = Math.sqrt(1 - BETA2 ** step);
    // rate m / (sqrt(v) / correction + eps)
    const size = tf.add(tf.sqrt(secondMoment), EPSILON * correction);
    const move = tf.mul(tf.div(firstMoment, size), rate * correction);
    const latents = tf.clipByValue(tf.sub(layer.latents, move), -1, 1);
    return { latents, firstMoment, secondMoment } as unknown as { [name: string]: tf.Tensor };
  }) as unknown as LayerTensors;
  tf.dispose([layer.latents, layer.firstMoment, layer.secondMoment]);
  Object.assign(layer, next);
};

/** Where the requantizer lets the gradient through, times its slope: 2^-shift x [0 < acc < clip]. */
const slope = ({ accumulators, scale }: HiddenForward, actBits: number): tf.Tensor => {
  const alive = tf.step(accumulators);
  const unclipped = tf.step(tf.sub(2 ** actBits - 0.5, tf.mul(accumulators, scale)));
  return tf.mul(tf.mul(alive, unclipped), scale);
};

export interface StepInput {
  readonly codes: Float32Array;
  readonly labels: Uint8Array;
  readonly learningRate: number;
  /** 1 for the first step of the run. */
  readonly step: number;
  readonly logitShift: number;
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
    const trits = layers.map((layer) => tritsOf(layer.latents, options.weights));
    const inputs = [tf.tensor2d(input.codes, [labels.length, input.codes.length / labels.length])];
    const hidden = trits.slice(0, -1).map((matrix, i) => {
      const forward = hiddenForward(inputs[i]!, matrix, spec, i);
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
    update(layer, gradients[i]!, input.learningRate, input.step);
  });
  tf.dispose(gradients);
  return result!;
};
