// Feeding: rows of the training set, shuffled and shifted, copied in plain JavaScript into one reused buffer (slicing
// or gathering a data tensor costs far more). What epoch e feeds depends on (seed, e) alone, so a resumed run repeats it.
import { type LabelledImages, pixelsOf } from '../model/dataset.ts';
import type { TrainOptions } from '../model/training.ts';
import { seededRandom, shuffle } from '../util/random.ts';

/** Writes `pixels` moved by (dx, dy), zero filled, as input codes to `target` at `offset`. */
export const writeShifted = (
  pixels: Uint8Array,
  shape: { height: number; width: number },
  move: { dx: number; dy: number },
  shift: number,
  target: Float32Array,
  offset: number,
): void => {
  const { height, width } = shape;
  const [x0, x1] = [Math.max(0, move.dx), Math.min(width, width + move.dx)];
  target.fill(0, offset, offset + height * width);
  for (let y = Math.max(0, move.dy); y < Math.min(height, height + move.dy); y++) {
    let from = (y - move.dy) * width + x0 - move.dx;
    let to = offset + y * width + x0;
    for (let x = x0; x < x1; x++) target[to++] = pixels[from++]! >> shift;
  }
};

/** Input codes of `count` images from `start` on, unshifted: a [count, pixels] matrix. */
export const codesOf = (
  images: LabelledImages,
  start: number,
  count: number,
  shift: number,
): Float32Array => {
  const size = images.height * images.width;
  const pixels = images.pixels.subarray(start * size, (start + count) * size);
  const codes = new Float32Array(pixels.length);
  for (let i = 0; i < pixels.length; i++) codes[i] = pixels[i]! >> shift;
  return codes;
};

export interface Batch {
  /** [batch, pixels] input codes; the same buffer every time. */
  readonly codes: Float32Array;
  readonly labels: Uint8Array;
}

/** Whole batches of one epoch, in its own order, each image moved at random; a last part batch is dropped. */
export function* epochBatches(
  images: LabelledImages,
  options: TrainOptions,
  epoch: number,
): Generator<Batch> {
  const random = seededRandom(options.seed, 'epoch', epoch);
  const order = shuffle(
    Uint32Array.from({ length: images.count }, (_, i) => i),
    random,
  );
  const size = images.height * images.width;
  const codes = new Float32Array(options.batch * size);
  const labels = new Uint8Array(options.batch);
  const reach = options.augmentShift;
  const draw = (): number => (reach === 0 ? 0 : random.below(2 * reach + 1) - reach);
  for (let at = 0; at + options.batch <= images.count; at += options.batch) {
    for (let i = 0; i < options.batch; i++) {
      const index = order[at + i]!;
      const move = { dx: draw(), dy: draw() };
      writeShifted(pixelsOf(images, index), images, move, 8 - options.inputBits, codes, i * size);
      labels[i] = images.labels[index]!;
    }
    yield { codes, labels };
  }
}
