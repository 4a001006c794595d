// What a run may learn from besides labels: a teacher's answers; and the held-out images it is measured on.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, expect, test } from 'vitest';
import { loadDataset } from '../../../src/data/index.ts';
import { type Dataset, pixelsOf, selectImages } from '../../../src/model/dataset.ts';
import { lowerCheckpoint } from '../../../src/quant/lower.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { selectBackend } from '../../../src/train/backend.ts';
import { codesOf, epochBatches } from '../../../src/train/batches.ts';
import { softmax, targetsOf } from '../../../src/train/loss.ts';
import { resolveOptions } from '../../../src/train/options.ts';
import { checkTeacher, createTeacher } from '../../../src/train/teacher.ts';
import { train } from '../../../src/train/train.ts';
import { holdOut } from '../../../src/train/validation.ts';

beforeAll(async () => {
  await selectBackend('wasm');
});

const digits = loadDataset();
const dataset: Dataset = {
  ...digits,
  train: selectImages(
    digits.train,
    Array.from({ length: 400 }, (_, i) => i * 20),
  ),
};
const quick = (options: object) => resolveOptions({ hidden: [8], epochs: 2, batch: 25, ...options }, dataset);
const keyOf = (images: Dataset['train'], index: number): string => pixelsOf(images, index).join();

test('a teacher answers with the softmax of its own logits, as lowered', async () => {
  const options = quick({ hidden: [6], inputBits: 4 });
  const checkpoint = await train({ options, dataset, backend: 'wasm' });
  const before = tf.memory().numTensors;
  const teacher = createTeacher(checkpoint, 2);
  const codes = codesOf(dataset.train, 0, 3, teacher.input);
  const found = teacher.probabilities(codes, 3);
  const network = lowerCheckpoint(checkpoint, 'teacher', { tool: 'test' });
  for (let i = 0; i < 3; i++) {
    const { logits } = evaluate(network, pixelsOf(dataset.train, i));
    const powers = Array.from(logits, (z) => Math.exp(z / 2 ** checkpoint.logitShift / 2));
    const total = powers.reduce((a, b) => a + b);
    powers.forEach((power, c) => {
      expect(found[i * powers.length + c]).toBeCloseTo(power / total, 5);
    });
  }
  teacher.dispose();
  expect(tf.memory().numTensors).toBe(before);
});

test('teacher and student see the same image, each through its own input', () => {
  const options = quick({ augmentShift: 2, inputBits: 7 });
  const teacher = { ...createInput(), shift: 0 };
  for (const { codes, teacherCodes } of epochBatches(dataset.train, options, 1, teacher)) {
    expect(teacherCodes!.map((code) => code >> 1)).toEqual(codes);
  }
  expect(epochBatches(dataset.train, options, 1).next().value!.teacherCodes).toBe(null);
});

const createInput = () => {
  const { height, width } = dataset.train;
  const byte = { signed: false, bits: 8 } as const;
  const plain = { crop: [0, 0, height, width], pool: [1, 1] } as const;
  return { shape: [height, width], pixel: byte, code: byte, ...plain } as const;
};

test('targets mix label and teacher', () => {
  const taught = Float32Array.of(0.75, 0.25, 0, 0.5, 0.5, 0);
  const mixed = targetsOf(Uint8Array.of(0, 2), 3, 0.3, taught, 0.5);
  const expected = [0.8 / 2 + 0.375, 0.05 + 0.125, 0.05, 0.05 + 0.25, 0.05 + 0.25, 0.8 / 2];
  expected.forEach((value, i) => {
    expect(mixed[i]).toBeCloseTo(value, 6);
  });
  expect(targetsOf(Uint8Array.of(1), 2, 0, taught, 0)).toEqual(Float32Array.of(0, 1));
  expect(Array.from(softmax([1000, 1000, -1000, 0, 0, 0], 3, 1), (p) => Math.round(p * 100))).toEqual([
    50, 50, 0, 33, 33, 33,
  ]);
});

test('what a teacher says changes what is learned; without a share it does not', async () => {
  const teacher = await train({ options: quick({ seed: 9 }), dataset, backend: 'wasm' });
  const alone = await train({ options: quick({}), dataset, backend: 'wasm' });
  const unheard = await train({ options: quick({}), dataset, backend: 'wasm', teacher });
  const taught = await train({ options: quick({ distill: 0.5 }), dataset, backend: 'wasm', teacher });
  expect(unheard.layers).toEqual(alone.layers);
  expect(taught.layers).not.toEqual(alone.layers);
});

test('a teacher of other images or classes is refused', async () => {
  const teacher = await train({ options: quick({}), dataset, backend: 'wasm' });
  const { shape, classes } = teacher;
  expect(() => checkTeacher(teacher, shape, classes)).not.toThrow();
  expect(() => checkTeacher(teacher, [shape[0] + 1, shape[1]], classes)).toThrow(/--teacher must have been/);
  expect(() => checkTeacher(teacher, shape, [...classes, 'more'])).toThrow(/classes, not/);
});

test('held-out images are trained on by nobody, and are the same for every seed', async () => {
  const { train: rest, validation } = holdOut(dataset, 30);
  const held = new Set(Array.from({ length: 30 }, (_, i) => keyOf(validation!, i)));
  expect([validation!.count, rest.count]).toEqual([30, dataset.train.count - 30]);
  const all = Array.from({ length: dataset.train.count }, (_, i) => keyOf(dataset.train, i)).sort();
  const parts = [rest, validation!].flatMap((part) =>
    Array.from({ length: part.count }, (_, i) => keyOf(part, i)),
  );
  expect(parts.sort()).toEqual(all);
  expect(held.size).toBeGreaterThan(20);
  expect(holdOut(dataset, 30)).toEqual(holdOut(dataset, 30));
  expect(holdOut(dataset, 0)).toEqual({ train: dataset.train, validation: null });

  // blank the held-out images: training ends the same, only what is measured changes
  const blank = { ...dataset.train, pixels: dataset.train.pixels.slice() };
  for (let i = 0; i < blank.count; i++) {
    if (held.has(keyOf(dataset.train, i))) pixelsOf(blank, i).fill(0);
  }
  const options = quick({ validation: 30 });
  const a = await train({ options, dataset, backend: 'wasm' });
  const b = await train({ options, dataset: { ...dataset, train: blank }, backend: 'wasm' });
  expect(a.layers).toEqual(b.layers);
  expect(a.history.map(({ validationAccuracy }) => validationAccuracy)).not.toContain(null);
});

test.each([
  [{ validation: dataset.train.count }, /--validation must leave some/],
  [{ validation: dataset.train.count - 10 }, /--batch must be at most 10/],
  [{ requant: 'thresholds' }, /--act-bits must be 1..4 with --requant thresholds, not 8/],
  [{ distill: 2 }, /--distill must be a number from 0 to 1/],
  [{ temperature: 0 }, /--temperature must be/],
  [{ bias: 'maybe' }, /--bias must be one of off, on/],
])('%j is refused', (options, message) => {
  expect(() => quick(options)).toThrow(message);
});
