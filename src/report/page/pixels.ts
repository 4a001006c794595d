// Images as PNG data URIs: weights of neurons, and digits.
import { encode } from 'fast-png';
import type { TritMatrix } from '../../num/trit.ts';

const dataUri = (png: Uint8Array): string => `data:image/png;base64,${Buffer.from(png).toString('base64')}`;

/** A grey picture, dark on light. */
export const greyImage = (pixels: Uint8Array, height: number, width: number): string =>
  dataUri(encode({ data: pixels.map((pixel) => 255 - pixel), height, width, channels: 1, depth: 8 }));

/** The colours of +1 and −1 in both themes; 0 is transparent. */
const PLUS = [59, 130, 246, 255];
const MINUS = [234, 88, 12, 255];

/** Trits of row `row` as a picture of `height` x `width` inputs. */
export const tritImage = (matrix: TritMatrix, row: number, height: number, width: number): string => {
  const data = new Uint8Array(4 * height * width);
  for (let i = 0; i < height * width; i++) {
    const trit = matrix.trits[row * matrix.cols + i]!;
    if (trit !== 0) data.set(trit > 0 ? PLUS : MINUS, 4 * i);
  }
  return dataUri(encode({ data, height, width, channels: 4, depth: 8 }));
};
