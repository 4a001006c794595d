// Evaluation of whole sets: every image once, totals that add up, and no result from nothing.
import { expect, test } from 'vitest';
import { createAlu } from '../../../src/layers/alu.ts';
import type { LabelledImages } from '../../../src/model/dataset.ts';
import { denseLayers } from '../../../src/model/network.ts';
import { goldenVectors } from '../../../src/sim/golden.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { evaluateSet } from '../../../src/sim/simulate.ts';
import { randomImages, randomNetwork } from '../../support/networks.ts';

const network = randomNetwork(
  { shape: [2, 3], outputs: [5, 3], inputBits: 7, actBits: 4, alphabet: 'ternary', shift: 3, bias: true },
  11,
);
const pixels = randomImages(network, 9, 11);
const traces = pixels.map((image) => evaluate(network, image));
/** Labels: the class for the first six images, another one for the last three. */
const labels = Uint8Array.from(traces, (trace, i) => (i < 6 ? trace.class : (trace.class + 1) % 3));
const images: LabelledImages = {
  count: 9,
  height: 2,
  width: 3,
  pixels: Uint8Array.from(pixels.flatMap((image) => [...image])),
  labels,
};
const none: LabelledImages = { ...images, count: 0, pixels: new Uint8Array(0), labels: new Uint8Array(0) };

test('every image in order, with its trace, and the progress', () => {
  const seen: number[] = [];
  const progress: number[][] = [];
  const result = evaluateSet(network, images, {
    onImage: (index, trace) => {
      seen.push(index);
      expect(trace).toEqual(traces[index]);
    },
    onProgress: (...at) => progress.push(at),
  });
  expect(seen).toEqual([0, 1, 2, 3, 4, 5, 6, 7, 8]);
  expect(progress).toEqual(seen.map((index) => [index + 1, 9]));
  expect(Array.from(result.classes)).toEqual(traces.map((trace) => trace.class));
  expect(result.right).toBe(6);
});

test('the totals are the sum of the images, and every weight was used once an image', () => {
  const { operations } = evaluateSet(network, images);
  const alu = createAlu();
  for (const image of pixels) evaluate(network, image, alu);
  expect(operations).toEqual({ images: 9, ...alu.counts, multiplies: 0 });
  const weights = denseLayers(network).reduce((n, layer) => n + layer.weights.trits.length, 0);
  const roundings = operations.shifts - 9 * 6;
  expect(operations.adds - roundings + operations.subtracts + operations.skips).toBe(9 * weights);
});

test('no image is no result', () => {
  expect(() => evaluateSet(network, none)).toThrow(/no image/);
});

test('golden vectors carry the image, its label and every integer; an index outside the set is refused', () => {
  const vectors = goldenVectors(network, images, [7, 0]);
  expect(vectors).toEqual(
    [7, 0].map((image) => ({ image, label: labels[image], pixels: pixels[image], trace: traces[image] })),
  );
  for (const wrong of [9, -1, 0.5, Number.NaN]) {
    expect(() => goldenVectors(network, images, [wrong]), String(wrong)).toThrow(RangeError);
  }
});
