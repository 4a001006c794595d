// The training step against a plain restatement in numbers, and what the loop promises besides: every image once an
// epoch, a turn for the event loop, nothing left in memory.
import * as tf from '@tensorflow/tfjs-core';
import fc from 'fast-check';
import { beforeAll, expect, test } from 'vitest';
import type { LabelledImages } from '../../../src/model/dataset.ts';
import type { LayerState, TrainOptions } from '../../../src/model/training.ts';
import { offsetIntegers, ternarize } from '../../../src/quant/ternarize.ts';
import { selectBackend } from '../../../src/train/backend.ts';
import { epochBatches } from '../../../src/train/batches.ts';
import { initialLayers } from '../../../src/train/calibrate.ts';
import { disposeTensors, toState, toTensors } from '../../../src/train/optimizer.ts';
import { DEFAULTS, resolveOptions } from '../../../src/train/options.ts';
import { trainStep } from '../../../src/train/step.ts';
import { train } from '../../../src/train/train.ts';
import { type Random, seededRandom } from '../../../src/util/random.ts';
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
  /** A teacher's probabilities. */
  readonly taught: Matrix;
  readonly shifts: number[];
  readonly logitShift: number;
}

/** Shift of one image's accumulators. */
const shiftOf = ({ options, shifts }: Case, layer: number, row: number[]): number => {
  if (options.requant !== 'dynamic') return shifts[layer]!;
  return Math.max(0, Math.max(0, ...row).toString(2).length - options.actBits);
};

interface Requantized {
  readonly codes: Matrix;
  /** d code / d accumulator. */
  readonly slopes: Matrix;
  /** d code / d offset, one matrix a level; empty without offsets. */
  readonly offsetSlopes: readonly Matrix[];
}

/** A shift, and what an offset (a bias) changes: all of the accumulator. */
const shifted = (problem: Case, layer: number, accumulators: Matrix, biased: boolean): Requantized => {
  const top = 2 ** problem.options.actBits - 1;
  const scaled = accumulators.map((row) => {
    const unit = 2 ** -shiftOf(problem, layer, row);
    return row.map((acc) => ({ unit, value: acc * unit }));
  });
  const slopes = scaled.map((row) =>
    row.map(({ unit, value }) => (value > 0 && value < top + 0.5 ? unit : 0)),
  );
  return {
    codes: scaled.map((row) => row.map(({ value }) => Math.min(top, Math.floor(Math.max(0, value) + 0.5)))),
    slopes,
    offsetSlopes: biased ? [slopes] : [],
  };
};

/** Thresholds: a code for each that is reached; the gradient passes near each of them, in a window of 2 unit / levels. */
const stepped = (accumulators: Matrix, thresholds: Matrix, unit: number): Requantized => {
  const w = unit / thresholds.length;
  const near = thresholds.map((level) =>
    accumulators.map((row) => row.map((acc, r) => (Math.abs(acc - level[r]! + 0.5) < w ? 1 / (2 * w) : 0))),
  );
  const over = (of: (level: number, b: number, r: number) => number): Matrix =>
    accumulators.map((row, b) => row.map((_, r) => thresholds.reduce((sum, __, k) => sum + of(k, b, r), 0)));
  return {
    codes: over((k, b, r) => (thresholds[k]![r]! <= accumulators[b]![r]! ? 1 : 0)),
    slopes: over((k, b, r) => near[k]![b]![r]!),
    offsetSlopes: near.map((level) => level.map((row) => row.map((x) => -x))),
  };
};

interface Gradients {
  /** By every trit. */
  readonly weights: Matrix[];
  /** By the latents of every offset, [levels, outputs]; null without. */
  readonly offsets: (Matrix | null)[];
}

const offsetRows = ({ offsets, outputs }: LayerState): Matrix =>
  offsets === null ? [] : rowsOf(offsetIntegers(offsets), outputs);

const biased = (accumulators: Matrix, biases: Matrix): Matrix =>
  accumulators.map((row) => row.map((acc, r) => acc + (biases[0]?.[r] ?? 0)));

/** Gradients of the mean loss (by the logits as scaled), straight through the requantizers. */
const gradients = (problem: Case, layers: readonly LayerState[]): Gradients => {
  const { options, codes, labels, logitShift } = problem;
  const trits = layers.map(({ latents, outputs }) =>
    rowsOf(latents, outputs).map((row) => row.map((w) => ternarize(w, options.weights, options.threshold))),
  );
  const inputs: Matrix[] = [codes];
  const passed: Requantized[] = [];
  for (const [i, matrix] of trits.slice(0, -1).entries()) {
    const sums = product(inputs[i]!, matrix);
    const own = offsetRows(layers[i]!);
    const result =
      options.requant === 'thresholds'
        ? stepped(sums, own, layers[i]!.offsets!.unit)
        : shifted(problem, i, biased(sums, own), own.length > 0);
    inputs.push(result.codes);
    passed.push(result);
  }
  const logits = biased(product(inputs.at(-1)!, trits.at(-1)!), offsetRows(layers.at(-1)!));
  let back = logits.map((row, i) => {
    const powers = row.map((z) => Math.exp((z - Math.max(...row)) / 2 ** logitShift));
    const total = powers.reduce((a, b) => a + b);
    return powers.map((power, c) => {
      const s = options.labelSmoothing;
      const label = s / row.length + (labels[i] === c ? 1 - s : 0);
      const target = label * (1 - options.distill) + problem.taught[i]![c]! * options.distill;
      return (power / total - target) / labels.length;
    });
  });
  const found: Gradients = { weights: [], offsets: [] };
  for (let i = trits.length - 1; i >= 0; i--) {
    const { slopes, offsetSlopes } = passed[i] ?? lastLayer(back, offsetRows(layers[i]!).length);
    const unit = layers[i]!.offsets?.unit ?? 0;
    const levels = offsetSlopes.map((level) =>
      back[0]!.map((_, r) => unit * back.reduce((sum, row, b) => sum + row[r]! * level[b]![r]!, 0)),
    );
    found.offsets[i] = levels.length === 0 ? null : levels;
    const signal = back.map((row, b) => row.map((x, r) => x * slopes[b]![r]!));
    found.weights[i] = product(transposed(inputs[i]!), signal);
    back = product(signal, transposed(trits[i]!));
  }
  return found;
};

/** Logits pass everything on. */
const lastLayer = (back: Matrix, levels: number): Requantized => {
  const slopes = back.map((row) => row.map(() => 1));
  return { codes: [], slopes, offsetSlopes: levels === 0 ? [] : [slopes] };
};

interface Parameters {
  readonly latents: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

/** Latents after Adam's first step: its move is rate x sign(gradient), whatever the gradient's size. */
const expectMoved = (
  what: string,
  gradient: Matrix,
  before: Parameters,
  after: Parameters,
  rate: number,
  limit: number,
): void => {
  gradient.flat().forEach((g, at) => {
    expect(Math.abs(after.firstMoment[at]! - 0.1 * g)).toBeLessThan(1e-6 + 1e-4 * Math.abs(g));
    expect(Math.abs(after.secondMoment[at]! - 0.01 * g * g)).toBeLessThan(1e-6 + 1e-4 * g * g);
    if (Math.abs(g) < 1e-5) return; // rounding may decide the sign
    const target = Math.max(-limit, Math.min(limit, before.latents[at]! - rate * Math.sign(g)));
    const off = Math.abs(after.latents[at]! - target);
    expect(off, `${what} ${at} gradient ${g}`).toBeLessThan(1e-3 * rate);
  });
};

const expectFirstStep = (problem: Case, rate: number, before: LayerState[], after: LayerState[]): void => {
  const { weights, offsets } = gradients(problem, before);
  weights.forEach((gradient, i) => {
    expectMoved(`layer ${i} weight`, gradient, before[i]!, after[i]!, rate, 1);
  });
  offsets.forEach((gradient, i) => {
    expect(gradient === null).toBe(after[i]!.offsets === null);
    if (gradient === null) return;
    const [was, is] = [before[i]!.offsets!, after[i]!.offsets!];
    expectMoved(`layer ${i} offset`, gradient, was, is, rate / 10, 4);
  });
};

const cases = fc.record({
  hidden: fc.array(fc.integer({ min: 1, max: 7 }), { maxLength: 3 }),
  weights: fc.constantFrom('ternary' as const, 'binary' as const),
  requant: fc.constantFrom('static' as const, 'dynamic' as const, 'thresholds' as const),
  bias: fc.constantFrom('off' as const, 'on' as const),
  actBits: fc.integer({ min: 1, max: 8 }),
  distill: fc.constantFrom(0, 0.3, 1),
  shift: fc.integer({ min: 0, max: 5 }),
  seed: fc.nat(9999),
});

/** Random offsets wherever the options have them. */
const withOffsets = (layers: LayerState[], options: TrainOptions, random: Random): LayerState[] =>
  layers.map((layer, i) => {
    const steps = options.requant === 'thresholds' && i < layers.length - 1;
    if (!steps && options.bias === 'off') return layer;
    const size = layer.outputs * (steps ? 2 ** options.actBits - 1 : 1);
    const latents = Float32Array.from({ length: size }, () => random.unit() * 2 - 1);
    const moments = { firstMoment: new Float32Array(size), secondMoment: new Float32Array(size) };
    return { ...layer, offsets: { unit: 64, latents, ...moments } };
  });

test(`one step is the plain computation (seed ${SEED})`, () => {
  fc.assert(
    fc.property(cases, ({ shift, actBits, ...chosen }) => {
      const bits = chosen.requant === 'thresholds' ? Math.ceil(actBits / 2) : actBits;
      const options = { ...DEFAULTS, ...chosen, actBits: bits };
      const random = seededRandom(chosen.seed, 'step');
      const codes = Array.from({ length: 5 }, () => Array.from({ length: 6 }, () => random.below(128)));
      const labels = codes.map(() => random.below(3));
      const taught = codes.map(() => [0.5, 0.25, 0.25].map((p, c) => (c === 0 ? p : p * random.unit())));
      const shifts = chosen.hidden.map(() => shift);
      const layers = withOffsets(initialLayers([6, ...chosen.hidden, 3], chosen.seed), options, random);
      const tensors = layers.map((layer) => toTensors(layer));
      const input = { codes: Float32Array.from(codes.flat()), labels: Uint8Array.from(labels) };
      const answers = Float32Array.from(taught.flat());
      const at = { learningRate: 0.02, step: 1, logitShift: 4 };
      trainStep(tensors, { options, shifts }, { ...input, ...at, taught: answers });
      const after = tensors.map((layer) => toState(layer, options.threshold));
      disposeTensors(tensors);
      expectFirstStep({ options, codes, labels, taught, shifts, logitShift: 4 }, 0.02, layers, after);
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
