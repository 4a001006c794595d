// The experiment's layer: forward by hand, gradients against differences of a plain restatement in double precision.
import * as tf from '@tensorflow/tfjs-core';
import { beforeAll, describe, expect, test } from 'vitest';
import { selectBackend } from '../../../../src/train/backend.ts';
import { type BlogLayer, blogBackward, blogForward } from '../../../../src/train/blog/layer.ts';
import { blogLoss } from '../../../../src/train/blog/loss.ts';
import { BLOG, type BlogOptions, blogOptions } from '../../../../src/train/blog/options.ts';
import { seededRandom } from '../../../../src/util/random.ts';

beforeAll(async () => {
  await selectBackend('cpu');
});

type Matrix = number[][];
interface Plain {
  readonly weights: Matrix;
  readonly bias: number[];
  readonly gain: number[];
  readonly offset: number[];
}

/** Weights as used, once for all: the straight-through gradient is not that of the sign. */
const usedOf = (weights: Matrix, kind: BlogOptions['weights']): Matrix => {
  const all = weights.flat();
  if (kind === 'float') return weights;
  if (kind === 'binary') {
    const mean = all.reduce((a, b) => a + b) / all.length;
    return weights.map((row) => row.map((w) => Math.sign(w - mean)));
  }
  const scale = all.reduce((a, b) => a + Math.abs(b), 0) / all.length + 1e-5;
  return weights.map((row) => row.map((w) => Math.max(-1, Math.min(1, Math.round(w / scale)))));
};

const plainForward = (
  x: Matrix,
  { bias, gain, offset }: Plain,
  used: Matrix,
  options: BlogOptions,
): Matrix => {
  const normed = x.map((row) => {
    if (options.weights === 'float') return row;
    const mean = row.reduce((a, b) => a + b) / row.length;
    const deviation = Math.sqrt(row.reduce((a, b) => a + (b - mean) ** 2, 0) / row.length + 1e-5);
    return row.map((v, i) => ((v - mean) / deviation) * gain[i]! + offset[i]!);
  });
  const sums = normed.map((row) => bias.map((b, o) => row.reduce((sum, v, i) => sum + v * used[i]![o]!, b)));
  if (options.weights === 'float' || options.rescale === 'none') return sums;
  const most = (values: readonly number[]): number => Math.max(...values.map(Math.abs));
  return sums.map((row) => {
    const largest = options.rescale === 'batch' ? most(sums.flat()) : most(row);
    return row.map((v) => Math.max(1e-5 - 128, Math.min(128 - 1e-5, (v * 128) / (largest + 1e-5))));
  });
};

const draw = (rows: number, columns: number, seed: number): Matrix => {
  const random = seededRandom(seed, 'blog-test');
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => random.unit() * 2 - 1));
};

const [BATCH, INPUTS, OUTPUTS] = [4, 6, 5];
const x = draw(BATCH, INPUTS, 1);
const plain: Plain = {
  weights: draw(INPUTS, OUTPUTS, 2),
  bias: draw(1, OUTPUTS, 3)[0]!,
  gain: draw(1, INPUTS, 4)[0]!.map((v) => v + 2),
  offset: draw(1, INPUTS, 5)[0]!,
};
const tensors = (): BlogLayer => ({
  weights: tf.tensor2d(plain.weights),
  bias: tf.tensor2d([plain.bias]),
  gain: tf.tensor2d([plain.gain]),
  offset: tf.tensor2d([plain.offset]),
});
/** What the loss is taken to be: a weighted sum of the outputs. */
const pull = draw(BATCH, OUTPUTS, 6);
const lossOf = (output: Matrix): number =>
  output.reduce((sum, row, b) => sum + row.reduce((s, v, o) => s + v * pull[b]![o]!, 0), 0);

const close = (found: ArrayLike<number>, expected: readonly number[]): void => {
  const size = Math.max(...expected.map(Math.abs), 1);
  expected.forEach((value, i) => {
    expect(Math.abs(found[i]! - value), `${i}: ${found[i]} and ${value}`).toBeLessThan(2e-3 * size);
  });
};

const STEP = 1e-4;

describe.each([
  ['as reported', {}],
  ['a scale of each row', { rescale: 'row' }],
  ['no scale', { rescale: 'none' }],
  ['ternary', { weights: 'ternary' }],
  ['float', { weights: 'float' }],
] as const)('%s', (_, change) => {
  const options: BlogOptions = { ...BLOG, ...change };
  const used = usedOf(plain.weights, options.weights);

  test('forward', () => {
    const { output } = blogForward(tf.tensor2d(x), tensors(), options);
    close(output.dataSync(), plainForward(x, plain, used, options).flat());
  });

  test('gradients by bias, gain, offset and input are those of the loss', () => {
    const layer = tensors();
    const forward = blogForward(tf.tensor2d(x), layer, options);
    const { parameters, input } = blogBackward(tf.tensor2d(pull), forward, layer, options);
    // the clip at the largest element passes nothing, its largest does: a one-sided step there says nothing
    const difference = (change: (by: number) => [Matrix, Plain]): number => {
      const at = (by: number): number => lossOf(plainForward(change(by)[0], change(by)[1], used, options));
      return (at(STEP) - at(-STEP)) / (2 * STEP);
    };
    const vary = (name: 'bias' | 'gain' | 'offset'): number[] =>
      plain[name].map((_value, i) =>
        difference((by) => [x, { ...plain, [name]: plain[name].map((v, k) => (k === i ? v + by : v)) }]),
      );
    close(parameters.bias.dataSync(), vary('bias'));
    if (options.weights !== 'float') {
      close(parameters.gain.dataSync(), vary('gain'));
      close(parameters.offset.dataSync(), vary('offset'));
    }
    const byInput = x.flatMap((row, b) =>
      row.map((_value, i) =>
        difference((by) => [x.map((r, q) => (q === b ? r.map((v, k) => (k === i ? v + by : v)) : r)), plain]),
      ),
    );
    close(input.dataSync(), byInput);
  });

  test('gradients by the weights pass straight through', () => {
    const layer = tensors();
    const forward = blogForward(tf.tensor2d(x), layer, options);
    const { weights } = blogBackward(tf.tensor2d(pull), forward, layer, options).parameters;
    const byUsed = used.flatMap((row, i) =>
      row.map((_value, o) => {
        const at = (by: number): number => {
          const moved = used.map((r, k) => (k === i ? r.map((v, q) => (q === o ? v + by : v)) : r));
          return lossOf(plainForward(x, plain, moved, options));
        };
        return (at(STEP) - at(-STEP)) / (2 * STEP);
      }),
    );
    const mean = byUsed.reduce((a, b) => a + b) / byUsed.length;
    close(
      weights.dataSync(),
      byUsed.map((g) => (options.weights === 'binary' ? g - mean : g)),
    );
  });
});

test.each([true, false])('the loss gradient is its derivative, softmax first: %s', (softmax) => {
  const logits = Float32Array.of(1, -2, 3, 0.5, 0.25, -1);
  const labels = Uint8Array.of(0, 2);
  const at = (values: Float32Array): number =>
    blogLoss(values, labels, { logitScale: 0.5, softmax }).loss / 2;
  const { gradient } = blogLoss(logits, labels, { logitScale: 0.5, softmax });
  logits.forEach((_, i) => {
    const [up, down] = [logits.slice(), logits.slice()];
    up[i]! += 0.01;
    down[i]! -= 0.01;
    expect(gradient[i]).toBeCloseTo((at(up) - at(down)) / 0.02, 3);
  });
});

test('logits stretched to +-128 leave no gradient behind two softmaxes', () => {
  const logits = Float32Array.of(128, -128, 0, 128, -128, 0);
  const twice = blogLoss(logits, Uint8Array.of(1, 0), { logitScale: 1, softmax: true });
  expect(twice).toMatchObject({ right: 1, certain: 2, dead: 2, deadWrong: 1 });
  const once = blogLoss(logits, Uint8Array.of(1, 0), { logitScale: 1, softmax: false });
  expect(once).toMatchObject({ dead: 1, deadWrong: 0 });
});

test('changes by name, in order; strangers are refused', () => {
  expect(blogOptions([], {})).toEqual(BLOG);
  expect(blogOptions(['adam', 'lr-1e-3'], { epochs: 9 })).toEqual({
    ...BLOG,
    optimizer: 'adam',
    learningRate: 1e-3,
    epochs: 9,
  });
  expect(() => blogOptions(['more-data'], {})).toThrow(/--change must name some of no-softmax/);
});
