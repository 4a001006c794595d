// Comparison finds every difference, and an empty comparison is no pass.
import { expect, test } from 'vitest';
import type { ImageTrace } from '../../../src/model/trace.ts';
import { createComparison, describeMismatch } from '../../../src/sim/compare.ts';
import { stratifiedIndices } from '../../../src/sim/golden.ts';

const layer = (name: string, codes: number[]) => ({
  layer: name,
  accumulators: Int32Array.from(codes),
  shift: 0,
  codes: Int32Array.from(codes),
});
const trace: ImageTrace = {
  inputCodes: Int32Array.of(1, 2),
  layers: [layer('fc0', [3, 4, 5]), layer('fc1', [-7, 9])],
  logits: Int32Array.of(-7, 9),
  class: 1,
};
const compare = (outputs: number[][], predicted = 1) => {
  const comparison = createComparison('left', 'right');
  comparison.add(12, trace, { outputs, class: predicted });
  return comparison.result();
};

test('equal sides', () => {
  expect(
    compare([
      [3, 4, 5],
      [-7, 9],
    ]),
  ).toEqual({
    left: 'left',
    right: 'right',
    images: 1,
    values: 6,
    mismatches: 0,
    first: null,
  });
});

test.each([
  [
    [
      [3, 4, 6],
      [-7, 9],
    ],
    1,
    'image 12, layer fc0, neuron 2 (code): expected 5, got 6',
  ],
  [
    [
      [3, 4, 5],
      [-7, 8],
    ],
    1,
    'image 12, layer fc1, neuron 1 (logit): expected 9, got 8',
  ],
  [
    [
      [3, 4, 5],
      [-7, 9],
    ],
    0,
    'image 12, class: expected 1, got 0',
  ],
  [
    [
      [3, 4],
      [-7, 9],
    ],
    1,
    'image 12, layer fc0, neuron 2 (code): expected 5, got nothing',
  ],
  [
    [
      [3, 4, 5, 6],
      [-7, 9],
    ],
    1,
    'image 12, layer fc0, neuron 3 (code): expected nothing, got 6',
  ],
  [[[3, 4, 5]], 1, 'image 12, layer fc1, neuron 0 (logit): expected -7, got nothing'],
  [[[3, 4, 5], [-7, 9], [1]], 1, 'image 12, layer extra, neuron 0 (code): expected 2, got 3'],
])('a difference is named: %j', (outputs, predicted, message) => {
  const { first, mismatches } = compare(outputs, predicted);
  expect(mismatches).toBeGreaterThan(0);
  expect(describeMismatch(first!)).toBe(message);
});

test('nothing compared is not equal', () => {
  expect(() => createComparison('a', 'b').result()).toThrow(/saw no image/);
});

test('golden indices go round the classes and never repeat', () => {
  const labels = Uint8Array.of(1, 1, 0, 2, 1, 0);
  const images = { count: 6, height: 1, width: 1, pixels: new Uint8Array(6), labels };
  expect(stratifiedIndices(images, 4)).toEqual([2, 0, 3, 5]);
  expect([...stratifiedIndices(images, 99)].sort()).toEqual([0, 1, 2, 3, 4, 5]);
});
