// What the engine decides before it emits code: how each dense layer is computed, in which order its inputs are taken,
// and where everything lies in memory. Every choice is exact by construction; `explain` says what was chosen.
import { codeCount, isPlain, windowSize, windowTable } from '../../layers/input.ts';
import { type DenseLayer, denseLayers, inputsOf, type Network, outputsOf } from '../../model/network.ts';
import { maxOf } from '../../num/format.ts';
import { blocksOf } from './order.ts';

/** Images computed side by side: 16 lanes of 16 bits, two vectors. */
export const LANES = 16;
/** Bytes of one value of all lanes, 16 bits each; 32 bits each. */
export const ROW16 = 32;
export const ROW32 = 64;
const I16_MAX = 32_767;
/** Groups of inputs whose tables are held at a time: their tables fit the first-level cache. */
export const BLOCK = 8;
/** Layers of fewer rows do not pay for tables: their non-zero trits are walked as lists. */
const TABLE_ROWS = 33;
/** Up to this many rows smaller tables win. */
const SMALL_ROWS = 128;
/** Additions of the list method between two widenings: 128 codes of 8 bits fit 16 bits. */
export const LIST_RUN = 128;
/** Additions of one turn of its loop. */
export const LIST_STEP = 4;

export interface TableLayer {
  readonly method: 'tables';
  /** Inputs of a group; a table holds its 3^group sums. */
  readonly group: 3 | 4;
  readonly blocks: number;
  /** Block of each input. */
  readonly blockOf: Uint8Array;
  /** Byte offset of each grouped input in the layer's input rows; past the last input, that of a row of zeros. */
  readonly order: Int32Array;
  /** For each block and row, BLOCK offsets into the block's tables. */
  readonly codes: Uint16Array;
  /** Blocks before which the 16-bit sums are widened and cleared. */
  readonly flushes: readonly number[];
}

export interface ListLayer {
  readonly method: 'lists';
  /** For each row runs of [count, sign, offsets of that many input rows ...], ended by a count of 0. */
  readonly lists: Int32Array;
}

export interface LayerLayout {
  readonly layer: DenseLayer;
  readonly how: TableLayer | ListLayer;
  /** Byte addresses: input codes [more than inputs][16] i16, sums [outputs][16] i16, accumulators [outputs][16] i32. */
  readonly input: number;
  readonly sums: number;
  readonly accumulators: number;
  /** Constants: order and codes, or lists; biases; thresholds. */
  readonly order: number;
  readonly codes: number;
  readonly biases: number;
  readonly thresholds: number;
}

export interface EngineLayout {
  readonly network: Network;
  readonly layers: readonly LayerLayout[];
  /** Pixels of 16 images, one after the other, `pixelStride` bytes each. */
  readonly pixels: number;
  readonly pixelStride: number;
  /** Index table of windows, when pixels are cropped or summed. */
  readonly windows: number;
  readonly tables: number;
  readonly bytes: number;
  readonly explain: readonly string[];
}

/** Inputs in the order in which they are grouped: the most active first, so that quiet ones share blocks. */
const orderOf = (count: number, activity: Float64Array | undefined): number[] => {
  const order = Array.from({ length: count }, (_, i) => i);
  return activity === undefined ? order : order.sort((a, b) => activity[b]! - activity[a]! || a - b);
};

/** Index of a group's sum: digit 0 nothing, 1 plus, 2 minus, the first input lowest. */
const tableIndex = (trits: readonly number[]): number =>
  trits.reduceRight((index, trit) => index * 3 + (trit < 0 ? 2 : trit), 0);

/** Blocks before which some row's sums might leave 16 bits otherwise. */
const flushesOf = (
  layer: DenseLayer,
  order: readonly number[],
  perBlock: number,
  blocks: number,
): number[] => {
  const { rows, cols, trits } = layer.weights;
  const largest = maxOf(layer.input);
  const plus = new Float64Array(rows);
  const minus = new Float64Array(rows);
  const flushes: number[] = [];
  for (let block = 0; block < blocks; block++) {
    const inputs = order.slice(block * perBlock, (block + 1) * perBlock);
    const more = Array.from({ length: rows }, (_, r) => {
      const signs = inputs.map((input) => trits[r * cols + input]!);
      return [
        signs.filter((t) => t > 0).length * largest,
        signs.filter((t) => t < 0).length * largest,
      ] as const;
    });
    if (more.some(([p, m], r) => plus[r]! + p > I16_MAX || minus[r]! + m > I16_MAX)) {
      flushes.push(block);
      plus.fill(0);
      minus.fill(0);
    }
    more.forEach(([p, m], r) => {
      plus[r]! += p;
      minus[r]! += m;
    });
  }
  return flushes;
};

const tableLayer = (layer: DenseLayer, activity: Float64Array | undefined): TableLayer => {
  const { rows, cols, trits } = layer.weights;
  const group = rows <= SMALL_ROWS ? 3 : 4;
  const perBlock = BLOCK * group;
  const order = orderOf(cols, activity);
  const blocks = Math.ceil(cols / perBlock);
  const codes = new Uint16Array(blocks * rows * BLOCK);
  for (let block = 0; block < blocks; block++) {
    for (let r = 0; r < rows; r++) {
      for (let g = 0; g < BLOCK; g++) {
        const inputs = order.slice(block * perBlock + g * group, block * perBlock + (g + 1) * group);
        const index = tableIndex(inputs.map((input) => trits[r * cols + input]!));
        codes[(block * rows + r) * BLOCK + g] = index * ROW16;
      }
    }
  }
  const padded = Int32Array.from({ length: blocks * perBlock }, (_, i) => (order[i] ?? cols) * ROW16);
  return {
    method: 'tables',
    group,
    blocks,
    blockOf: blocksOf(order, perBlock),
    order: padded,
    codes,
    flushes: flushesOf(layer, order, perBlock, blocks),
  };
};

const listLayer = (layer: DenseLayer): ListLayer => {
  const { rows, cols, trits } = layer.weights;
  const lists: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (const sign of [1, -1]) {
      const offsets: number[] = [];
      for (let c = 0; c < cols; c++) if (trits[r * cols + c] === sign) offsets.push(c * ROW16);
      for (let at = 0; at < offsets.length; at += LIST_RUN) {
        const run = offsets.slice(at, at + LIST_RUN);
        // whole steps: the rest looks at the row of zeros
        while (run.length % LIST_STEP !== 0) run.push(cols * ROW16);
        lists.push(run.length, sign, ...run);
      }
    }
    lists.push(0);
  }
  return { method: 'lists', lists: Int32Array.from(lists) };
};

const describe = (layer: DenseLayer, how: LayerLayout['how']): string => {
  const size = `${layer.name}: ${inputsOf(layer)} x ${outputsOf(layer)}`;
  if (how.method === 'lists') return `${size}, lists of non-zero trits, widened every ${LIST_RUN} additions`;
  const segments = how.flushes.length + 1;
  return `${size}, tables of 3^${how.group} sums, ${segments} segment${segments === 1 ? '' : 's'} proven to fit 16 bits`;
};

/** Hands out addresses, each at a multiple of 64. */
class Allocator {
  next = 64;

  take(bytes: number): number {
    const at = this.next;
    this.next = (at + bytes + 63) & ~63;
    return at;
  }
}

const place = (layer: DenseLayer, how: LayerLayout['how'], space: Allocator): LayerLayout => {
  const rows = outputsOf(layer);
  const { requantize } = layer;
  return {
    layer,
    how,
    // a row of zeros behind the last, and room for the transposition, which writes 16 rows at a time
    input: space.take(((inputsOf(layer) >> 4) + 1) * 16 * ROW16),
    sums: space.take(rows * ROW16),
    accumulators: space.take(rows * ROW32),
    order: how.method === 'tables' ? space.take(how.order.byteLength) : 0,
    codes: space.take(how.method === 'tables' ? how.codes.byteLength : how.lists.byteLength),
    biases: space.take(rows * 4),
    thresholds: requantize.kind === 'thresholds' ? space.take(requantize.thresholds.byteLength) : 0,
  };
};

/** Decides everything. `activity`: how often each input code is not zero, in code order; only speed depends on it. */
export const layOut = (network: Network, activity?: Float64Array): EngineLayout => {
  const space = new Allocator();
  const { shape } = network.input;
  const tables = space.take(BLOCK * 81 * ROW16);
  // the transposition reads whole vectors of 16 pixels
  const pixelStride = (shape[0] * shape[1] + 15) & ~15;
  const pixels = space.take(LANES * pixelStride);
  const plain = isPlain(network.input);
  const windows = plain ? 0 : space.take(windowTable(network.input).byteLength);
  const layers = denseLayers(network).map((layer, i) => {
    const how =
      outputsOf(layer) < TABLE_ROWS ? listLayer(layer) : tableLayer(layer, i === 0 ? activity : undefined);
    return place(layer, how, space);
  });
  const input = plain
    ? `input: ${codeCount(network.input)} codes, transposed 16 images at a time`
    : `input: ${codeCount(network.input)} sums of ${windowSize(network.input)} pixels`;
  const bytes = space.take(0);
  const explain = [input, ...layers.map(({ layer, how }) => describe(layer, how))];
  return { network, layers, pixels, pixelStride, windows, tables, bytes, explain };
};
