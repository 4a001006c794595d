// Every partial sum of one image in one layer, quickly: inputs are taken in groups of up to 4 lanes of one input word,
// whose 3^4 possible sums are made once and shared by all rows. Equal to adding lane by lane, because integers are.
import type { DenseLayer } from '../../model/network.ts';

const GROUP = 4;

/** The layer's trits as one table index per row and group of lanes. */
interface Groups {
  readonly simd: number;
  /** First input of each group, and the first after the last group. */
  readonly starts: Int32Array;
  /** [groups, rows]: sum over lanes of digit x 3^lane, digit 0 for trit 0, 1 for +1, 2 for -1. */
  readonly indices: Uint8Array;
}

const groupStarts = (inputs: number, simd: number): Int32Array => {
  const starts: number[] = [];
  for (let word = 0; word < inputs; word += simd) {
    for (let lane = 0; lane < simd; lane += GROUP) starts.push(word + lane);
  }
  return Int32Array.from([...starts, inputs]);
};

const makeGroups = ({ weights: { rows, cols, trits } }: DenseLayer, simd: number): Groups => {
  const starts = groupStarts(cols, simd);
  const indices = new Uint8Array((starts.length - 1) * rows);
  for (let group = 0; group + 1 < starts.length; group++) {
    for (let row = 0; row < rows; row++) {
      let index = 0;
      for (let at = starts[group + 1]! - 1; at >= starts[group]!; at--) {
        const trit = trits[row * cols + at]!;
        index = index * 3 + (trit < 0 ? 2 : trit);
      }
      indices[group * rows + row] = index;
    }
  }
  return { simd, starts, indices };
};

const known = new WeakMap<DenseLayer, Groups>();

/** Made once a layer and SIMD width; the last width is kept. */
const groupsOf = (layer: DenseLayer, simd: number): Groups => {
  const found = known.get(layer);
  if (found?.simd === simd) return found;
  const groups = makeGroups(layer, simd);
  known.set(layer, groups);
  return groups;
};

/** Fills `table` with the sums of inputs start..end for every choice of trits; false when they are all 0. */
const fillTable = (table: Int32Array, input: Int32Array, start: number, end: number): boolean => {
  let [size, any] = [1, 0];
  for (let at = start; at < end; at++) {
    const x = input[at]!;
    any |= x;
    for (let i = 0; i < size; i++) {
      table[size + i] = table[i]! + x;
      table[2 * size + i] = table[i]! - x;
    }
    size *= 3;
  }
  return any !== 0;
};

const addRows = (sums: Int32Array, table: Int32Array, indices: Uint8Array, from: number): void => {
  for (let row = 0; row < sums.length; row++) sums[row]! += table[indices[from + row]!]!;
};

/**
 * What each row's accumulator holds after each input word: [inputs / simd, rows]. Rows start from `start`, changed in
 * place: they end as the last words' sums.
 */
export const partialSums = (
  layer: DenseLayer,
  simd: number,
  input: Int32Array,
  start: Int32Array,
): Int32Array => {
  const { starts, indices } = groupsOf(layer, simd);
  const rows = start.length;
  const all = new Int32Array((input.length / simd) * rows);
  const table = new Int32Array(3 ** GROUP);
  let to = 0;
  for (let group = 0; group + 1 < starts.length; group++) {
    const end = starts[group + 1]!;
    if (fillTable(table, input, starts[group]!, end)) addRows(start, table, indices, group * rows);
    if (end % simd !== 0) continue;
    all.set(start, to);
    to += rows;
  }
  return all;
};
