// Gradual pruning, between epochs and in plain JavaScript: the smallest latents of a layer are set to zero for good
// until the layer's share of zeros, or the fan-in of each neuron, is what was asked for. Ties go to the lower index.
import type { LayerState, TrainOptions } from '../model/training.ts';

/** Share of the run after which pruning is complete; the rest trains what is left. */
const COMPLETE_AT = 0.7;

/** True when the options prune. */
export const prunes = (options: TrainOptions): boolean => options.zeros > 0 || options.fanIn > 0;

/** How much of the final pruning holds after `epoch` epochs: 0 to 1, quick at first (a cubic). */
export const pruningProgress = (options: TrainOptions, epoch: number): number =>
  1 - (1 - Math.min(1, epoch / Math.max(1, Math.floor(options.epochs * COMPLETE_AT)))) ** 3;

/** Indices of the `count` smallest magnitudes among `indices`. */
const smallest = (latents: Float32Array, indices: Uint32Array, count: number): Uint32Array =>
  indices.sort((a, b) => Math.abs(latents[a]!) - Math.abs(latents[b]!) || a - b).subarray(0, count);

const clear = (state: LayerState, indices: Uint32Array): void => {
  for (const index of indices) {
    state.latents[index] = 0;
    state.firstMoment[index] = 0;
    state.secondMoment[index] = 0;
  }
};

/** Sets latents and moments of pruned weights to zero, in place, as far as `epoch` epochs of the run ask. */
export const prune = (state: LayerState, options: TrainOptions, epoch: number): void => {
  const progress = pruningProgress(options, epoch);
  const { inputs, outputs, latents } = state;
  if (options.zeros > 0) {
    const all = Uint32Array.from(latents, (_, i) => i);
    clear(state, smallest(latents, all, Math.round(options.zeros * progress * latents.length)));
  }
  if (options.fanIn > 0 && options.fanIn < inputs) {
    const surplus = Math.round((inputs - options.fanIn) * progress);
    for (let output = 0; output < outputs; output++) {
      const column = Uint32Array.from({ length: inputs }, (_, input) => input * outputs + output);
      clear(state, smallest(latents, column, surplus));
    }
  }
};
