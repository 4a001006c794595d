// Options: what is taken when nothing is said, and every value that is refused before training starts.
import { expect, test } from 'vitest';
import type { Dataset } from '../../../src/model/dataset.ts';
import type { TrainOptions } from '../../../src/model/training.ts';
import { DEFAULTS, PRESETS, resolveOptions } from '../../../src/train/options.ts';
import { UserError } from '../../../src/util/errors.ts';

/** Data of that size without a pixel: options look at sizes only. */
const sized = (count: number, height = 28, width = 28): Dataset => {
  const none = { height, width, pixels: new Uint8Array(0), labels: new Uint8Array(0) };
  const classes = Array.from({ length: 10 }, (_, i) => String(i));
  const digests = { train: '', test: '' };
  return { name: 'sized', train: { ...none, count }, test: { ...none, count: 1 }, classes, digests };
};

test('the default net and recipe', () => {
  expect(resolveOptions({}, sized(60_000))).toEqual(DEFAULTS);
  expect(DEFAULTS).toMatchObject({ hidden: [1024], inputBits: 7, actBits: 8, epochs: 8, batch: 256 });
});

test('the schedule follows the number of images; what is given wins over all', () => {
  expect(resolveOptions({}, sized(8000))).toMatchObject({ epochs: 40, batch: 64 });
  expect(resolveOptions({}, sized(20))).toMatchObject({ epochs: 40, batch: 20 });
  expect(resolveOptions({ preset: 'demo' }, sized(8000))).toMatchObject({ hidden: [64], batch: 128 });
  expect(resolveOptions({ preset: 'demo' }, sized(60_000))).toMatchObject({ epochs: 8, batch: 256 });
  const given = { epochs: 3, batch: 7, hidden: [5, 6] };
  expect(resolveOptions({ preset: 'demo', ...given }, sized(8000))).toMatchObject(given);
  expect(resolveOptions({ preset: 'deep', hidden: undefined } as never, sized(8000)).hidden).toEqual([
    256, 128,
  ]);
});

test.each(Object.keys(PRESETS))('preset %s resolves on small and on large data', (preset) => {
  for (const count of [100, 8000, 60_000]) {
    const { small: _, options } = PRESETS[preset]!;
    const batch = options.batch === undefined ? {} : { batch: Math.min(options.batch, count) };
    expect(resolveOptions({ preset }, sized(count))).toMatchObject({ ...options, ...batch });
  }
});

test.each<[Partial<TrainOptions> & { preset?: string }, RegExp]>([
  [{ epochs: 0 }, /--epochs must be a whole number from 1/],
  [{ epochs: Number.NaN }, /--epochs must be .* not NaN/],
  [{ epochs: 2.5 }, /--epochs must be .* not 2.5/],
  [{ epochs: Number.POSITIVE_INFINITY }, /--epochs must be .* not Infinity/],
  [{ hidden: [16, 0] }, /--hidden must be/],
  [{ hidden: [1.5] }, /--hidden must be/],
  [{ hidden: [Number.NaN] }, /--hidden must be .* not NaN/],
  [{ hidden: Array.from({ length: 65 }, () => 4) }, /--hidden must name at most 64 layers, not 65/],
  [{ inputBits: 9 }, /--input-bits must be a whole number from 1 to 8, not 9/],
  [{ inputBits: 0 }, /--input-bits/],
  [{ actBits: 0 }, /--act-bits/],
  [{ actBits: 9 }, /--act-bits/],
  [{ learningRate: -1 }, /--lr/],
  [{ learningRate: Number.NaN }, /--lr must be .* not NaN/],
  [{ labelSmoothing: 1 }, /--label-smoothing/],
  [{ augmentShift: -1 }, /--augment-shift/],
  [{ batch: 0 }, /--batch/],
  [{ batch: 100_000 }, /--batch/],
  [{ batch: 8001 }, /--batch must be at most 8000, the number of training images/],
  [{ seed: -1 }, /--seed/],
  [{ seed: 2 ** 31 }, /--seed/],
  [{ weights: 'float' as never }, /--weights must be one of ternary, binary, not float/],
  [{ requant: 'none' as never }, /--requant must be one of static, dynamic, thresholds, not none/],
  [{ preset: 'nope' }, /--preset must be one of default, demo/],
  [{ preset: 'toString' }, /--preset must be one of/],
  [{ hidden: [8192, 8192] }, /training must need at most 3 GB of tensors, not 6.*use smaller --hidden/],
  [{ hidden: [8192], batch: 8000 }, /at most 3 GB of tensors.*use a smaller --batch/],
])('refuses %j', (options, message) => {
  const resolve = () => resolveOptions(options, sized(8000));
  expect(resolve).toThrow(UserError);
  expect(resolve).toThrow(message);
});

test('refuses what could reach 2^24, and only that', () => {
  const eight = { inputBits: 8, batch: 1, hidden: [2] };
  // 65,793 x 255 = 2^24 - 1; with half of 2^16 added it would not be exact
  const rule = /dense layer 0: largest possible accumulator must stay below 2\^24/;
  expect(resolveOptions({ ...eight, hidden: [] }, sized(10, 65_793, 1)).hidden).toEqual([]);
  expect(() => resolveOptions({ ...eight, hidden: [] }, sized(10, 65_794, 1))).toThrow(rule);
  expect(() => resolveOptions(eight, sized(10, 65_793, 1))).toThrow(rule);
  expect(resolveOptions(eight, sized(10, 65_664, 1)).hidden).toEqual([2]);
  expect(() => resolveOptions(eight, sized(10, 65_665, 1))).toThrow(rule);
});
