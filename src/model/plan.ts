// The HardwarePlan: every decision about hardware, none of the weights. A Network says what is computed; a plan says
// with how many adders, in which order and from how many memory words. Cycles in it are predictions that the
// emitted testbench checks to the cycle.
import type { NumberFormat } from '../num/format.ts';

export const PLAN_FORMAT = 'bitsim-plan';
export const PLAN_VERSION = 2;

/** How trits lie in a weight ROM: a bit each (binary), two bits each, or five in a byte. */
export type Packing = '1bit' | '2bit' | 'base3';

export interface RomPlan {
  readonly words: number;
  readonly width: number;
  readonly packing: Packing;
}

/** Weights in compressed rows: only words with a trit that is not zero. */
export interface SparsePlan {
  /** Bits of the distance from one word to the next in each ROM word, beside the trits and the flag that ends a row. */
  readonly distanceBits: number;
}

export interface DensePlan {
  readonly layer: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Outputs computed side by side. Divides `outputs`. */
  readonly pe: number;
  /** Inputs consumed a cycle. Divides `inputs`. */
  readonly simd: number;
  /** outputs / pe. */
  readonly neuronFold: number;
  /** inputs / simd. */
  readonly synapseFold: number;
  /** Cycles of select-and-add an image: neuronFold x synapseFold, or fewer where zeros are skipped. */
  readonly cycles: number;
  /** Registers within the select-add trees, for a higher clock: 0..ceil(log2(simd)). Each is a cycle of latency. */
  readonly pipeline: number;
  readonly rom: RomPlan;
  /** Present where zeros are skipped. */
  readonly sparse?: SparsePlan;
  /** Words of `simd` input codes that the activation buffer holds (synapseFold..2 x synapseFold). */
  readonly bufferWords: number;
  /** Hardware accumulator: the Network's, widened for the rounding constant that it starts from. */
  readonly accumulator: NumberFormat;
}

export interface HardwarePlan {
  readonly format: typeof PLAN_FORMAT;
  readonly version: typeof PLAN_VERSION;
  readonly architecture: 'folded';
  readonly network: string;
  readonly layers: readonly DensePlan[];
  /** Cycles from the first accepted input beat to the last output beat, nothing stalling. */
  readonly latency: number;
  /** Cycles from frame to frame in the steady state, nothing stalling. */
  readonly initiationInterval: number;
  /** Index of the first frame that follows the one before it by exactly initiationInterval cycles. */
  readonly steadyFrom: number;
}
