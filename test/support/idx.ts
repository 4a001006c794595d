// Small IDX data sets for tests: images in which the class is easy to see.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { seededRandom } from '../../src/util/random.ts';

export const idxImages = (images: readonly Uint8Array[], height: number, width: number): Buffer => {
  const header = Buffer.alloc(16);
  [0x803, images.length, height, width].forEach((value, i) => {
    header.writeUInt32BE(value, i * 4);
  });
  return Buffer.concat([header, ...images]);
};

export const idxLabels = (labels: readonly number[]): Buffer => {
  const header = Buffer.alloc(8);
  header.writeUInt32BE(0x801, 0);
  header.writeUInt32BE(labels.length, 4);
  return Buffer.concat([header, Buffer.from(labels)]);
};

/** `count` images of side x side: class c is bright in row c, with noise. */
const sample = (count: number, side: number, classes: number, seed: number) => {
  const random = seededRandom(seed, 'idx');
  const labels = Array.from({ length: count }, (_, i) => i % classes);
  const images = labels.map((label) =>
    Uint8Array.from({ length: side * side }, (_, p) =>
      Math.floor(p / side) === label ? 160 + random.below(96) : random.below(100),
    ),
  );
  return { images, labels };
};

export interface IdxOptions {
  readonly train?: number;
  readonly test?: number;
  readonly side?: number;
  readonly classes?: number;
  readonly gzip?: boolean;
}

/** Writes the four files of a small data set into `folder`. */
export const writeIdxFolder = (folder: string, options: IdxOptions = {}): void => {
  const { train = 400, test = 60, side = 6, classes = 4, gzip = false } = options;
  mkdirSync(folder, { recursive: true });
  for (const [prefix, count, seed] of [
    ['train', train, 1],
    ['t10k', test, 2],
  ] as const) {
    const { images, labels } = sample(count, side, classes, seed);
    const write = (name: string, content: Buffer): void =>
      writeFileSync(join(folder, gzip ? `${name}.gz` : name), gzip ? gzipSync(content) : content);
    write(`${prefix}-images-idx3-ubyte`, idxImages(images, side, side));
    write(`${prefix}-labels-idx1-ubyte`, idxLabels(labels));
  }
};
