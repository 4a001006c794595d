// The graph's integers at the far end of float32, and the shifts that calibration picks.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../../src/data/index.ts';
import { selectBackend } from '../../../src/train/backend.ts';
import { calibrate, initialLayers } from '../../../src/train/calibrate.ts';
import { argmaxOf, evaluateGraph, hiddenForward } from '../../../src/train/graph.ts';
import { DEFAULTS, resolveOptions } from '../../../src/train/options.ts';
import { train } from '../../../src/train/train.ts';
import { smallDataset } from '../../support/small-dataset.ts';

beforeAll(async () => {
  await selectBackend('wasm');
});

describe.each(['wasm', 'cpu'] as const)('next to 2^24, on %s', (backend) => {
  test.each(['static', 'dynamic'] as const)('%s codes are exact', async (requant) => {
    await selectBackend(backend);
    const options = { ...DEFAULTS, inputBits: 8, requant };
    // the largest input count that resolveOptions lets through; accumulators from 0 to the bound, around every .5
    const inputs = 65_664;
    const ones = [0, 1, 2, 256, 257, 32_767, 32_768, 65_281, 65_536, 65_663, inputs];
    const rests = [0, 1, 127, 128, 129, 254];
    const images = ones.flatMap((full) => rests.map((rest) => ({ full: Math.min(full, inputs - 1), rest })));
    const codes = new Float32Array(images.length * inputs);
    images.forEach(({ full, rest }, i) => {
      codes.fill(255, i * inputs, i * inputs + full);
      codes[i * inputs + full] = rest;
    });
    const shift = 16;
    const found = tf.tidy(() => {
      const spec = { options, shifts: [shift] };
      return hiddenForward(
        tf.tensor2d(codes, [images.length, inputs]),
        { trits: tf.ones<tf.Rank.R2>([inputs, 1]), offsets: null, unit: 0 },
        spec,
        0,
      ).codes.dataSync();
    });
    const expected = images.map(({ full, rest }) => {
      const acc = 255 * full + rest;
      const own = requant === 'static' ? shift : Math.max(0, acc.toString(2).length - 8);
      return Math.min(255, Math.floor(acc / 2 ** own + 0.5));
    });
    expect(Array.from(found)).toEqual(expected);
    await selectBackend('wasm');
  });
});

describe('calibration', () => {
  const digits = loadDataset();
  const shiftsOf = (chosen: Partial<typeof DEFAULTS>) => {
    const options = { ...DEFAULTS, ...chosen };
    return calibrate(initialLayers([784, ...options.hidden, 10], 1), options, digits.train);
  };

  test.each([
    [7, 5],
    [4, 2],
    [1, 0],
  ])('%i-bit input of 784 pixels: shift %i', (inputBits, shift) => {
    expect(shiftsOf({ inputBits }).shifts).toEqual([shift]);
  });

  test.each([
    [1024, 8],
    [256, 7],
    [128, 6],
    [64, 6],
  ])('%i hidden neurons: logit shift %i', (hidden, logitShift) => {
    expect(shiftsOf({ hidden: [hidden] }).logitShift).toBe(logitShift);
  });

  test('one shift a hidden layer; none without; never past the largest accumulator', () => {
    expect(shiftsOf({ hidden: [] }).shifts).toEqual([]);
    expect(shiftsOf({ hidden: [32, 16, 8] }).shifts.length).toBe(3);
    // one pixel from 0 to 255: its accumulators need no shift, however far they spread
    const pixels = Uint8Array.from({ length: 256 }, (_, i) => i);
    const images = { count: 256, height: 1, width: 1, pixels, labels: new Uint8Array(256) };
    const options = { ...DEFAULTS, hidden: [4], inputBits: 8, weights: 'binary' as const };
    expect(calibrate(initialLayers([1, 4, 10], 1), options, images).shifts).toEqual([0]);
    expect(calibrate(initialLayers([1, 4, 10], 1), { ...options, actBits: 5 }, images).shifts).toEqual([3]);
  });
});

test('embedded digits are learnt, and held-out ones are recognised', async () => {
  const dataset = loadDataset();
  const options = resolveOptions({ hidden: [48], epochs: 3, batch: 64, seed: 2 }, dataset);
  const checkpoint = await train({ options, dataset, backend: 'wasm' });
  let right = 0;
  await evaluateGraph(checkpoint, dataset.test, (index, image) => {
    if (image.class === dataset.test.labels[index]) right++;
  });
  expect(right / dataset.test.count).toBeGreaterThan(0.9);
});

test.each([
  { hidden: [] },
  { hidden: [24, 16, 12] },
  { hidden: [24], weights: 'binary' as const },
  { hidden: [64, 64], requant: 'dynamic' as const },
  { hidden: [24], inputBits: 1, actBits: 1 },
])('%j learns', async (chosen) => {
  const dataset = smallDataset();
  const options = resolveOptions({ epochs: 40, batch: 25, augmentShift: 0, seed: 4, ...chosen }, dataset);
  const { history } = await train({ options, dataset, backend: 'wasm' });
  expect(history.at(-1)!.trainAccuracy).toBeGreaterThan(0.85);
});

test('the lowest index wins a tie', () => {
  expect([argmaxOf([1, 3, 3]), argmaxOf([-5]), argmaxOf([2, 2]), argmaxOf([-3, -2, -2])]).toEqual([
    1, 0, 0, 1,
  ]);
});
