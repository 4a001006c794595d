// Latents to integers on plain numbers: the same rules as the training graph's tensors (tests compare the two).
import type { OffsetState } from '../model/training.ts';
import type { Trit } from '../num/trit.ts';

/** ternary: -1 below -threshold, +1 above it, else 0, the threshold a float32 as in the graph. binary: +1 above 0, else -1. */
export const ternarize = (latent: number, weights: 'ternary' | 'binary', threshold: number): Trit => {
  if (weights === 'binary') return latent > 0 ? 1 : -1;
  const limit = Math.fround(threshold);
  if (latent > limit) return 1;
  return latent < -limit ? -1 : 0;
};

/** Biases or thresholds, [levels, outputs]: floor(latent x unit + 1/2), each step rounded to float32 as in the graph. */
export const offsetIntegers = ({ latents, unit }: OffsetState): Int32Array =>
  Int32Array.from(latents, (latent) => Math.floor(Math.fround(Math.fround(latent * unit) + 0.5)));
