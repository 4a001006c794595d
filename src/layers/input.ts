// The input of a network: which pixels are summed into which code. Shapes and index tables only; the sums themselves
// are in input-codes.ts, on the data path.
import type { InputSpec } from '../model/network.ts';
import type { TrainOptions } from '../model/training.ts';
import { bitLength, unsigned } from '../num/format.ts';

const PIXEL_MAX = 255;

/** Pixels of the whole image. */
export const pixelCount = ({ shape }: InputSpec): number => shape[0] * shape[1];

/** [height, width] of the code image. */
export const codeShape = ({ crop, pool }: InputSpec): [number, number] => [
  crop[2] / pool[0],
  crop[3] / pool[1],
];

/** Number of codes of an image. */
export const codeCount = (spec: InputSpec): number => {
  const [height, width] = codeShape(spec);
  return height * width;
};

/** Largest sum of one window. */
export const windowMax = ({ pool }: InputSpec): number => pool[0] * pool[1] * PIXEL_MAX;

/** True when every code is one pixel of the whole image: nothing is cut off and nothing is summed. */
export const isPlain = ({ shape, crop, pool }: InputSpec): boolean =>
  crop[2] === shape[0] && crop[3] === shape[1] && pool[0] === 1 && pool[1] === 1;

/** The input that training options ask for: a crop of equal margins, square windows, a shift to `inputBits`. */
export const inputSpecOf = (
  options: Pick<TrainOptions, 'inputCrop' | 'inputPool' | 'inputBits'>,
  shape: readonly [number, number],
): InputSpec => {
  const { inputCrop, inputPool, inputBits } = options;
  const sumBits = bitLength(inputPool * inputPool * PIXEL_MAX);
  const shift = sumBits - inputBits;
  return {
    shape,
    pixel: unsigned(8),
    crop: [inputCrop, inputCrop, shape[0] - 2 * inputCrop, shape[1] - 2 * inputCrop],
    pool: [inputPool, inputPool],
    shift,
    code: unsigned(inputBits),
  };
};

const tables = new WeakMap<InputSpec, Int32Array>();

/** Pixel indices of every window, one window after the other, in row order. */
export const windowTable = (spec: InputSpec): Int32Array => {
  const known = tables.get(spec);
  if (known !== undefined) return known;
  const [top, left, height, width] = spec.crop;
  const indices: number[] = [];
  for (let y = top; y < top + height; y += spec.pool[0]) {
    for (let x = left; x < left + width; x += spec.pool[1]) {
      for (let py = y; py < y + spec.pool[0]; py++) {
        for (let px = x; px < x + spec.pool[1]; px++) indices.push(py * spec.shape[1] + px);
      }
    }
  }
  const table = Int32Array.from(indices);
  tables.set(spec, table);
  return table;
};

/** Pixels in one window. */
export const windowSize = ({ pool }: InputSpec): number => pool[0] * pool[1];
