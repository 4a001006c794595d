// Training: the graph is the hardware's arithmetic to the last integer, runs repeat to the bit, resume is seamless.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { loadDataset } from '../../../src/data/index.ts';
import { encodeCheckpoint } from '../../../src/model/checkpoint.ts';
import { pixelsOf } from '../../../src/model/dataset.ts';
import type { Checkpoint, TrainOptions } from '../../../src/model/training.ts';
import { lowerCheckpoint } from '../../../src/quant/lower.ts';
import { ternarize } from '../../../src/quant/ternarize.ts';
import { createComparison, describeMismatch } from '../../../src/sim/compare.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { selectBackend } from '../../../src/train/backend.ts';
import { epochBatches, writeShifted } from '../../../src/train/batches.ts';
import { initialLayers } from '../../../src/train/calibrate.ts';
import { evaluateGraph, tritsOf } from '../../../src/train/graph.ts';
import { crossEntropy } from '../../../src/train/loss.ts';
import { DEFAULTS, PRESETS, resolveOptions } from '../../../src/train/options.ts';
import { disposeTensors, toTensors, trainStep } from '../../../src/train/step.ts';
import { cosineRate, train } from '../../../src/train/train.ts';
import { temporaryFolder } from '../../support/emitted.ts';
import { writeIdxFolder } from '../../support/idx.ts';
import { randomImages } from '../../support/networks.ts';

const SEED = 17;

beforeAll(async () => {
  await selectBackend('wasm');
});

const small = () => {
  const folder = temporaryFolder();
  writeIdxFolder(folder);
  return loadDataset(folder);
};
const tiny: Partial<TrainOptions> = { hidden: [10], epochs: 3, batch: 32, seed: 5, augmentShift: 0 };

const specs = fc.record({
  hidden: fc.array(fc.integer({ min: 1, max: 12 }), { maxLength: 3 }),
  inputBits: fc.integer({ min: 1, max: 8 }),
  actBits: fc.integer({ min: 1, max: 8 }),
  weights: fc.constantFrom('ternary' as const, 'binary' as const),
  requant: fc.constantFrom('static' as const, 'dynamic' as const),
  shifts: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 3, maxLength: 3 }),
  seed: fc.nat(999),
});

type Spec = typeof specs extends fc.Arbitrary<infer T> ? T : never;

const checkpointOf = ({ shifts, ...options }: Spec): Checkpoint => ({
  options: { ...DEFAULTS, ...options },
  backend: 'wasm',
  shape: [4, 5],
  classes: ['a', 'b', 'c'],
  dataset: { name: 'random', digests: { train: '', test: '' } },
  layers: initialLayers([20, ...options.hidden, 3], options.seed),
  shifts: shifts.slice(0, options.hidden.length),
  logitShift: 0,
  history: [],
});

const compareGraph = async (checkpoint: Checkpoint, seed: number): Promise<void> => {
  const network = lowerCheckpoint(checkpoint, 'net', { tool: 'test' });
  const images = randomImages(network, 9, seed);
  const set = {
    count: images.length,
    height: 4,
    width: 5,
    pixels: Uint8Array.from(Buffer.concat(images)),
    labels: new Uint8Array(images.length),
  };
  const comparison = createComparison('simulator', 'graph');
  await evaluateGraph(checkpoint, set, (index, image) => {
    comparison.add(index, evaluate(network, pixelsOf(set, index)), image);
  });
  const { first, images: count } = comparison.result();
  expect(count).toBe(9);
  expect(first === null ? null : describeMismatch(first)).toBe(null);
};

test.each(['wasm', 'cpu'] as const)(
  `training graph = simulator on random nets, %s (seed ${SEED})`,
  async (backend) => {
    await selectBackend(backend);
    await fc.assert(
      fc.asyncProperty(specs, (spec) => compareGraph(checkpointOf(spec), spec.seed)),
      { seed: SEED, numRuns: backend === 'wasm' ? 80 : 25 },
    );
    await selectBackend('wasm');
  },
);

test('tensors and numbers ternarize alike', () => {
  const latents = [-1, -0.75, -0.5000001, -0.5, -0.25, -0, 0, 0.25, 0.5, 0.50000006, 0.75, 1].map(
    Math.fround,
  );
  for (const weights of ['ternary', 'binary'] as const) {
    const graph = Array.from(
      tritsOf(tf.tensor2d(latents, [1, latents.length]), weights).dataSync(),
      (t) => t + 0,
    );
    expect(graph.map((t) => (t === 0 ? 0 : t))).toEqual(latents.map((latent) => ternarize(latent, weights)));
  }
});

test('training learns, repeats to the bit, and another seed gives another net', async () => {
  const dataset = small();
  const options = resolveOptions({ ...tiny, hidden: [24], epochs: 25 }, dataset);
  const a = await train({ options, dataset, backend: 'wasm' });
  const b = await train({ options, dataset, backend: 'wasm' });
  const c = await train({ options: { ...options, seed: 6 }, dataset, backend: 'wasm' });
  expect(encodeCheckpoint(a).equals(encodeCheckpoint(b))).toBe(true);
  expect(encodeCheckpoint(a).equals(encodeCheckpoint(c))).toBe(false);
  expect(a.history.at(-1)!.trainAccuracy).toBeGreaterThan(0.9);
  expect(a.history.at(-1)!.loss).toBeLessThan(a.history[0]!.loss);
});

test('a resumed run ends where an uninterrupted one does, to the byte', async () => {
  const dataset = small();
  for (const requant of ['static', 'dynamic'] as const) {
    const options = resolveOptions({ ...tiny, requant, hidden: [9, 7] }, dataset);
    const checkpoints: Checkpoint[] = [];
    const whole = await train({ options, dataset, backend: 'wasm', onEpoch: (c) => checkpoints.push(c) });
    const resumed = await train({ options, dataset, backend: 'wasm', resume: checkpoints[0] });
    expect(encodeCheckpoint(resumed).equals(encodeCheckpoint(whole))).toBe(true);
  }
});

test('no tensor is left behind, step after step', async () => {
  const dataset = small();
  const options = resolveOptions({ ...tiny, hidden: [9, 7], requant: 'dynamic' }, dataset);
  const tensors = initialLayers([36, 9, 7, 4], 1).map(toTensors);
  const before = tf.memory().numTensors;
  const bytes = tf.memory().numBytes;
  let step = 0;
  for (const batch of epochBatches(dataset.train, options, 1)) {
    trainStep(
      tensors,
      { options, shifts: [0, 0] },
      { ...batch, learningRate: 0.01, step: ++step, logitShift: 3 },
    );
    expect(tf.memory().numTensors).toBe(before);
    expect(tf.memory().numBytes).toBe(bytes);
  }
  expect(step).toBe(12);
  disposeTensors(tensors);
});

test('no test image is read: without them training ends the same', async () => {
  const dataset = small();
  const options = resolveOptions(tiny, dataset);
  const blind = {
    ...dataset,
    test: { ...dataset.test, pixels: new Uint8Array(0), labels: new Uint8Array(0) },
  };
  const [a, b] = [
    await train({ options, dataset, backend: 'wasm' }),
    await train({ options, dataset: blind, backend: 'wasm' }),
  ];
  expect(a.layers).toEqual(b.layers);
});

test('the loss gradient is the derivative of the loss', () => {
  const logits = Float32Array.of(1, -2, 3, 0, 4, -1);
  const labels = Uint8Array.of(0, 2);
  const at = (values: Float32Array): number => crossEntropy(values, labels, 3, 1, 0.1).loss / 2;
  const { gradient, right } = crossEntropy(logits, labels, 3, 1, 0.1);
  expect(right).toBe(0);
  for (let i = 0; i < 6; i++) {
    const [up, down] = [logits.slice(), logits.slice()];
    up[i]! += 0.5;
    down[i]! -= 0.5;
    // the gradient is with respect to logits x 2^-1
    expect(gradient[i]).toBeCloseTo((at(up) - at(down)) / 0.5, 2);
  }
});

test('shifting moves pixels and fills with zeros', () => {
  const target = new Float32Array(6).fill(9);
  writeShifted(
    Uint8Array.of(10, 20, 30, 40, 50, 60),
    { height: 2, width: 3 },
    { dx: 1, dy: -1 },
    1,
    target,
    0,
  );
  expect(Array.from(target)).toEqual([0, 20, 25, 0, 0, 0]);
  writeShifted(
    Uint8Array.of(10, 20, 30, 40, 50, 60),
    { height: 2, width: 3 },
    { dx: 5, dy: 0 },
    0,
    target,
    0,
  );
  expect(Array.from(target)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('the learning rate falls from full to zero', () => {
  expect(cosineRate(0.03, 0, 100)).toBe(0.03);
  expect(cosineRate(0.03, 50, 100)).toBeCloseTo(0.015);
  expect(cosineRate(0.03, 100, 100)).toBeCloseTo(0);
});

test('every preset resolves', () => {
  const dataset = small();
  for (const preset of Object.keys(PRESETS)) {
    expect(resolveOptions({ preset, batch: 32 }, dataset).epochs).toBeGreaterThan(0);
  }
});

test.each<[Partial<TrainOptions> & { preset?: string }, RegExp]>([
  [{ epochs: 0 }, /--epochs must be a whole number from 1/],
  [{ epochs: Number.NaN }, /--epochs must be .* not NaN/],
  [{ hidden: [16, 0] }, /--hidden must be/],
  [{ hidden: [1.5] }, /--hidden must be/],
  [{ inputBits: 9 }, /--input-bits must be a whole number from 1 to 8, not 9/],
  [{ actBits: 0 }, /--act-bits/],
  [{ learningRate: -1 }, /--lr/],
  [{ batch: 100_000 }, /--batch/],
  [{ batch: 401 }, /--batch must be at most 400/],
  [{ seed: -1 }, /--seed/],
  [{ preset: 'nope' }, /--preset must be one of default, demo/],
  [{ preset: 'toString' }, /--preset must be one of/],
  [{ hidden: [65_536, 8], actBits: 8 }, /largest possible accumulator must stay below 2\^23/],
])('refuses %j', (options, message) => {
  const dataset = small();
  expect(() => resolveOptions({ batch: 32, ...options }, dataset)).toThrow(message);
});

test('a backend that cannot start says why', async () => {
  const outcome = await selectBackend('node').catch((error: unknown) => error);
  if (outcome instanceof Error)
    expect(outcome.message).toMatch(/--backend node must start on this machine, not failing/);
  else expect(outcome).toMatchObject({ name: 'node' });
  expect(await selectBackend('wasm')).toMatchObject({ name: 'wasm', skipped: [] });
});
