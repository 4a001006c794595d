// Training: the graph is the hardware's arithmetic to the last integer, runs repeat to the bit, resume is seamless.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { checkpointOfNetwork } from '../../../src/cli/graph-checkpoint.ts';
import { loadDataset } from '../../../src/data/index.ts';
import { encodeCheckpoint } from '../../../src/model/checkpoint.ts';
import { pixelsOf } from '../../../src/model/dataset.ts';
import { denseLayers } from '../../../src/model/network.ts';
import type { Checkpoint, LayerState, TrainOptions } from '../../../src/model/training.ts';
import { zeroShare } from '../../../src/num/trit.ts';
import { lowerCheckpoint } from '../../../src/quant/lower.ts';
import { ternarize } from '../../../src/quant/ternarize.ts';
import { createComparison, describeMismatch } from '../../../src/sim/compare.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { augment, shiftImage } from '../../../src/train/augment.ts';
import { selectBackend } from '../../../src/train/backend.ts';
import { epochBatches } from '../../../src/train/batches.ts';
import { initialLayers } from '../../../src/train/calibrate.ts';
import { evaluateGraph, tritsOf } from '../../../src/train/graph.ts';
import { crossEntropy, targetsOf } from '../../../src/train/loss.ts';
import { disposeTensors, toTensors } from '../../../src/train/optimizer.ts';
import { DEFAULTS, PRESETS, resolveOptions } from '../../../src/train/options.ts';
import { prune } from '../../../src/train/prune.ts';
import { trainStep } from '../../../src/train/step.ts';
import { learningRateAt, train } from '../../../src/train/train.ts';
import { seededRandom } from '../../../src/util/random.ts';
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
  requant: fc.constantFrom('static' as const, 'dynamic' as const, 'thresholds' as const),
  bias: fc.constantFrom('off' as const, 'on' as const),
  shifts: fc.array(fc.integer({ min: 0, max: 8 }), { minLength: 3, maxLength: 3 }),
  seed: fc.nat(999),
});

type Spec = typeof specs extends fc.Arbitrary<infer T> ? T : never;

/** Random offsets wherever the options have them, some at the ends of their range. */
const withOffsets = (layers: LayerState[], options: TrainOptions): LayerState[] =>
  layers.map((layer, i) => {
    const steps = options.requant === 'thresholds' && i < layers.length - 1;
    if (!steps && options.bias === 'off') return layer;
    const random = seededRandom(options.seed, 'offsets', i);
    const size = layer.outputs * (steps ? 2 ** options.actBits - 1 : 1);
    const draw = (): number => (random.below(9) === 0 ? 4 : 1) * (random.unit() * 2 - 1);
    const latents = Float32Array.from({ length: size }, draw);
    const none = new Float32Array(size);
    return { ...layer, offsets: { unit: 2 ** (i + 6), latents, firstMoment: none, secondMoment: none } };
  });

const checkpointOf = ({ shifts, ...chosen }: Spec): Checkpoint => {
  const actBits = chosen.requant === 'thresholds' ? Math.ceil(chosen.actBits / 2) : chosen.actBits;
  const options = { ...DEFAULTS, ...chosen, actBits };
  return {
    options,
    backend: 'wasm',
    shape: [4, 5],
    classes: ['a', 'b', 'c'],
    dataset: { name: 'random', digests: { train: '', test: '' } },
    layers: withOffsets(initialLayers([20, ...options.hidden, 3], options.seed), options),
    shifts: shifts.slice(0, options.hidden.length),
    logitShift: 0,
    history: [],
  };
};

const compareGraph = async (
  checkpoint: Checkpoint,
  seed: number,
  network = lowerCheckpoint(checkpoint, 'net', { tool: 'test' }),
): Promise<void> => {
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
      fc.asyncProperty(specs, async (spec) => {
        const checkpoint = checkpointOf(spec);
        await compareGraph(checkpoint, spec.seed);
        // and once more from the network alone
        const found = checkpointOfNetwork(lowerCheckpoint(checkpoint, 'net', { tool: 'test' }));
        if (found.from === 'none') throw new Error(found.reason);
        await compareGraph(found.checkpoint, spec.seed, lowerCheckpoint(checkpoint, 'net', { tool: 'test' }));
      }),
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
    for (const threshold of [0, 0.25, Math.fround(0.3), 0.5, 0.75]) {
      const trits = tritsOf(tf.tensor2d(latents, [1, latents.length]), weights, threshold);
      const graph = Array.from(trits.dataSync(), (trit) => (trit === 0 ? 0 : trit));
      expect(graph).toEqual(latents.map((latent) => ternarize(latent, weights, threshold)));
    }
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
  const teacher = await train({ options: resolveOptions(tiny, dataset), dataset, backend: 'wasm' });
  for (const chosen of [
    { requant: 'static' },
    { requant: 'dynamic', bias: 'on' },
    { requant: 'thresholds', actBits: 2, validation: 40, distill: 0.5 },
  ] as const) {
    const options = resolveOptions({ ...tiny, ...chosen, hidden: [9, 7] }, dataset);
    const request = { options, dataset, backend: 'wasm', teacher } as const;
    const checkpoints: Checkpoint[] = [];
    const whole = await train({ ...request, onEpoch: (c) => checkpoints.push(c) });
    const resumed = await train({ ...request, resume: checkpoints[0] });
    expect(encodeCheckpoint(resumed).equals(encodeCheckpoint(whole))).toBe(true);
  }
});

test('no tensor is left behind, step after step', async () => {
  const dataset = small();
  const options = resolveOptions({ ...tiny, hidden: [9, 7], requant: 'dynamic' }, dataset);
  const tensors = initialLayers([36, 9, 7, 4], 1).map((layer) => toTensors(layer));
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
  const targets = targetsOf(labels, 3, 0.1, undefined, 0);
  const at = (values: Float32Array): number => crossEntropy(values, labels, targets, 1).loss / 2;
  const { gradient, right } = crossEntropy(logits, labels, targets, 1);
  expect(right).toBe(0);
  for (let i = 0; i < 6; i++) {
    const [up, down] = [logits.slice(), logits.slice()];
    up[i]! += 0.5;
    down[i]! -= 0.5;
    // the gradient is with respect to logits x 2^-1
    expect(gradient[i]).toBeCloseTo((at(up) - at(down)) / 0.5, 2);
  }
});

const image = Uint8Array.of(10, 20, 30, 40, 50, 60);
const wide = { height: 2, width: 3 };

test('shifting moves pixels and fills with zeros', () => {
  const target = new Uint8Array(6).fill(9);
  shiftImage(image, wide, { dx: 1, dy: -1 }, target);
  expect(Array.from(target)).toEqual([0, 40, 50, 0, 0, 0]);
  shiftImage(image, wide, { dx: 5, dy: 0 }, target);
  expect(Array.from(target)).toEqual([0, 0, 0, 0, 0, 0]);
});

test('augmentation of nothing changes nothing, of a little moves a little, and repeats with its seed', () => {
  const pixels = Uint8Array.from({ length: 400 }, (_, i) => (i % 20 > 5 && i % 20 < 14 ? 200 : 0));
  const shape = { height: 20, width: 20 };
  const warp = (options: Partial<TrainOptions>, seed: number): Uint8Array => {
    const target = new Uint8Array(400);
    augment(pixels, shape, { ...DEFAULTS, augmentShift: 0, ...options }, seededRandom(seed), target);
    return target;
  };
  expect(warp({}, 1)).toEqual(pixels);
  const strong = { augmentRotate: 10, augmentScale: 0.1, augmentElastic: 1 };
  expect(warp(strong, 1)).toEqual(warp(strong, 1));
  expect(warp(strong, 1)).not.toEqual(warp(strong, 2));
  for (const options of [{ augmentRotate: 10 }, { augmentScale: 0.2 }, { augmentElastic: 1 }]) {
    const bent = warp(options, 3);
    expect(bent).not.toEqual(pixels);
    const ink = (values: Uint8Array): number => values.reduce((sum, value) => sum + value, 0);
    expect(Math.abs(ink(bent) / ink(pixels) - 1)).toBeLessThan(0.25);
  }
});

test('the learning rate falls from full to zero, or stays', () => {
  const at = (schedule: TrainOptions['schedule'], step: number): number =>
    learningRateAt({ ...DEFAULTS, schedule }, step, 100);
  expect([at('cosine', 0), at('linear', 0), at('constant', 0)]).toEqual([0.03, 0.03, 0.03]);
  expect(at('cosine', 50)).toBeCloseTo(0.015);
  expect(at('linear', 75)).toBeCloseTo(0.0075);
  expect([at('cosine', 100), at('linear', 100)].map((rate) => rate < 1e-9)).toEqual([true, true]);
  expect(at('constant', 99)).toBe(0.03);
});

test('every knob trains, is exact, and resumes to the same bytes', async () => {
  const dataset = small();
  const knobs: Partial<TrainOptions>[] = [
    { optimizer: 'rmsprop', learningRate: 0.003 },
    { optimizer: 'sgd', learningRate: 0.001, schedule: 'linear' },
    { ternarize: 'absmean' },
    { threshold: 0.3, dropout: 0.2 },
    { zeros: 0.8 },
    { fanIn: 5, augmentElastic: 0.5 },
    { inputPool: 2, inputBits: 8 },
    { inputCrop: 1, inputPool: 2, inputBits: 3 },
  ];
  for (const knob of knobs) {
    const options = resolveOptions({ ...tiny, hidden: [9, 7], epochs: 4, ...knob }, dataset);
    const checkpoints: Checkpoint[] = [];
    const whole = await train({ options, dataset, backend: 'wasm', onEpoch: (c) => checkpoints.push(c) });
    const resumed = await train({ options, dataset, backend: 'wasm', resume: checkpoints[1] });
    expect(encodeCheckpoint(resumed).equals(encodeCheckpoint(whole)), JSON.stringify(knob)).toBe(true);
    const network = lowerCheckpoint(whole, 'net', { tool: 'test' });
    const comparison = createComparison('simulator', 'graph');
    await evaluateGraph(whole, dataset.test, (index, graph) => {
      comparison.add(index, evaluate(network, pixelsOf(dataset.test, index)), graph);
    });
    expect(comparison.result().first, JSON.stringify(knob)).toBe(null);
    for (const { weights } of denseLayers(network)) {
      if (knob.zeros !== undefined) expect(zeroShare(weights)).toBeGreaterThanOrEqual(knob.zeros - 0.02);
      for (let r = 0; r < weights.rows && knob.fanIn !== undefined; r++) {
        const row = weights.trits.subarray(r * weights.cols, (r + 1) * weights.cols);
        expect(row.filter((trit) => trit !== 0).length).toBeLessThanOrEqual(knob.fanIn);
      }
    }
  }
});

test('pruning takes the smallest, ties by index, and is gradual', () => {
  const latents = Float32Array.of(0.5, -0.1, 1, -1, 0.2, 1, -1, 0.05);
  const make = () => ({
    inputs: 4,
    outputs: 2,
    threshold: 0.5,
    latents: latents.slice(),
    firstMoment: latents.slice(),
    secondMoment: latents.slice(),
    offsets: null,
  });
  const options = { ...DEFAULTS, epochs: 10, zeros: 0.5 };
  const state = make();
  prune(state, options, 7);
  expect(Array.from(state.latents, (l) => l !== 0)).toEqual([
    false,
    false,
    true,
    true,
    false,
    true,
    true,
    false,
  ]);
  expect(state.firstMoment[0]).toBe(0);
  const early = make();
  prune(early, options, 1);
  expect(early.latents.filter((l) => l === 0).length).toBe(1);
  const limited = make();
  prune(limited, { ...DEFAULTS, epochs: 10, fanIn: 1 }, 10);
  // columns are 0.5, 1, 0.2, -1 and -0.1, -1, 1, 0.05: of equals the lower index goes
  expect(Array.from(limited.latents, (l) => l !== 0)).toEqual([
    false,
    false,
    false,
    false,
    false,
    true,
    true,
    false,
  ]);
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
