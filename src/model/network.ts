// The Network: the one integer-only description of a trained net. Everything before it produces one, everything
// after it reads one. It holds no float outside `provenance`, and its requantize union has no multiplier variant:
// "multiplier-free" is a fact of the types. docs/ir.md says what each field means, field by field.
import { maxOf, type NumberFormat } from '../num/format.ts';
import type { Rounding } from '../num/rounding.ts';
import type { TritMatrix } from '../num/trit.ts';

export const NETWORK_FORMAT = 'bitsim-network';
export const NETWORK_VERSION = 1;

/**
 * How raw pixels become input codes, by additions and one shift: the crop's windows of pool pixels are summed,
 * `code = sum >> shift`. Codes are in row order of the windows.
 */
export interface InputSpec {
  /** Image shape [height, width]. */
  readonly shape: readonly [number, number];
  readonly pixel: NumberFormat;
  /** The part of the image that is looked at: [top, left, height, width]. */
  readonly crop: readonly [number, number, number, number];
  /** Window [height, width]; divides the crop. */
  readonly pool: readonly [number, number];
  readonly shift: number;
  readonly code: NumberFormat;
}

/** The last dense layer: accumulators leave as logits, untouched. */
export interface NoRequantize {
  readonly kind: 'none';
}

/** code = saturate(max(acc, 0) rounded-shift-right by `shift`): the same shift for every image. */
export interface StaticShift {
  readonly kind: 'static-shift';
  readonly shift: number;
  readonly rounding: Rounding;
  readonly output: NumberFormat;
}

/**
 * As StaticShift, with the shift of each image: max(0, bitLength(max(0, largest accumulator)) - output.bits).
 * The multiplier-free form of BitNet's per-token absmax quantizer.
 */
export interface DynamicShift {
  readonly kind: 'dynamic-shift';
  readonly rounding: Rounding;
  readonly output: NumberFormat;
}

/**
 * code = how many of the row's thresholds are <= acc. Each output has its own, so a scale or an offset of each neuron
 * (a normalization, say) costs comparisons with constants and no multiplication.
 */
export interface Thresholds {
  readonly kind: 'thresholds';
  /** u1..u4. */
  readonly output: NumberFormat;
  /** [outputs, 2^bits - 1], row-major; ascending within a row, equal ones allowed. */
  readonly thresholds: Int32Array;
}

export type RequantSpec = NoRequantize | StaticShift | DynamicShift | Thresholds;

/** acc[r] = bias[r] + sum of +-x[c] over the non-zero trits of row r; then requantize. */
export interface DenseLayer {
  readonly kind: 'dense';
  readonly name: string;
  readonly input: NumberFormat;
  readonly weights: TritMatrix;
  /** One integer a row in units of the accumulator, or null for none. */
  readonly bias: Int32Array | null;
  /** Holds every accumulator that any input can produce; the validator recomputes the range. */
  readonly accumulator: NumberFormat;
  readonly requantize: RequantSpec;
}

/** The index of the largest logit; the lowest index wins a tie. */
export interface ArgmaxLayer {
  readonly kind: 'argmax';
  readonly name: string;
  readonly inputs: number;
  readonly input: NumberFormat;
  readonly ties: 'lowest-index';
}

export type Layer = DenseLayer | ArgmaxLayer;

/** Where the net came from. The only place for floats; never read by the simulator or the code generator. */
export interface Provenance {
  readonly tool: string;
  readonly dataset?: string | undefined;
  readonly seed?: number | undefined;
  readonly epochs?: number | undefined;
  readonly testAccuracy?: number | undefined;
  readonly trainAccuracy?: number | undefined;
}

export interface Network {
  readonly format: typeof NETWORK_FORMAT;
  readonly version: typeof NETWORK_VERSION;
  /** Letters, digits, `-` and `_`; becomes part of file and module names. */
  readonly name: string;
  readonly input: InputSpec;
  /** One or more dense layers, then argmax. */
  readonly layers: readonly Layer[];
  /** Names of the classes, one per logit. */
  readonly classes: readonly string[];
  readonly provenance: Provenance;
}

export const denseLayers = (network: Network): readonly DenseLayer[] =>
  network.layers.filter((layer): layer is DenseLayer => layer.kind === 'dense');

export const outputsOf = (layer: DenseLayer): number => layer.weights.rows;
export const inputsOf = (layer: DenseLayer): number => layer.weights.cols;

/** The format of what leaves a dense layer: its output codes, or its accumulators when it does not requantize. */
export const outputFormatOf = (layer: DenseLayer): NumberFormat =>
  layer.requantize.kind === 'none' ? layer.accumulator : layer.requantize.output;

/** The thresholds of each output. */
export const thresholdRows = ({ thresholds, output }: Thresholds): Int32Array[] => {
  const rows: Int32Array[] = [];
  const levels = maxOf(output);
  for (let start = 0; start < thresholds.length; start += levels)
    rows.push(thresholds.subarray(start, start + levels));
  return rows;
};
