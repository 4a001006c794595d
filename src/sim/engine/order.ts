// What makes real images quick: inputs that are lit most go into the same blocks, and images that light the same blocks are
// evaluated together, so that whole blocks of zeros are skipped. Only speed depends on any of it.
import { codeCount, pixelCount } from '../../layers/input.ts';
import { inputCodes } from '../../layers/input-codes.ts';
import type { Network } from '../../model/network.ts';

const SAMPLE = 512;

/** How often each input code is not zero, over a sample of the images. */
export const activityOf = (network: Network, pixels: Uint8Array, count: number): Float64Array => {
  const activity = new Float64Array(codeCount(network.input));
  const size = pixelCount(network.input);
  const step = Math.max(1, Math.floor(count / SAMPLE));
  for (let image = 0; image < count; image += step) {
    inputCodes(network.input, pixels.subarray(image * size, (image + 1) * size)).forEach((code, i) => {
      if (code > 0) activity[i]!++;
    });
  }
  return activity;
};

/** Blocks that are told apart; images of nets with more of them are sorted by the first ones. */
const MASK_BITS = 31;

/** Images in the order in which they are best evaluated: by the blocks that they light, the quietest blocks first. */
export const imageOrder = (masks: Uint32Array): Uint32Array => {
  const keys = new Float64Array(masks.length);
  for (let i = 0; i < keys.length; i++) keys[i] = masks[i]! * 2 ** 21 + i;
  keys.sort();
  const order = new Uint32Array(keys.length);
  for (let i = 0; i < order.length; i++) order[i] = keys[i]! % 2 ** 21;
  return order;
};

/** For every four neighbours among the pixels the blocks, as bits, of their 16 subsets: [fours][16]. */
export const nibblesOf = (blockOf: Uint8Array): Int32Array => {
  const nibbles = new Int32Array(Math.ceil(blockOf.length / 4) * 16);
  blockOf.forEach((block, at) => {
    const first = (at >> 2) * 16;
    const bit = 1 << (at & 3);
    for (let set = 0; set < 16; set++) if (set & bit) nibbles[first + set]! |= 1 << block;
  });
  return nibbles;
};

/** Block of each input, the last told apart for all that come after. */
export const blocksOf = (order: readonly number[], perBlock: number): Uint8Array => {
  const blocks = new Uint8Array(order.length);
  order.forEach((input, at) => {
    blocks[input] = Math.min(MASK_BITS - 1, Math.floor(at / perBlock));
  });
  return blocks;
};
