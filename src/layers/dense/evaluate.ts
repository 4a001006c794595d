// The slow, obvious integer evaluation of a dense layer. A test parses its compiled code and finds no multiplication.
import {
  type DenseLayer,
  type DynamicShift,
  type StaticShift,
  type Thresholds,
  thresholdRows,
} from '../../model/network.ts';
import type { LayerTrace } from '../../model/trace.ts';
import { bitLength, maxOf } from '../../num/format.ts';
import type { Alu } from '../alu.ts';

/** Where the trits of one row are +1 and where they are -1. */
interface SignedColumns {
  readonly plus: Int32Array;
  readonly minus: Int32Array;
  readonly zeros: number;
}

const columnsOf = (row: Int8Array): SignedColumns => {
  const plus: number[] = [];
  const minus: number[] = [];
  row.forEach((trit, column) => {
    if (trit > 0) plus.push(column);
    else if (trit < 0) minus.push(column);
  });
  return {
    plus: Int32Array.from(plus),
    minus: Int32Array.from(minus),
    zeros: row.length - plus.length - minus.length,
  };
};

const known = new WeakMap<DenseLayer, readonly SignedColumns[]>();

/** The signed columns of every row, found once a layer. */
const rowsOf = (layer: DenseLayer): readonly SignedColumns[] => {
  const found = known.get(layer);
  if (found !== undefined) return found;
  const rows: SignedColumns[] = [];
  const { cols, trits } = layer.weights;
  for (let start = 0; start < trits.length; start += cols)
    rows.push(columnsOf(trits.subarray(start, start + cols)));
  known.set(layer, rows);
  return rows;
};

/** acc = bias + the inputs where the trit is +1 - the inputs where it is -1; zeros are skipped. */
const accumulateRow = (row: SignedColumns, bias: number, input: Int32Array, alu: Alu): number => {
  let accumulator = bias;
  for (const column of row.plus) accumulator += input[column]!;
  for (const column of row.minus) accumulator -= input[column]!;
  alu.count(row.plus.length, row.minus.length, row.zeros);
  return accumulator;
};

type ShiftSpec = StaticShift | DynamicShift;

/**
 * The shift of one image: fixed, or as many bits as the largest accumulator has beyond the output's width. The latter
 * costs one comparison per accumulator.
 */
export const shiftOf = (spec: ShiftSpec, accumulators: Int32Array, alu: Alu): number => {
  if (spec.kind === 'static-shift') return spec.shift;
  let largest = 0;
  for (const accumulator of accumulators) if (alu.greater(accumulator, largest)) largest = accumulator;
  return Math.max(0, bitLength(largest) - spec.output.bits);
};

/** ReLU, rounding right shift, saturation to `largest`. */
const requantizeOne = (accumulator: number, shift: number, largest: number, alu: Alu): number => {
  if (!alu.greater(accumulator, 0)) return 0;
  const rounded = alu.shiftRightHalfUp(accumulator, shift);
  return alu.greater(rounded, largest) ? largest : rounded;
};

const knownSteps = new WeakMap<Thresholds, readonly Int32Array[]>();

/** The thresholds of every row, found once a layer. */
const stepsOf = (spec: Thresholds): readonly Int32Array[] => {
  const found = knownSteps.get(spec) ?? thresholdRows(spec);
  knownSteps.set(spec, found);
  return found;
};

/** How many of `thresholds`, ascending, are <= accumulator. */
const countReached = (accumulator: number, thresholds: Int32Array, alu: Alu): number => {
  let code = 0;
  while (code < thresholds.length && !alu.greater(thresholds[code]!, accumulator)) code++;
  return code;
};

/** The code of one row's finished accumulator; `shift` is used where the requantizer shifts. */
export const codeOf = (
  spec: StaticShift | DynamicShift | Thresholds,
  row: number,
  accumulator: number,
  shift: number,
  alu: Alu,
): number =>
  spec.kind === 'thresholds'
    ? countReached(accumulator, stepsOf(spec)[row]!, alu)
    : requantizeOne(accumulator, shift, maxOf(spec.output), alu);

/** What the layer makes of its finished accumulators. */
export const requantizeDense = (layer: DenseLayer, accumulators: Int32Array, alu: Alu): LayerTrace => {
  const spec = layer.requantize;
  if (spec.kind === 'none') return { layer: layer.name, accumulators, shift: 0, codes: accumulators };
  if (spec.kind === 'thresholds') {
    const rows = stepsOf(spec);
    const codes = accumulators.map((accumulator, r) => countReached(accumulator, rows[r]!, alu));
    return { layer: layer.name, accumulators, shift: 0, codes };
  }
  const shift = shiftOf(spec, accumulators, alu);
  const largest = maxOf(spec.output);
  const codes = accumulators.map((accumulator) => requantizeOne(accumulator, shift, largest, alu));
  return { layer: layer.name, accumulators, shift, codes };
};

export const evaluateDense = (layer: DenseLayer, input: Int32Array, alu: Alu): LayerTrace => {
  const bias = layer.bias;
  const accumulators = Int32Array.from(rowsOf(layer), (row, r) =>
    accumulateRow(row, bias === null ? 0 : bias[r]!, input, alu),
  );
  return requantizeDense(layer, accumulators, alu);
};
