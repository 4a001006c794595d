// What makes real images quick: inputs that are lit most go into the same blocks, and images that light the same blocks are
// evaluated together, so that whole blocks of zeros are skipped. Only speed depends on any of it.

import { codeCount, isPlain, pixelCount } from '../../layers/input.ts';
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

/**
 * The images in the order in which they are best evaluated: by the blocks that they light, the quietest first.
 * `blockOf` has the block of each pixel. Only for plain inputs; else the order stays.
 */
export const imageOrder = (
  network: Network,
  blockOf: Uint8Array,
  pixels: Uint8Array,
  count: number,
): Uint32Array => {
  const order = Uint32Array.from({ length: count }, (_, i) => i);
  if (!isPlain(network.input)) return order;
  const size = pixelCount(network.input);
  const keys = new Float64Array(count);
  const [words, masks] = [wordsOf(pixels), masksOf(blockOf)];
  for (let image = 0; image < count; image++) {
    let mask = 0;
    const start = (image * size) >> 2;
    for (let word = 0; word < masks.length; word++) if (words[start + word] !== 0) mask |= masks[word]!;
    keys[image] = (mask >>> 0) * 2 ** 21 + image;
  }
  keys.sort();
  return order.map((_, i) => keys[i]! % 2 ** 21);
};

/** Four pixels at a time: most of an image is dark. */
const wordsOf = (pixels: Uint8Array): Uint32Array => {
  const aligned = pixels.byteOffset % 4 === 0 ? pixels : pixels.slice();
  return new Uint32Array(aligned.buffer, aligned.byteOffset, aligned.length >> 2);
};

/** A bit for each block of the four pixels of a word: a little too many are as good for ordering, and quick. */
const masksOf = (blockOf: Uint8Array): Int32Array => {
  const masks = new Int32Array(blockOf.length >> 2);
  for (let at = 0; at < masks.length * 4; at++) masks[at >> 2]! |= 1 << blockOf[at]!;
  return masks;
};

/** Block of each input, the last told apart for all that come after. */
export const blocksOf = (order: readonly number[], perBlock: number): Uint8Array => {
  const blocks = new Uint8Array(order.length);
  order.forEach((input, at) => {
    blocks[input] = Math.min(MASK_BITS - 1, Math.floor(at / perBlock));
  });
  return blocks;
};
