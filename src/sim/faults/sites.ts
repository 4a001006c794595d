// The bits that a fault can invert, numbered layer by layer, and what inverting them means.
import { codeBits, tritCode } from '../../num/trit.ts';
import type { TritChanges } from './evaluator.ts';
import type { FaultState, LayerState } from './state.ts';

/** Weight ROM, finished accumulators, or codes on their way into a dense layer. */
export type FaultPlace = 'rom' | 'accumulators' | 'activations';
export const FAULT_PLACES: readonly FaultPlace[] = ['rom', 'accumulators', 'activations'];

/** Places and bits of one layer: `places` of `bits` each. */
export interface LayerSites {
  readonly layer: number;
  readonly places: number;
  readonly bits: number;
}

const bitsOf = (place: FaultPlace, { layer, register }: LayerState): number => {
  if (place === 'rom') return codeBits(layer.weights.alphabet);
  return place === 'accumulators' ? register.bits : layer.input.bits;
};

const placesOf = (place: FaultPlace, { inputs, outputs }: LayerState): number => {
  if (place === 'rom') return inputs * outputs;
  return place === 'accumulators' ? outputs : inputs;
};

/** Sites of every layer, or of those in `chosen`. */
export const sitesOf = (
  state: FaultState,
  place: FaultPlace,
  chosen: readonly number[] = state.layers.map((_, i) => i),
): LayerSites[] =>
  chosen.map((at) => {
    const layer = state.layers[at]!;
    return { layer: at, places: placesOf(place, layer), bits: bitsOf(place, layer) };
  });

/**
 * The trit that hardware computes with when bits of a stored code are inverted. Of two bits, bit 0 says "take part" and
 * bit 1 "subtract", so that the unused code 10 takes no part; a binary code is the sign alone.
 */
export const tritWithFlips = (trit: number, mask: number, alphabet: 'ternary' | 'binary'): number => {
  const code = tritCode(trit, alphabet) ^ mask;
  if (alphabet === 'binary') return code === 0 ? 1 : -1;
  if ((code & 1) === 0) return 0;
  return code === 1 ? 1 : -1;
};

/** Changes of one layer from masks of its places (row-major); places whose trit stays are left out. */
export const tritChanges = (
  { layer, inputs }: LayerState,
  flips: readonly { readonly place: number; readonly mask: number }[],
): TritChanges => {
  const { trits, alphabet } = layer.weights;
  const changed = flips
    .map(({ place, mask }) => ({
      place,
      delta: tritWithFlips(trits[place]!, mask, alphabet) - trits[place]!,
    }))
    .filter(({ delta }) => delta !== 0);
  return {
    rows: Int32Array.from(changed, ({ place }) => Math.floor(place / inputs)),
    cols: Int32Array.from(changed, ({ place }) => place % inputs),
    deltas: Int8Array.from(changed, ({ delta }) => delta),
  };
};
