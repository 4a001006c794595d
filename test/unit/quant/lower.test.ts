// Lowering: the Network holds the checkpoint's trits, turned to rows of outputs, and nothing else of it.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import { validateNetwork } from '../../../src/layers/validate.ts';
import { denseLayers } from '../../../src/model/network.ts';
import { parseNetworkStructure, printNetwork } from '../../../src/model/network-file.ts';
import type { Checkpoint, LayerState } from '../../../src/model/training.ts';
import { lowerCheckpoint } from '../../../src/quant/lower.ts';
import { ternarize } from '../../../src/quant/ternarize.ts';
import { selectBackend } from '../../../src/train/backend.ts';
import { tritsOf } from '../../../src/train/graph.ts';
import { DEFAULTS } from '../../../src/train/options.ts';

const SEED = 23;
const layer = (inputs: number, outputs: number, latents: number[]): LayerState => ({
  inputs,
  outputs,
  threshold: 0.5,
  latents: Float32Array.from(latents),
  firstMoment: new Float32Array(inputs * outputs),
  secondMoment: new Float32Array(inputs * outputs),
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
