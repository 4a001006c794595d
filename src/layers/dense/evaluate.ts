// The slow, obvious integer evaluation of a dense layer. A test compiles this file and greps it for multiplication.
import { type DenseLayer, inputsOf, outputsOf, type RequantSpec } from '../../model/network.ts';
import type { LayerTrace } from '../../model/trace.ts';
import { bitLength, maxOf } from '../../num/format.ts';
import type { Alu } from '../alu.ts';

/** acc = bias + sum over the row: add where the trit is +1, subtract where it is -1, skip where it is 0. */
const accumulateRow = (row: Int8Array, bias: number, input: Int32Array, alu: Alu): number => {
  let accumulator = bias;
  for (let c = 0; c < row.length; c++) {
    const trit = row[c]!;
    if (trit > 0) accumulator = alu.add(accumulator, input[c]!);
    else if (trit < 0) accumulator = alu.subtract(accumulator, input[c]!);
    else alu.skip();
  }
  return accumulator;
};

/** The shift of one image: fixed, or as many bits as the largest accumulator has beyond the output's width. */
export const shiftOf = (spec: RequantSpec, accumulators: Int32Array): number => {
  if (spec.kind === 'none') return 0;
  if (spec.kind === 'static-shift') return spec.shift;
  let largest = 0;
  for (const accumulator of accumulators) largest = Math.max(largest, accumulator);
  return Math.max(0, bitLength(largest) - spec.output.bits);
};

/** ReLU, rounding right shift, saturation to `largest`. */
const requantizeOne = (accumulator: number, shift: number, largest: number, alu: Alu): number => {
  if (!alu.greater(accumulator, 0)) return 0;
  const rounded = alu.shiftRightHalfUp(accumulator, shift);
  return alu.greater(rounded, largest) ? largest : rounded;
};

export const evaluateDense = (layer: DenseLayer, input: Int32Array, alu: Alu): LayerTrace => {
  const outputs = outputsOf(layer);
  const accumulators = new Int32Array(outputs);
  let offset = 0;
  for (let r = 0; r < outputs; r++) {
    const row = layer.weights.trits.subarray(offset, offset + inputsOf(layer));
    accumulators[r] = accumulateRow(row, layer.bias === null ? 0 : layer.bias[r]!, input, alu);
    offset += inputsOf(layer);
  }
  const spec = layer.requantize;
  if (spec.kind === 'none') return { layer: layer.name, accumulators, shift: 0, codes: accumulators };
  const shift = shiftOf(spec, accumulators);
  const largest = maxOf(spec.output);
  const codes = accumulators.map((accumulator) => requantizeOne(accumulator, shift, largest, alu));
  return { layer: layer.name, accumulators, shift, codes };
};
