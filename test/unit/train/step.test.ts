// The training step against a plain restatement in numbers, and what the loop promises besides: every image once an
// epoch, a turn for the event loop, nothing left in memory.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { LabelledImages } from '../../../src/model/dataset.ts';
import type { LayerState, TrainOptions } from '../../../src/model/training.ts';
import { ternarize } from '../../../src/quant/ternarize.ts';
import { selectBackend } from '../../../src/train/backend.ts';
import { epochBatches } from '../../../src/train/batches.ts';
import { initialLayers } from '../../../src/train/calibrate.ts';
import { disposeTensors, toState, toTensors } from '../../../src/train/optimizer.ts';
import { DEFAULTS, resolveOptions } from '../../../src/train/options.ts';
import { trainStep } from '../../../src/train/step.ts';
import { train } from '../../../src/train/train.ts';
import { seededRandom } from '../../../src/util/random.ts';
import { smallDataset } from '../../support/small-dataset.ts';

const SEED = 31;

beforeAll(async () => {
  await selectBackend('wasm');
});

type Matrix = number[][];
const product = (a: Matrix, b: Matrix): Matrix =>
  a.map((row) => b[0]!.map((_, j) => row.reduce((sum, x, k) => sum + x * b[k]![j]!, 0)));
const transposed = (a: Matrix): Matrix => a[0]!.map((_, j) => a.map((row) => row[j]!));
const rowsOf = (values: ArrayLike<number>, columns: number): Matrix =>
  Array.from({ length: values.length / columns }, (_, r) =>
    Array.from({ length: columns }, (_, c) => values[r * columns + c]!),
  );

interface Case {
  readonly options: TrainOptions;
  readonly codes: Matrix;
  readonly labels: number[];
  readonly shifts: number[];
  readonly logitShift: number;
}

/** Shift of one image's accumulators. */
const shiftOf = ({ options, shifts }: Case, layer: number, row: number[]): number => {
  if (options.requant === 'static') return shifts[layer]!;
  return Math.max(0, Math.max(0, ...row).toString(2).length - options.actBits);
};

/** Gradients of the mean loss by every trit (by the logits as scaled), straight through the requantizers. */
const gradients = (problem: Case, layers: readonly LayerState[]): Matrix[] => {
  const { options, codes, labels, logitShift } = problem;
  const trits = layers.map(({ latents, outputs }) =>
    rowsOf(latents, outputs).map((row) => row.map((w) => ternarize(w, options.weights, options.threshold))),
  );
  const top = 2 ** options.actBits - 1;
  const inputs: Matrix[] = [codes];
  const slopes: Matrix[] = [];
  for (const [i, matrix] of trits.slice(0, -1).entries()) {
    const scaled = product(inputs[i]!, matrix).map((row) => {
      const unit = 2 ** -shiftOf(problem, i, row);
      return row.map((acc) => ({ unit, value: acc * unit }));
    });
    inputs.push(
      scaled.map((row) => row.map(({ value }) => Math.min(top, Math.floor(Math.max(0, value) + 0.5)))),
    );
    slopes.push(
      scaled.map((row) => row.map(({ unit, value }) => (value > 0 && value < top + 0.5 ? unit : 0))),
    );
  }
  let signal = product(inputs.at(-1)!, trits.at(-1)!).map((row, i) => {
    const powers = row.map((z) => Math.exp((z - Math.max(...row)) / 2 ** logitShift));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((power, c) => {
      const s = options.labelSmoothing;
      const target = s / row.length + (labels[i] === c ? 1 - s : 0);
      return (power / total - target) / labels.length;
    });
  });
  const found: Matrix[] = [];
  for (let i = trits.length - 1; i >= 0; i--) {
    found[i] = product(transposed(inputs[i]!), signal);
    if (i > 0)
      signal = product(signal, transposed(trits[i]!)).map((row, r) =>
        row.map((x, c) => x * slopes[i - 1]![r]![c]!),
      );
  }
  return found;
};

/** Latents after Adam's first step: its move is rate x sign(gradient), whatever the gradient's size. */
const expectFirstStep = (problem: Case, rate: number, before: LayerState[], after: LayerState[]): void => {
  gradients(problem, before).forEach((gradient, i) => {
    const { latents, firstMoment, secondMoment } = after[i]!;
    gradient.flat().forEach((g, at) => {
      expect(Math.abs(firstMoment[at]! - 0.1 * g)).toBeLessThan(1e-6 + 1e-4 * Math.abs(g));
      expect(Math.abs(secondMoment[at]! - 0.01 * g * g)).toBeLessThan(1e-6 + 1e-4 * g * g);
      if (Math.abs(g) < 1e-5) return; // rounding may decide the sign
      const target = Math.max(-1, Math.min(1, before[i]!.latents[at]! - rate * Math.sign(g)));
      expect(Math.abs(latents[at]! - target), `layer ${i} weight ${at} gradient ${g}`).toBeLessThan(
        1e-3 * rate,
      );
    });
  });
};

const cases = fc.record({
  hidden: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
  weights: fc.constantFrom('ternary' as const, 'binary' as const),
  requant: fc.constantFrom('static' as const, 'dynamic' as const),
  actBits: fc.integer({ min: 1, max: 8 }),
  shift: fc.integer({ min: 0, max: 5 }),
  seed: fc.nat(9999),
});

test(`one step is the plain computation (seed ${SEED})`, () => {
  fc.assert(
    fc.property(cases, ({ shift, ...chosen }) => {
      const options = { ...DEFAULTS, ...chosen };
      const random = seededRandom(chosen.seed, 'step');
      const codes = Array.from({ length: 5 }, () => Array.from({ length: 6 }, () => random.below(128)));
      const labels = codes.map(() => random.below(3));
      const shifts = chosen.hidden.map(() => shift);
      const layers = initialLayers([6, ...chosen.hidden, 3], chosen.seed);
      const tensors = layers.map((layer) => toTensors(layer));
      const input = { codes: Float32Array.from(codes.flat()), labels: Uint8Array.from(labels) };
      const spec = { options, shifts };
      trainStep(tensors, spec, { ...input, learningRate: 0.02, step: 1, logitShift: 4 });
      const after = tensors.map((layer) => toState(layer, options.threshold));
      disposeTensors(tensors);
      expectFirstStep({ options, codes, labels, shifts, logitShift: 4 }, 0.02, layers, after);
    }),
    { seed: SEED, numRuns: 120 },
  );
});

test('an epoch feeds every image once, drops a last part batch, and epochs differ', () => {
  const count = 23;
  const images: LabelledImages = {
    count,
    height: 1,
    width: 1,
    pixels: Uint8Array.from({ length: count }, (_, i) => i + 1),
    labels: Uint8Array.from({ length: count }, (_, i) => i),
  };
  const options = { ...DEFAULTS, inputBits: 8, batch: 5, augmentShift: 0 };
  const epoch = (number: number, seed = 1): number[] =>
    [...epochBatches(images, { ...options, seed }, number)].length === 4
      ? Array.from(epochBatches(images, { ...options, seed }, number), ({ codes, labels }) => {
          expect(Array.from(codes)).toEqual(Array.from(labels, (label) => label + 1));
          return Array.from(labels);
        }).flat()
      : [];
  const first = epoch(1);
  expect(new Set(first).size).toBe(20);
  expect(epoch(1)).toEqual(first);
  expect(epoch(2)).not.toEqual(first);
  expect(epoch(1, 2)).not.toEqual(first);
});

test('the event loop gets its turn during training, and no tensor stays', async () => {
  const dataset = smallDataset();
  const options = resolveOptions({ hidden: [400, 300], epochs: 12, batch: 25 }, dataset);
  const before = tf.memory().numTensors;
  let turns = 0;
  const timer = setInterval(() => turns++, 1);
  const steps: number[] = [];
  const onProgress = ({ epoch, step }: { epoch: number; step: number }): void => {
    if (step === 16) steps.push(epoch);
  };
  await train({ options, dataset, backend: 'wasm', onProgress });
  clearInterval(timer);
  expect(turns).toBeGreaterThan(2);
  expect(steps).toEqual(Array.from({ length: 12 }, (_, i) => i + 1));
  expect(tf.memory().numTensors).toBe(before);
});

test('a run that is broken off leaves no tensor', async () => {
  const dataset = smallDataset();
  const options = resolveOptions({ hidden: [8], epochs: 3, batch: 25 }, dataset);
  const before = tf.memory().numTensors;
  const onEpoch = (): never => {
    throw new Error('disk full');
  };
  await expect(train({ options, dataset, backend: 'wasm', onEpoch })).rejects.toThrow('disk full');
  expect(tf.memory().numTensors).toBe(before);
});
