// Latent weights to trits on plain numbers: the same rule as the training graph's tensors (a test compares the two).
import type { Trit } from '../num/trit.ts';

/** ternary: -1 below -threshold, +1 above it, else 0, the threshold a float32 as in the graph. binary: +1 above 0, else -1. */
export const ternarize = (latent: number, weights: 'ternary' | 'binary', threshold: number): Trit => {
  if (weights === 'binary') return latent > 0 ? 1 : -1;
  const limit = Math.fround(threshold);
  if (latent > limit) return 1;
  return latent < -limit ? -1 : 0;
};
