// Lowering: the Network holds the checkpoint's trits, turned to rows of outputs, and nothing else of it.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { validateNetwork } from '../../../src/layers/validate.ts';
import { denseLayers } from '../../../src/model/network.ts';
import { parseNetworkStructure, printNetwork } from '../../../src/model/network-file.ts';
import type { Checkpoint, LayerState } from '../../../src/model/training.ts';
import { lowerCheckpoint } from '../../../src/quant/lower.ts';
import { offsetIntegers, ternarize } from '../../../src/quant/ternarize.ts';
import { selectBackend } from '../../../src/train/backend.ts';
import { offsetsOf, tritsOf } from '../../../src/train/graph.ts';
import { DEFAULTS } from '../../../src/train/options.ts';

const SEED = 23;
const layer = (inputs: number, outputs: number, latents: number[]): LayerState => ({
  inputs,
  outputs,
  threshold: 0.5,
  latents: Float32Array.from(latents),
  firstMoment: new Float32Array(inputs * outputs),
  secondMoment: new Float32Array(inputs * outputs),
  offsets: null,
});

const checkpoint = (options: Partial<Checkpoint['options']> = {}): Checkpoint => ({
  options: { ...DEFAULTS, hidden: [3], inputBits: 4, actBits: 2, ...options },
  backend: 'wasm',
  shape: [1, 2],
  classes: ['left', 'right'],
  dataset: { name: 'x', digests: { train: '', test: '' } },
  // rows are inputs
  layers: [layer(2, 3, [0.9, -0.6, -0.1, -0, 0.5, 0.51]), layer(3, 2, [1, -1, 1, 0, -0.5, 1])],
  shifts: [3],
  logitShift: 5,
  history: [],
});

test('a Network by hand', () => {
  const network = lowerCheckpoint(checkpoint(), 'by-hand', { tool: 'test', seed: 4 });
  expect(network).toMatchObject({
    name: 'by-hand',
    input: { shape: [1, 2], code: { signed: false, bits: 4 }, shift: 4 },
    classes: ['left', 'right'],
    provenance: { tool: 'test', seed: 4 },
  });
  expect(network.layers.map(({ name, kind }) => [name, kind])).toEqual([
    ['fc0', 'dense'],
    ['fc1', 'dense'],
    ['argmax', 'argmax'],
  ]);
  const [first, second] = denseLayers(network);
  expect(first!.weights).toEqual({
    alphabet: 'ternary',
    rows: 3,
    cols: 2,
    trits: Int8Array.of(1, 0, -1, 0, 0, 1),
  });
  expect(second!.weights.trits).toEqual(Int8Array.of(1, 1, 0, -1, 0, 1));
  // largest code 15: rows reach [0, 15], [-15, 0], [0, 15]; then 3: [0, 6] and [-3, 3]
  expect(first!.accumulator).toEqual({ signed: true, bits: 5 });
  expect(second!.accumulator).toEqual({ signed: true, bits: 4 });
  expect(first!.requantize).toEqual({
    kind: 'static-shift',
    shift: 3,
    rounding: 'half-up',
    output: { signed: false, bits: 2 },
  });
  expect(second!.requantize).toEqual({ kind: 'none' });
  expect([first!.bias, second!.bias]).toEqual([null, null]);
});

test('no trit is a negative zero, and the file reads back the same', () => {
  const network = lowerCheckpoint(checkpoint(), 'net', { tool: 'test' });
  for (const { weights } of denseLayers(network))
    for (const trit of weights.trits) expect(Object.is(trit, -0)).toBe(false);
  expect(validateNetwork(parseNetworkStructure(printNetwork(network), 'net'))).toEqual(network);
});

test('dynamic and binary are carried over; neither moments nor the logit shift matter', () => {
  const dynamic = lowerCheckpoint(checkpoint({ requant: 'dynamic', weights: 'binary' }), 'net', {
    tool: 't',
  });
  const [first] = denseLayers(dynamic);
  expect(first!.requantize).toMatchObject({ kind: 'dynamic-shift' });
  expect(first!.weights.trits).toEqual(Int8Array.of(1, -1, -1, 1, -1, 1));
  const plain = checkpoint();
  const layers = plain.layers.map((state) => ({ ...state, firstMoment: state.firstMoment.map(() => 7) }));
  const other = lowerCheckpoint({ ...plain, layers, logitShift: 0 }, 'net', { tool: 't' });
  expect(other).toEqual(lowerCheckpoint(plain, 'net', { tool: 't' }));
});

const offsets = (unit: number, latents: number[]) => {
  const none = new Float32Array(latents.length);
  return { unit, latents: Float32Array.from(latents), firstMoment: none, secondMoment: none };
};

test('biases are whole numbers of their unit, half up, and widen the accumulator', () => {
  const plain = checkpoint({ bias: 'on' });
  const [first, second] = plain.layers;
  const layers = [
    { ...first!, offsets: offsets(8, [2, -0.0625, 0.1875]) },
    { ...second!, offsets: offsets(2, [-4, 0]) },
  ];
  const network = lowerCheckpoint({ ...plain, layers }, 'net', { tool: 't' });
  const [a, b] = denseLayers(network);
  expect([a!.bias, b!.bias]).toEqual([Int32Array.of(16, 0, 2), Int32Array.of(-8, 0)]);
  // 15 + 16; then -8 to -8 + 6, and -3 to 3
  expect([a!.accumulator.bits, b!.accumulator.bits]).toEqual([6, 4]);
});

test('thresholds ascend in each row; the hidden layer has no bias besides them', () => {
  const plain = checkpoint({ requant: 'thresholds', bias: 'on' });
  const [first, second] = plain.layers;
  // three levels of three outputs
  const layers = [
    { ...first!, offsets: offsets(4, [1, 0, -4, 0.5, 0, 4, 2, -1, 3.9]) },
    { ...second!, offsets: offsets(1, [1, 2]) },
  ];
  const [a, b] = denseLayers(lowerCheckpoint({ ...plain, layers }, 'net', { tool: 't' }));
  expect(a!.requantize).toEqual({
    kind: 'thresholds',
    output: { signed: false, bits: 2 },
    thresholds: Int32Array.of(2, 4, 8, -4, 0, 0, -16, 16, 16),
  });
  expect([a!.bias, b!.bias]).toEqual([null, Int32Array.of(1, 2)]);
  // sums reach -15 and 15, thresholds -16 and 16
  expect(a!.accumulator).toEqual({ signed: true, bits: 6 });
});

test(`tensors and numbers make the same offsets (seed ${SEED})`, () => {
  const value = fc.oneof(
    fc.float({ min: -4, max: 4, noNaN: true }),
    fc.constantFrom(0.49999997, -0.5, 2 ** -30),
  );
  fc.assert(
    fc.property(
      fc.array(value, { minLength: 1, maxLength: 30 }),
      fc.integer({ min: 0, max: 20 }),
      (values, bits) => {
        const state = offsets(2 ** bits, values);
        const graph = tf.tidy(() =>
          offsetsOf(tf.tensor2d(state.latents, [1, values.length]), state.unit).dataSync(),
        );
        expect(Array.from(graph, (x) => x + 0)).toEqual(Array.from(offsetIntegers(state)));
      },
    ),
    { seed: SEED, numRuns: 300 },
  );
});

beforeAll(async () => {
  await selectBackend('wasm');
});

// 0.3 and 0.1 are no float32: both sides must round them alike
const thresholds = [0.5, 0.3, 0.1, 0.7, 0, Math.fround(0.123)];
const edges = [...thresholds.map(Math.fround), 0.50000006, 0.49999997, 1, 2 ** -149];
const latent = fc.oneof(
  fc.float({ min: -1, max: 1, noNaN: true }),
  fc.constantFrom(...edges.flatMap((x) => [x, -x])),
);

test(`tensors and numbers ternarize alike (seed ${SEED})`, () => {
  fc.assert(
    fc.property(
      fc.array(latent, { minLength: 1, maxLength: 40 }),
      fc.constantFrom('ternary' as const, 'binary' as const),
      fc.constantFrom(...thresholds),
      (values, weights, threshold) => {
        const graph = tf.tidy(() =>
          tritsOf(tf.tensor2d(values, [1, values.length]), weights, threshold).dataSync(),
        );
        // + 0 makes -0 a 0
        expect(Array.from(graph, (trit) => trit + 0)).toEqual(
          values.map((value) => ternarize(Math.fround(value), weights, threshold)),
        );
      },
    ),
    { seed: SEED, numRuns: 500 },
  );
});
