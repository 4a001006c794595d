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
/** Bytes of pixels that are ordered at a time: ten thousand images of 28 x 28. */
const ORDERED_BYTES = 2 ** 23;
/** Bytes of the blocks of the 16 sets of lit pixels among four. */
export const NIBBLE_TABLE = 16 * 4;
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
  /** Groups of the last block, an even number; BLOCK in all others. */
  readonly lastGroups: number;
  /** Block of each input. */
  readonly blockOf: Uint8Array;
  /** Byte offset of each grouped input in the layer's input rows; past the last input, that of a row of zeros. */
  readonly order: Int32Array;
  /** For each block and row, as many offsets into the block's tables as it has groups. */
  readonly codes: Uint16Array;
  /** Blocks at which a new segment begins: before them the 16-bit sums are widened, or others are taken. */
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
  /** Byte addresses: input codes [more than inputs][16] i16, sums [buffers][outputs][16] i16, accumulators [outputs][16] i32. */
  readonly input: number;
  readonly sums: number;
  /** One for each segment, which are then widened together; or a single one, widened after each of many segments. */
  readonly buffers: number;
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
  /** Pixels of `capacity` images (a multiple of 16), one after the other, `pixelStride` bytes each. */
  readonly pixels: number;
  readonly pixelStride: number;
  readonly capacity: number;
  /** Addresses of the 16 images that are evaluated. */
  readonly pointers: number;
  /** Index table of windows, when pixels are cropped or summed. */
  readonly windows: number;
  /**
   * Blocks of the first layer, as bits: those of every set of lit pixels among four neighbours, and those that each image lights;
   * 0 where images are not ordered.
   */
  readonly nibbles: number;
  readonly masks: number;
  readonly tables: number;
  readonly bytes: number;
  readonly explain: readonly string[];
}

/** Blocks that inputs of about the same activity are spread over by where they are. */
const BAND = 4;

/** How often each input is not zero, and how many inputs lie side by side in the image. */
interface Activity {
  readonly shares: Float64Array;
  readonly width: number;
}

/**
 * Inputs in the order in which they are grouped: the most active first, so that quiet ones share blocks; among the next few blocks'
 * worth of them column by column, so that a stroke lights few blocks.
 */
const orderOf = (count: number, activity: Activity | undefined, band: number): number[] => {
  const order = Array.from({ length: count }, (_, i) => i);
  if (activity === undefined) return order;
  const { shares, width } = activity;
  order.sort((a, b) => shares[b]! - shares[a]! || a - b);
  const column = (input: number): number => (input % width) * count + input;
  const bands = Array.from({ length: Math.ceil(count / band) }, (_, i) =>
    order.slice(i * band, (i + 1) * band).sort((a, b) => column(a) - column(b)),
  );
  return bands.flat();
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

const tableLayer = (layer: DenseLayer, activity: Activity | undefined): TableLayer => {
  const { rows, cols, trits } = layer.weights;
  const group = rows <= SMALL_ROWS ? 3 : 4;
  const perBlock = BLOCK * group;
  const order = orderOf(cols, activity, BAND * perBlock);
  const blocks = Math.ceil(cols / perBlock);
  const lastGroups = 2 * Math.ceil((cols - (blocks - 1) * perBlock) / (2 * group));
  const codes = new Uint16Array(rows * ((blocks - 1) * BLOCK + lastGroups));
  for (let block = 0, at = 0; block < blocks; block++) {
    const groups = block < blocks - 1 ? BLOCK : lastGroups;
    for (let r = 0; r < rows; r++) {
      for (let g = 0; g < groups; g++) {
        const inputs = order.slice(block * perBlock + g * group, block * perBlock + (g + 1) * group);
        const index = tableIndex(inputs.map((input) => trits[r * cols + input]!));
        codes[at++] = index * ROW16;
      }
    }
  }
  const padded = Int32Array.from({ length: blocks * perBlock }, (_, i) => (order[i] ?? cols) * ROW16);
  return {
    method: 'tables',
    group,
    blocks,
    lastGroups,
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

/** Segments whose sums are kept side by side. */
const MOST_BUFFERS = 3;

const buffersOf = ({ flushes }: TableLayer): number =>
  flushes.length < MOST_BUFFERS ? flushes.length + 1 : 1;

const place = (layer: DenseLayer, how: LayerLayout['how'], space: Allocator): LayerLayout => {
  const rows = outputsOf(layer);
  const { requantize } = layer;
  const buffers = how.method === 'tables' ? buffersOf(how) : 0;
  return {
    layer,
    how,
    // a row of zeros behind the last, and room for the transposition, which writes 16 rows at a time
    input: space.take(((inputsOf(layer) >> 4) + 1) * 16 * ROW16),
    sums: space.take(buffers * rows * ROW16),
    buffers,
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
  const pointers = space.take(LANES * 4);
  const plain = isPlain(network.input);
  const ordered = plain && activity !== undefined;
  // few, still in the nearest caches when they are evaluated, or as many as are worth ordering
  const wanted = ordered ? Math.floor(ORDERED_BYTES / pixelStride / LANES) : 4;
  const capacity = Math.max(1, wanted) * LANES;
  const nibbles = ordered ? space.take((pixelStride / 4) * NIBBLE_TABLE) : 0;
  const masks = ordered ? space.take(capacity * 4) : 0;
  const windows = plain ? 0 : space.take(windowTable(network.input).byteLength);
  const lit = activity && { shares: activity, width: plain ? shape[1] : 1 };
  const layers = denseLayers(network).map((layer, i) => {
    const how =
      outputsOf(layer) < TABLE_ROWS ? listLayer(layer) : tableLayer(layer, i === 0 ? lit : undefined);
    return place(layer, how, space);
  });
  const input = plain
    ? `input: ${codeCount(network.input)} codes, transposed 16 images at a time`
    : `input: ${codeCount(network.input)} sums of ${windowSize(network.input)} pixels`;
  // last, since most of it is never touched by small sets
  const pixels = space.take(capacity * pixelStride);
  const bytes = space.take(0);
  const explain = [input, ...layers.map(({ layer, how }) => describe(layer, how))];
  return {
    network,
    layers,
    pixels,
    pixelStride,
    capacity,
    pointers,
    windows,
    nibbles,
    masks,
    tables,
    bytes,
    explain,
  };
};
