// Optimizers on tensors: Adam, RMSprop and SGD with momentum, each followed by clipping the latents and, in
// a pruned layer, by keeping pruned latents at zero. Replaces the tensors of the layer it updates.
import * as tf from '@tensorflow/tfjs-core';
import { type LayerState, OFFSET_LIMIT, type OffsetState, type TrainOptions } from '../model/training.ts';

const BETA1 = 0.9;
const BETA2 = 0.99;
/** Gradients live on the integers' scale and can be tiny; the usual 1e-7 would swamp them. */
const EPSILON = 1e-12;
/** Keeps moments of weights that get no gradient out of float32's subnormal range, which is slow to compute with. */
const MOMENT_FLOOR = 1e-20;
const VARIANCE_FLOOR = 1e-32;

/** Latents and their moments as tensors of one shape. */
export interface ParameterTensors {
  latents: tf.Tensor2D;
  firstMoment: tf.Tensor2D;
  secondMoment: tf.Tensor2D;
  /** Latents are clipped to [-limit, limit]. */
  readonly limit: number;
  /** 1 where a latent is alive, 0 where it was pruned; null when nothing was. */
  readonly mask: tf.Tensor2D | null;
}

/** A layer's weights [inputs, outputs] and, if it has any, its offsets [levels, outputs]. */
export interface LayerTensors extends ParameterTensors {
  readonly offsets: (ParameterTensors & { readonly unit: number }) | null;
}

interface ParameterState {
  readonly latents: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

const parameterTensors = (state: ParameterState, shape: [number, number]) => ({
  latents: tf.tensor2d(state.latents, shape),
  firstMoment: tf.tensor2d(state.firstMoment, shape),
  secondMoment: tf.tensor2d(state.secondMoment, shape),
});

const aliveMask = (latents: Float32Array, shape: [number, number]): tf.Tensor2D =>
  tf.tensor2d(
    latents.map((latent) => (latent === 0 ? 0 : 1)),
    shape,
  );

/** Moves the arrays of a layer to the backend. Pruned latents are exactly 0. */
export const toTensors = (state: LayerState, pruned = false): LayerTensors => {
  const { inputs, outputs, latents, offsets } = state;
  return {
    ...parameterTensors(state, [inputs, outputs]),
    limit: 1,
    mask: pruned ? aliveMask(latents, [inputs, outputs]) : null,
    offsets: offsets === null ? null : offsetTensors(offsets, outputs),
  };
};

const offsetTensors = (state: OffsetState, outputs: number): LayerTensors['offsets'] => ({
  ...parameterTensors(state, [state.latents.length / outputs, outputs]),
  limit: OFFSET_LIMIT,
  mask: null,
  unit: state.unit,
});

const floats = (tensor: tf.Tensor): Float32Array => new Float32Array(tensor.dataSync<'float32'>());

const parameterState = ({ latents, firstMoment, secondMoment }: ParameterTensors): ParameterState => ({
  latents: floats(latents),
  firstMoment: floats(firstMoment),
  secondMoment: floats(secondMoment),
});

export const toState = (layer: LayerTensors, threshold: number): LayerState => ({
  inputs: layer.latents.shape[0],
  outputs: layer.latents.shape[1],
  threshold,
  ...parameterState(layer),
  offsets: layer.offsets === null ? null : { unit: layer.offsets.unit, ...parameterState(layer.offsets) },
});

export const disposeTensors = (layers: readonly LayerTensors[]): void => {
  for (const layer of layers) {
    for (const part of layer.offsets === null ? [layer] : [layer, layer.offsets]) {
      tf.dispose([part.latents, part.firstMoment, part.secondMoment]);
      part.mask?.dispose();
    }
  }
};

interface Moments {
  readonly firstMoment: tf.Tensor;
  readonly secondMoment: tf.Tensor;
  /** What is subtracted from the latents. */
  readonly move: tf.Tensor;
}

const square = (layer: ParameterTensors, gradient: tf.Tensor2D): tf.Tensor =>
  tf.add(tf.mul(layer.secondMoment, BETA2), tf.add(tf.mul(tf.square(gradient), 1 - BETA2), VARIANCE_FLOOR));

/** Adam with bias correction: rate m / (sqrt(v) / correction + eps). */
const adam = (
  layer: ParameterTensors,
  gradient: tf.Tensor2D,
  learningRate: number,
  step: number,
): Moments => {
  const firstMoment = tf.add(
    tf.mul(layer.firstMoment, BETA1),
    tf.mul(tf.add(gradient, MOMENT_FLOOR), 1 - BETA1),
  );
  const secondMoment = square(layer, gradient);
  const correction = Math.sqrt(1 - BETA2 ** step);
  const size = tf.add(tf.sqrt(secondMoment), EPSILON * correction);
  const rate = (learningRate / (1 - BETA1 ** step)) * correction;
  return { firstMoment, secondMoment, move: tf.mul(tf.div(firstMoment, size), rate) };
};

const rmsprop = (layer: ParameterTensors, gradient: tf.Tensor2D, learningRate: number): Moments => {
  const secondMoment = square(layer, gradient);
  const size = tf.add(tf.sqrt(secondMoment), EPSILON);
  const move = tf.mul(tf.div(gradient, size), learningRate);
  return { firstMoment: tf.clone(layer.firstMoment), secondMoment, move };
};

const sgd = (layer: ParameterTensors, gradient: tf.Tensor2D, learningRate: number): Moments => {
  const firstMoment = tf.add(tf.mul(layer.firstMoment, BETA1), tf.add(gradient, MOMENT_FLOOR));
  return { firstMoment, secondMoment: tf.clone(layer.secondMoment), move: tf.mul(firstMoment, learningRate) };
};

const OPTIMIZERS = { adam, rmsprop, sgd } as const;

/** One update of one parameter; `step` is 1 for the first of the run. */
export const update = (
  layer: ParameterTensors,
  gradient: tf.Tensor2D,
  optimizer: TrainOptions['optimizer'],
  learningRate: number,
  step: number,
): void => {
  const next = tf.tidy(() => {
    const { firstMoment, secondMoment, move } = OPTIMIZERS[optimizer](layer, gradient, learningRate, step);
    const clipped = tf.clipByValue(tf.sub(layer.latents, move), -layer.limit, layer.limit);
    const latents = layer.mask === null ? clipped : tf.mul(clipped, layer.mask);
    return [latents, firstMoment, secondMoment] as tf.Tensor2D[];
  });
  tf.dispose([layer.latents, layer.firstMoment, layer.secondMoment]);
  [layer.latents, layer.firstMoment, layer.secondMoment] = next as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
};
