// Pictures as grey bytes: PNG (by fast-png) and PGM. Colour is weighed to grey as in Rec. 601, in integers; transparent
// pixels are dark, 16-bit samples keep their upper byte.
import { convertIndexedToRgb, type DecodedPng, decode, hasPngSignature } from 'fast-png';
import { UserError } from '../util/errors.ts';

export interface Picture {
  readonly height: number;
  readonly width: number;
  /** height x width, row order, 0..255. */
  readonly pixels: Uint8Array;
}

const refuse = (path: string, rule: string, value: string): never => {
  throw new UserError({
    subject: `picture ${path}`,
    rule,
    value,
    code: 'BITSIM_DATA_PICTURE',
  });
};

/** Larger pictures are none that a network here looks at. */
const MAX_SIDE = 4096;

/** A sample of `depth` bits as a byte. */
const toByte = (sample: number, depth: number): number =>
  depth === 16 ? sample >> 8 : depth === 8 ? sample : Math.round((sample * 255) / (2 ** depth - 1));

const greyOf = (samples: ArrayLike<number>, at: number, channels: number, depth: number): number => {
  const byte = (i: number): number => toByte(samples[at + i]!, depth);
  const grey = channels < 3 ? byte(0) : (byte(0) * 299 + byte(1) * 587 + byte(2) * 114 + 500) / 1000;
  const alpha = channels % 2 === 0 ? byte(channels - 1) : 255;
  return Math.floor((Math.floor(grey) * alpha + 127) / 255);
};

/** Samples of less than a byte lie packed in rows; a palette is resolved to colours. */
const samplesOf = (png: DecodedPng): { samples: ArrayLike<number>; channels: number; depth: number } => {
  if (png.palette !== undefined) {
    return { samples: convertIndexedToRgb(png), channels: png.palette[0]!.length, depth: 8 };
  }
  if (png.depth >= 8) return { samples: png.data, channels: png.channels, depth: png.depth };
  const rowBytes = Math.ceil((png.width * png.depth) / 8);
  const samples = Uint8Array.from({ length: png.width * png.height }, (_, i) => {
    const [row, column] = [Math.floor(i / png.width), i % png.width];
    const bit = column * png.depth;
    const byte = png.data[row * rowBytes + (bit >> 3)]!;
    return (byte >> (8 - png.depth - (bit & 7))) & (2 ** png.depth - 1);
  });
  return { samples, channels: 1, depth: png.depth };
};

const decodePng = (bytes: Uint8Array, path: string): Picture => {
  let png: DecodedPng;
  try {
    png = decode(bytes, { checkCrc: true });
  } catch (error) {
    return refuse(path, 'be a whole PNG file', (error as Error).message);
  }
  const { samples, channels, depth } = samplesOf(png);
  const pixels = Uint8Array.from({ length: png.width * png.height }, (_, i) =>
    greyOf(samples, i * channels, channels, depth),
  );
  return { height: png.height, width: png.width, pixels };
};

/** The first `count` numbers of a PGM header and where they end; comments run from # to the end of a line. */
const pgmNumbers = (text: string, start: number, count: number): { numbers: number[]; end: number } => {
  const pattern = /(?:\s|#[^\n]*\n)*(\d+)/y;
  pattern.lastIndex = start;
  const numbers: number[] = [];
  while (numbers.length < count) {
    const found = pattern.exec(text);
    if (found === null) break;
    numbers.push(Number(found[1]));
  }
  return { numbers, end: numbers.length === count && count > 0 ? pattern.lastIndex : start };
};

const decodePgm = (bytes: Uint8Array, path: string): Picture => {
  const text = Buffer.from(bytes).toString('latin1');
  const header = pgmNumbers(text, 2, 3);
  const [width = 0, height = 0, most = 0] = header.numbers;
  if (width < 1 || height < 1 || width > MAX_SIDE || height > MAX_SIDE || most < 1 || most > 65_535)
    refuse(path, `be a PGM of at most ${MAX_SIDE} x ${MAX_SIDE}`, 'one with another header');
  const count = width * height;
  const wide = most > 255 ? 2 : 1;
  const body = bytes.subarray(header.end + 1);
  const samples = text.startsWith('P2')
    ? pgmNumbers(text, header.end, count).numbers
    : Array.from({ length: Math.min(count, Math.floor(body.length / wide)) }, (_, i) =>
        wide === 1 ? body[i]! : body[2 * i]! * 256 + body[2 * i + 1]!,
      );
  if (samples.length !== count) refuse(path, `hold ${width} x ${height} pixels`, `${samples.length}`);
  if (samples.some((sample) => sample > most)) refuse(path, `have no sample above ${most}`, 'one that has');
  return { height, width, pixels: Uint8Array.from(samples, (s) => Math.floor((s * 255) / most + 0.5)) };
};

/** Decodes a PNG or PGM (P2, P5) file. Throws UserError for everything else. */
export const decodePicture = (bytes: Uint8Array, path: string): Picture => {
  if (bytes.length > 8 && hasPngSignature(bytes)) return decodePng(bytes, path);
  const magic = Buffer.from(bytes.subarray(0, 2)).toString('latin1');
  if (magic === 'P2' || magic === 'P5') return decodePgm(bytes, path);
  return refuse(path, 'be a PNG or PGM file', 'something else');
};
