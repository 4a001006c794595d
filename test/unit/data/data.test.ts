// Data: the embedded digits and their split, IDX files plain and gzipped, and every way they can be wrong.
import { copyFileSync, existsSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { loadDataset } from '../../../src/data/index.ts';
import { pixelsOf } from '../../../src/model/dataset.ts';
import { UserError } from '../../../src/util/errors.ts';
import { temporaryFolder } from '../../support/emitted.ts';
import { idxImages, idxLabels, writeIdxFolder } from '../../support/idx.ts';

const DIGESTS = {
  train: 'dfed067c26d5a7cc56f93e38124c451547ee467301d8cbcfff74c936d5f9c053',
  test: '0fd7e0527fa33fead44ae7c30decb2f36d11b1dad66c282ba0bfa8763534efd1',
};

test('embedded digits: 10,000 split 80/20 in each class, no image in both, always the same', () => {
  const { train, test: held, classes, digests } = loadDataset();
  expect([train.count, held.count, classes.length]).toEqual([8000, 2000, 10]);
  const seen = new Set(
    Array.from({ length: train.count }, (_, i) => Buffer.from(pixelsOf(train, i)).toString('latin1')),
  );
  for (let i = 0; i < held.count; i++)
    expect(seen.has(Buffer.from(pixelsOf(held, i)).toString('latin1'))).toBe(false);
  for (let c = 0; c < 10; c++) {
    const of = (labels: Uint8Array): number => labels.filter((label) => label === c).length;
    expect(of(held.labels) / (of(held.labels) + of(train.labels))).toBeCloseTo(0.2, 2);
  }
  // the split is part of every figure measured on this data: it may never change
  expect(digests).toEqual(DIGESTS);
  expect(loadDataset().digests).toEqual(digests);
});

const MNIST = '../shared/data/mnist';
test('embedded digits are bytes of the original MNIST training images', ({ skip }) => {
  if (!existsSync(MNIST)) {
    console.warn(`SKIPPED: needs the four MNIST IDX files in ${MNIST}`);
    skip();
  }
  const original = loadDataset(MNIST);
  const known = new Map(
    Array.from({ length: 10_000 }, (_, i) => [
      Buffer.from(pixelsOf(original.train, i)).toString('latin1'),
      original.train.labels[i]!,
    ]),
  );
  const { train, test: held } = loadDataset();
  for (const set of [train, held]) {
    for (let i = 0; i < set.count; i++)
      expect(known.get(Buffer.from(pixelsOf(set, i)).toString('latin1'))).toBe(set.labels[i]);
  }
  expect([original.train.count, original.test.count]).toEqual([60_000, 10_000]);
});

test.each([false, true])('IDX folders are read (gzip %s)', (gzip) => {
  const folder = join(temporaryFolder(), 'small');
  writeIdxFolder(folder, { gzip, classes: 4, side: 6 });
  const dataset = loadDataset(folder);
  expect(dataset.name).toBe('small');
  expect(dataset.train).toMatchObject({ count: 400, height: 6, width: 6 });
  expect(dataset.test.count).toBe(60);
  expect(dataset.classes).toEqual(['0', '1', '2', '3']);
});

test('the other usual spelling of the names is found', () => {
  const folder = temporaryFolder();
  writeIdxFolder(folder);
  renameSync(join(folder, 't10k-labels-idx1-ubyte'), join(folder, 't10k-labels.idx1-ubyte'));
  expect(loadDataset(folder).test.count).toBe(60);
});

const change = (name: string, edit: (bytes: Buffer) => Buffer) => (folder: string) =>
  writeFileSync(join(folder, name), edit(readFileSync(join(folder, name))));
const IMAGES = 'train-images-idx3-ubyte';
const LABELS = 'train-labels-idx1-ubyte';

/** Gives training image i the label `label(i)`. */
const relabel = (label: (index: number) => number) =>
  change(LABELS, (b) => Buffer.from(b.map((byte, at) => (at < 8 ? byte : label(at - 8)))));

const FAULTS: readonly [string, (folder: string) => void, RegExp, string][] = [
  [
    'a missing file',
    (folder) => rmSync(join(folder, LABELS)),
    /train-labels-idx1-ubyte must exist/,
    'BITSIM_DATA_MISSING',
  ],
  ['an empty file', change(IMAGES, () => Buffer.alloc(0)), /must hold data, not empty/, 'BITSIM_DATA_EMPTY'],
  [
    'a header cut off',
    change(IMAGES, (b) => b.subarray(0, 9)),
    /header of 16 bytes, not 9/,
    'BITSIM_DATA_TRUNCATED',
  ],
  [
    'images cut off',
    change(IMAGES, (b) => b.subarray(0, -1)),
    /must hold 14416 bytes.*not 14415/,
    'BITSIM_DATA_TRUNCATED',
  ],
  [
    'bytes too many',
    change(LABELS, (b) => Buffer.concat([b, Buffer.of(1)])),
    /must end after/,
    'BITSIM_DATA_TRAILING',
  ],
  [
    'labels in place of images',
    (folder) => copyFileSync(join(folder, LABELS), join(folder, IMAGES)),
    /IDX file of images, not an IDX file of labels/,
    'BITSIM_DATA_MISLABELLED',
  ],
  [
    'another magic',
    change(IMAGES, (b) => Buffer.concat([Buffer.of(1), b.subarray(1)])),
    /not magic 0x01000803/,
    'BITSIM_DATA_MAGIC',
  ],
  [
    'a label too few',
    change(LABELS, (b) => {
      const c = Buffer.from(b.subarray(0, -1));
      c.writeUInt32BE(399, 4);
      return c;
    }),
    /must hold 400 labels.*not 399/,
    'BITSIM_DATA_COUNT',
  ],
  [
    'no images',
    change(IMAGES, (b) => {
      const c = Buffer.from(b.subarray(0, 16));
      c.writeUInt32BE(0, 4);
      return c;
    }),
    /must hold images/,
    'BITSIM_DATA_EMPTY',
  ],
  [
    'gzip cut off',
    change(IMAGES, (b) => gzipSync(b).subarray(0, 500)),
    /must be whole gzip data/,
    'BITSIM_DATA_GZIP',
  ],
  [
    'a test label that training has not',
    change('t10k-labels-idx1-ubyte', (b) => {
      const c = Buffer.from(b);
      c[8] = 9;
      return c;
    }),
    /test labels must be 0..3/,
    'BITSIM_DATA_LABEL',
  ],
  [
    'a training label far out of range',
    relabel((i) => (i === 5 ? 200 : i % 4)),
    /training labels must have images of most classes 0..200, not of 5/,
    'BITSIM_DATA_LABEL',
  ],
  [
    'labels of one class only',
    relabel(() => 0),
    /training labels must name two classes or more, not all 0/,
    'BITSIM_DATA_LABEL',
  ],
];

test.each(FAULTS)('%s is refused', (_, fault, message, code) => {
  const folder = temporaryFolder();
  writeIdxFolder(folder);
  fault(folder);
  expect(() => loadDataset(folder)).toThrow(message);
  try {
    loadDataset(folder);
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    expect(error).toMatchObject({ code, exitCode: 2 });
  }
});

test('test images of another size are refused', () => {
  const [folder, other] = [temporaryFolder(), temporaryFolder()];
  writeIdxFolder(folder, { side: 6 });
  writeIdxFolder(other, { side: 5 });
  for (const name of ['t10k-images-idx3-ubyte', 't10k-labels-idx1-ubyte'])
    renameSync(join(other, name), join(folder, name));
  expect(() => loadDataset(folder)).toThrow(/test images must be 6 x 6/);
});

test('a folder that is none is refused', () => {
  expect(() => loadDataset('/nowhere/at/all')).toThrow(/--data must be a folder/);
});

test('one stray label among many is taken for damage, a rare class that is tested is not', () => {
  const folder = temporaryFolder();
  writeIdxFolder(folder, { train: 1000, test: 60, side: 3, classes: 3 });
  relabel((i) => (i === 7 ? 10 : i % 3))(folder);
  expect(() => loadDataset(folder)).toThrow(
    /training labels must be 0..2, not 10 \(1 of 1000 training images, no test image\)/,
  );
  relabel((i) => (i === 7 ? 3 : i % 3))(folder);
  expect(() => loadDataset(folder)).toThrow(/must be 0..2, not 3/);
  change('t10k-labels-idx1-ubyte', (b) => Buffer.concat([b.subarray(0, -1), Buffer.of(3)]))(folder);
  expect(loadDataset(folder).classes).toEqual(['0', '1', '2', '3']);
});

test.each([
  [1, 26],
  [0, 255],
])('labels %i..%i are classes, images need not be square', (low, high) => {
  const folder = temporaryFolder();
  const labels = Array.from({ length: high - low + 1 }, (_, i) => low + i);
  for (const prefix of ['train', 't10k']) {
    const images = labels.map((label) => new Uint8Array(15).fill(label));
    writeFileSync(join(folder, `${prefix}-images-idx3-ubyte`), idxImages(images, 3, 5));
    writeFileSync(join(folder, `${prefix}-labels-idx1-ubyte`), idxLabels(labels));
  }
  const { train, classes } = loadDataset(folder);
  expect([train.height, train.width, classes.length]).toEqual([3, 5, high + 1]);
  expect(classes.at(-1)).toBe(String(high));
});
