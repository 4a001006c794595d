// The experiment, one seed at a time: 784-1024-10, pixels / 255, a fresh order every epoch, measured on the test images
// after each. Needs a started backend.
import * as tf from '@tensorflow/tfjs-core';
import { type Dataset, type LabelledImages, pixelsOf } from '../../model/dataset.ts';
import { type ClassificationMetrics, classificationMetrics } from '../../model/metrics.ts';
import { seededRandom, shuffle } from '../../util/random.ts';
import { argmaxOf } from '../graph.ts';
import { type BlogLayer, blogBackward, blogForward, PARAMETERS } from './layer.ts';
import { type BlogLoss, blogLoss } from './loss.ts';
import type { BlogOptions } from './options.ts';

const HIDDEN = 1024;

export interface BlogEpoch {
  readonly epoch: number;
  /** Mean training loss. */
  readonly loss: number;
  readonly testAccuracy: number;
  /** Classes that at least one test image in a hundred is given. */
  readonly liveClasses: number;
  /** Shares of the test images: one-hot to a thousandth; no gradient; no gradient among the wrong ones. */
  readonly certain: number;
  readonly dead: number;
  readonly deadWrong: number;
}

export interface BlogResult {
  readonly seed: number;
  readonly epochs: readonly BlogEpoch[];
  readonly test: ClassificationMetrics;
}

interface Parameter {
  value: tf.Tensor2D;
  first: tf.Tensor2D;
  second: tf.Tensor2D;
}

type Model = Record<(typeof PARAMETERS)[number], Parameter>[];

const parameter = (values: Float32Array, shape: [number, number]): Parameter => ({
  value: tf.tensor2d(values, shape),
  first: tf.zeros(shape),
  second: tf.zeros(shape),
});

/** PyTorch's initial Linear: uniform within 1 / sqrt(inputs); gain 1, offset 0. */
const createModel = (sizes: readonly number[], seed: number): Model =>
  sizes.slice(1).map((outputs, i) => {
    const inputs = sizes[i]!;
    const random = seededRandom(seed, 'blog', i);
    const draw = (length: number): Float32Array =>
      Float32Array.from({ length }, () => (random.unit() * 2 - 1) / Math.sqrt(inputs));
    return {
      weights: parameter(draw(inputs * outputs), [inputs, outputs]),
      bias: parameter(draw(outputs), [1, outputs]),
      gain: parameter(new Float32Array(inputs).fill(1), [1, inputs]),
      offset: parameter(new Float32Array(inputs), [1, inputs]),
    };
  });

const layersOf = (model: Model): BlogLayer[] =>
  model.map(({ weights, bias, gain, offset }) => ({
    weights: weights.value,
    bias: bias.value,
    gain: gain.value,
    offset: offset.value,
  }));

const dispose = (model: Model): void => {
  for (const layer of model)
    for (const { value, first, second } of Object.values(layer)) tf.dispose([value, first, second]);
};

/** PyTorch's RMSprop (alpha 0.99, no bias correction) and Adam (0.9, 0.999), both with eps 1e-8. */
const update = (
  target: Parameter,
  gradient: tf.Tensor2D,
  optimizer: BlogOptions['optimizer'],
  learningRate: number,
  step: number,
): void => {
  const [value, first, second] = tf.tidy(() => {
    const squares = (keep: number) =>
      tf.add<tf.Tensor2D>(tf.mul(target.second, keep), tf.mul(tf.square(gradient), 1 - keep));
    if (optimizer === 'rmsprop') {
      const v = squares(0.99);
      const move = tf.div(tf.mul(gradient, learningRate), tf.add(tf.sqrt(v), 1e-8));
      return [tf.sub(target.value, move), tf.clone(target.first), v];
    }
    const v = squares(0.999);
    const m = tf.add(tf.mul(target.first, 0.9), tf.mul(gradient, 0.1));
    const size = tf.add(tf.div(tf.sqrt(v), Math.sqrt(1 - 0.999 ** step)), 1e-8);
    return [tf.sub(target.value, tf.div(tf.mul(m, learningRate / (1 - 0.9 ** step)), size)), m, v];
  }) as [tf.Tensor2D, tf.Tensor2D, tf.Tensor2D];
  tf.dispose([target.value, target.first, target.second]);
  Object.assign(target, { value, first, second });
};

const inputOf = (images: LabelledImages, indices: ArrayLike<number>, target: Float32Array): void => {
  const size = images.height * images.width;
  for (let i = 0; i < indices.length; i++)
    pixelsOf(images, indices[i]!).forEach((pixel, at) => {
      target[i * size + at] = pixel / 255;
    });
};

/** Forward through both layers, ReLU between them. */
const forwardBoth = (input: tf.Tensor2D, layers: readonly BlogLayer[], options: BlogOptions) => {
  const hidden = blogForward(input, layers[0]!, options);
  const active = tf.relu(hidden.output);
  return { hidden, active, last: blogForward(active, layers[1]!, options) };
};

/** Gradients of one batch, in the order of the model's parameters; what the loss saw goes to `read`. */
const gradientsOf = (
  model: Model,
  input: tf.Tensor2D,
  labels: Uint8Array,
  options: BlogOptions,
  read: (loss: BlogLoss) => void,
): tf.Tensor2D[] =>
  tf.tidy(() => {
    const layers = layersOf(model);
    const { hidden, last } = forwardBoth(input, layers, options);
    const loss = blogLoss(last.output.dataSync<'float32'>().slice(), labels, options);
    read(loss);
    const shape: [number, number] = [labels.length, loss.gradient.length / labels.length];
    const second = blogBackward(tf.tensor2d(loss.gradient, shape), last, layers[1]!, options);
    const through = tf.mul<tf.Tensor2D>(second.input, tf.step(hidden.output));
    const first = blogBackward(through, hidden, layers[0]!, options);
    return [first, second].flatMap(({ parameters }) => PARAMETERS.map((name) => parameters[name]));
  });

const EVALUATION_BATCH = 1000;

/** What the test images are given, and what the loss makes of it. */
const evaluate = (model: Model, images: LabelledImages, options: BlogOptions) => {
  const predicted = new Uint8Array(images.count);
  const total = { certain: 0, dead: 0, deadWrong: 0, wrong: 0 };
  for (let start = 0; start < images.count; start += EVALUATION_BATCH) {
    const count = Math.min(EVALUATION_BATCH, images.count - start);
    const input = new Float32Array(count * images.height * images.width);
    inputOf(
      images,
      Array.from({ length: count }, (_, i) => start + i),
      input,
    );
    let logits = new Float32Array(0);
    tf.tidy(() => {
      const { last } = forwardBoth(
        tf.tensor2d(input, [count, input.length / count]),
        layersOf(model),
        options,
      );
      logits = last.output.dataSync<'float32'>().slice();
    });
    const labels = images.labels.subarray(start, start + count);
    const classes = logits.length / count;
    for (let i = 0; i < count; i++)
      predicted[start + i] = argmaxOf(logits.subarray(i * classes, (i + 1) * classes));
    const loss = blogLoss(logits, labels, options);
    total.certain += loss.certain;
    total.dead += loss.dead;
    total.deadWrong += loss.deadWrong;
    total.wrong += count - loss.right;
  }
  return { predicted, ...total };
};

const learningRateAt = ({ learningRate, schedule }: BlogOptions, share: number): number =>
  schedule === 'constant' ? learningRate : (learningRate * (1 + Math.cos(Math.PI * share))) / 2;

/** Runs one seed. `onStep` hears of every step, so that progress can be shown. */
export const runBlog = async (
  options: BlogOptions,
  { train, test, classes }: Dataset,
  seed: number,
  onStep: (share: number, text: string) => void = () => undefined,
): Promise<BlogResult> => {
  const size = train.height * train.width;
  const model = createModel([size, HIDDEN, classes.length], seed);
  const steps = Math.floor(train.count / options.batch);
  const buffer = new Float32Array(options.batch * size);
  const epochs: BlogEpoch[] = [];
  let predicted = new Uint8Array(0);
  try {
    for (let epoch = 1; epoch <= options.epochs; epoch++) {
      const order = shuffle(
        Uint32Array.from({ length: train.count }, (_, i) => i),
        seededRandom(seed, 'blog-epoch', epoch),
      );
      let loss = 0;
      for (let step = 0; step < steps; step++) {
        const indices = order.subarray(step * options.batch, (step + 1) * options.batch);
        inputOf(train, indices, buffer);
        const labels = Uint8Array.from(indices, (index) => train.labels[index]!);
        const input = tf.tensor2d(buffer, [options.batch, size]);
        const gradients = gradientsOf(model, input, labels, options, (seen) => {
          loss += seen.loss;
        });
        const done = (epoch - 1) * steps + step;
        const rate = learningRateAt(options, done / (options.epochs * steps));
        const parameters = model.flatMap((layer) => PARAMETERS.map((name) => layer[name]));
        parameters.forEach((target, i) => {
          update(target, gradients[i]!, options.optimizer, rate, done + 1);
        });
        tf.dispose([input, ...gradients]);
        if (step % 8 === 0) {
          onStep((done + 1) / (options.epochs * steps), `epoch ${epoch}/${options.epochs}`);
          await new Promise((resolve) => setImmediate(resolve));
        }
      }
      const found = evaluate(model, test, options);
      predicted = found.predicted;
      const given = new Uint32Array(classes.length);
      for (const index of predicted) given[index]!++;
      epochs.push({
        epoch,
        loss: loss / (steps * options.batch),
        testAccuracy: 1 - found.wrong / test.count,
        liveClasses: given.filter((count) => count * 100 >= test.count).length,
        certain: found.certain / test.count,
        dead: found.dead / test.count,
        deadWrong: found.wrong === 0 ? 0 : found.deadWrong / found.wrong,
      });
    }
    return { seed, epochs, test: classificationMetrics(test.labels, predicted, classes) };
  } finally {
    dispose(model);
  }
};
