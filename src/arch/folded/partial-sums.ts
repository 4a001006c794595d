// Every partial sum of one image in one layer, quickly. Inputs are taken up to 16 lanes of one input word at a time, as
// four groups of four lanes; the 3^4 possible sums of each group are made once and shared by all rows, and a row's four
// table indices lie in one 32-bit number. Equal to adding lane by lane, because integers are.
import type { DenseLayer } from '../../model/network.ts';

const GROUP = 4;
const BLOCK = 4 * GROUP;
/** Table entries set aside for a group: a byte's worth. */
const STRIDE = 256;

interface Block {
  /** Inputs start..end. */
  readonly start: number;
  readonly end: number;
  /** One a row; byte g: sum over lanes of group g of digit x 3^lane, digit 0 for trit 0, 1 for +1, 2 for -1. */
  readonly indices: Int32Array;
}

interface Blocks {
  readonly simd: number;
  readonly blocks: readonly Block[];
}

const packRow = (trits: Int8Array, start: number, end: number): number => {
  let packed = 0;
  for (let group = start; group < end; group += GROUP) {
    let index = 0;
    for (let at = Math.min(group + GROUP, end) - 1; at >= group; at--)
      index = index * 3 + (trits[at]! < 0 ? 2 : trits[at]!);
    packed |= index << (2 * (group - start));
  }
  return packed;
};

const makeBlocks = ({ weights: { rows, cols, trits } }: DenseLayer, simd: number): Blocks => {
  const blocks: Block[] = [];
  for (let word = 0; word < cols; word += simd) {
    for (let start = word; start < word + simd; start += BLOCK) {
      const end = Math.min(start + BLOCK, word + simd);
      const indices = new Int32Array(rows).map((_, row) =>
        packRow(trits, row * cols + start, row * cols + end),
      );
      blocks.push({ start, end, indices });
    }
  }
  return { simd, blocks };
};

const known = new WeakMap<DenseLayer, Blocks>();

/** Made once a layer and SIMD width; the last width is kept. */
const blocksOf = (layer: DenseLayer, simd: number): readonly Block[] => {
  const found = known.get(layer);
  if (found?.simd === simd) return found.blocks;
  const made = makeBlocks(layer, simd);
  known.set(layer, made);
  return made.blocks;
};

/** Writes the sums of inputs start..end for every choice of trits to `table` from `base` on. */
const fillGroup = (table: Int32Array, base: number, input: Int32Array, start: number, end: number): void => {
  let size = 1;
  for (let at = start; at < end; at++) {
    const x = input[at]!;
    for (let i = base; i < base + size; i++) {
      const sum = table[i]!;
      table[i + size] = sum + x;
      table[i + 2 * size] = sum - x;
    }
    size *= 3;
  }
};

const fillTable = (table: Int32Array, input: Int32Array, { start, end }: Block): void => {
  for (let group = start, base = 0; group < end; group += GROUP, base += STRIDE)
    fillGroup(table, base, input, group, Math.min(group + GROUP, end));
};

const isDark = (input: Int32Array, { start, end }: Block): boolean => {
  for (let at = start; at < end; at++) if (input[at] !== 0) return false;
  return true;
};

/** sums[to + row] = sums[from + row] + the block's part of that row, for every row. */
const addBlock = (
  sums: Int32Array,
  from: number,
  to: number,
  table: Int32Array,
  indices: Int32Array,
): void => {
  for (let row = 0; row < indices.length; row++) {
    const packed = indices[row]!;
    sums[to + row] =
      sums[from + row]! +
      table[packed & 255]! +
      table[STRIDE | ((packed >> 8) & 255)]! +
      table[(2 * STRIDE) | ((packed >> 16) & 255)]! +
      table[(3 * STRIDE) | (packed >>> 24)]!;
  }
};

/** What each row's accumulator holds after each input word, starting from `start` (one a row): [inputs / simd, rows]. */
export const partialSums = (
  layer: DenseLayer,
  simd: number,
  input: Int32Array,
  start: Int32Array,
): Int32Array => {
  const rows = start.length;
  const sums = new Int32Array((input.length / simd + 1) * rows);
  const table = new Int32Array(4 * STRIDE);
  sums.set(start);
  let from = 0;
  for (const block of blocksOf(layer, simd)) {
    const to = (Math.floor(block.start / simd) + 1) * rows;
    if (isDark(input, block)) {
      if (from !== to) sums.copyWithin(to, from, from + rows);
    } else {
      fillTable(table, input, block);
      addBlock(sums, from, to, table, block.indices);
    }
    from = to;
  }
  return sums.subarray(rows);
};
