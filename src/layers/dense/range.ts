// The exact worst-case accumulator range of a dense layer, from its trits, bias and input format.
import { type DenseLayer, inputsOf, outputsOf } from '../../model/network.ts';
import { maxOf, type NumberFormat, signedFormatFor } from '../../num/format.ts';

export interface Range {
  readonly low: number;
  readonly high: number;
}

/**
 * Range of row `r` over every possible input. Inputs are unsigned, so the highest sum takes the largest code on every
 * +1 and 0 on every -1. Partial sums that start from the bias stay inside the same range.
 */
export const rowRange = (layer: DenseLayer, r: number): Range => {
  const largest = maxOf(layer.input);
  const cols = inputsOf(layer);
  let low = layer.bias === null ? 0 : layer.bias[r]!;
  let high = low;
  for (let c = 0; c < cols; c++) {
    const trit = layer.weights.trits[r * cols + c]!;
    if (trit > 0) high += largest;
    else if (trit < 0) low -= largest;
  }
  return { low, high };
};

/** Range of the whole layer. */
export const accumulatorRange = (layer: DenseLayer): Range => {
  const range = { low: 0, high: 0 };
  for (let r = 0; r < outputsOf(layer); r++) {
    const { low, high } = rowRange(layer, r);
    range.low = Math.min(range.low, low);
    range.high = Math.max(range.high, high);
  }
  return range;
};

/** The narrowest format that holds every accumulator of the layer, and its thresholds if it has them. */
export const accumulatorFormat = (layer: DenseLayer): NumberFormat => {
  let { low, high } = accumulatorRange(layer);
  const { requantize } = layer;
  for (const threshold of requantize.kind === 'thresholds' ? requantize.thresholds : []) {
    low = Math.min(low, threshold);
    high = Math.max(high, threshold);
  }
  return signedFormatFor(low, high);
};
