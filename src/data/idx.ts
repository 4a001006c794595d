// The original MNIST file format (IDX), plain or gzipped. Layout, big endian: magic (0x00000803 images, 0x00000801
// labels), count, for images height and width, then one byte a pixel or label. Anything else is refused by name.
import { existsSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { LabelledImages } from '../model/dataset.ts';
import { UserError } from '../util/errors.ts';
import { readFileWhole } from '../util/files.ts';

const IMAGES_MAGIC = 0x00000803;
const LABELS_MAGIC = 0x00000801;
const KINDS: Readonly<Record<number, string>> = { [IMAGES_MAGIC]: 'images', [LABELS_MAGIC]: 'labels' };

const fail = (path: string, rule: string, value: string | number, code: string, hint?: string): never => {
  throw new UserError({ subject: `data file ${path}`, rule, value, hint, code: `BITSIM_DATA_${code}` });
};

/** Finds `stem` in `folder` under its usual spellings: train-images-idx3-ubyte, train-images.idx3-ubyte, either .gz. */
export const findIdx = (folder: string, stem: string): string => {
  if (!existsSync(folder) || !statSync(folder).isDirectory()) {
    throw new UserError({
      subject: '--data',
      rule: 'be a folder with the four IDX files',
      value: `${folder}${existsSync(folder) ? ' (a file)' : ' (missing)'}`,
      code: 'BITSIM_DATA_FOLDER',
    });
  }
  const names = [stem, stem.replace('-idx', '.idx')].flatMap((name) => [name, `${name}.gz`]);
  const found = names.find((name) => existsSync(join(folder, name)));
  return found === undefined
    ? fail(join(folder, stem), 'exist', 'missing', 'MISSING', `plain or .gz: ${names.join(', ')}`)
    : join(folder, found);
};

const readBytes = (path: string): Buffer => {
  const raw = readFileWhole(path, 'data file');
  if (raw.length === 0) return fail(path, 'hold data', 'empty', 'EMPTY');
  if (raw[0] !== 0x1f || raw[1] !== 0x8b) return raw;
  try {
    return gunzipSync(raw);
  } catch (error) {
    return fail(
      path,
      'be whole gzip data',
      (error as Error).message,
      'GZIP',
      'the file is cut off or damaged',
    );
  }
};

const checkHeader = (path: string, bytes: Buffer, magic: number, headerBytes: number): void => {
  if (bytes.length < headerBytes)
    fail(path, `have a header of ${headerBytes} bytes`, `${bytes.length} bytes`, 'TRUNCATED');
  const found = bytes.readUInt32BE(0);
  if (found === magic) return;
  const kind = KINDS[found];
  const value =
    kind === undefined ? `magic 0x${found.toString(16).padStart(8, '0')}` : `an IDX file of ${kind}`;
  fail(path, `be an IDX file of ${KINDS[magic]}`, value, kind === undefined ? 'MAGIC' : 'MISLABELLED');
};

const checkLength = (path: string, bytes: Buffer, expected: number): void => {
  if (bytes.length < expected)
    fail(path, `hold ${expected} bytes, as its header says`, bytes.length, 'TRUNCATED');
  if (bytes.length > expected)
    fail(path, `end after ${expected} bytes, as its header says`, bytes.length, 'TRAILING');
};

interface Images {
  readonly count: number;
  readonly height: number;
  readonly width: number;
  readonly pixels: Uint8Array;
}

/** Reads an IDX file of images. */
export const readIdxImages = (path: string): Images => {
  const bytes = readBytes(path);
  checkHeader(path, bytes, IMAGES_MAGIC, 16);
  const [count, height, width] = [bytes.readUInt32BE(4), bytes.readUInt32BE(8), bytes.readUInt32BE(12)];
  if (count === 0 || height === 0 || width === 0)
    fail(path, 'hold images', `${count} of ${height} x ${width}`, 'EMPTY');
  checkLength(path, bytes, 16 + count * height * width);
  return { count, height, width, pixels: Uint8Array.from(bytes.subarray(16)) };
};

/** Reads an IDX file of labels. */
export const readIdxLabels = (path: string): Uint8Array => {
  const bytes = readBytes(path);
  checkHeader(path, bytes, LABELS_MAGIC, 8);
  const count = bytes.readUInt32BE(4);
  if (count === 0) fail(path, 'hold labels', 0, 'EMPTY');
  checkLength(path, bytes, 8 + count);
  return Uint8Array.from(bytes.subarray(8));
};

/** Reads `<prefix>-images-idx3-ubyte` and `<prefix>-labels-idx1-ubyte` of a folder (prefix `train` or `t10k`). */
export const readIdxPair = (folder: string, prefix: string): LabelledImages => {
  const imagePath = findIdx(folder, `${prefix}-images-idx3-ubyte`);
  const labelPath = findIdx(folder, `${prefix}-labels-idx1-ubyte`);
  const images = readIdxImages(imagePath);
  const labels = readIdxLabels(labelPath);
  if (labels.length !== images.count) {
    fail(
      labelPath,
      `hold ${images.count} labels, one for each image of ${imagePath}`,
      labels.length,
      'COUNT',
    );
  }
  return { ...images, labels };
};
