// The training loop: epochs of steps under a cosine learning rate, a checkpoint after each epoch. Everything that
// decides the result is in the options and the data, so a resumed run ends where an uninterrupted one does.
import * as tf from '@tensorflow/tfjs-core';
import { codeShape, inputSpecOf } from '../layers/input.ts';
import type { Dataset, LabelledImages } from '../model/dataset.ts';
import type { BackendName, Checkpoint, EpochRecord, LayerState, TrainOptions } from '../model/training.ts';
import { seededRandom } from '../util/random.ts';
import { epochBatches } from './batches.ts';
import { calibrate, initialLayers } from './calibrate.ts';
import { evaluateGraph } from './graph.ts';
import { disposeTensors, type LayerTensors, toState, toTensors } from './optimizer.ts';
import { prune, prunes } from './prune.ts';
import { thresholdOf, trainStep } from './step.ts';
import { createTeacher, type Teacher } from './teacher.ts';
import { holdOut, type Split } from './validation.ts';

export interface TrainProgress {
  /** 1-based. */
  readonly epoch: number;
  readonly epochs: number;
  readonly step: number;
  readonly steps: number;
  /** Means over the epoch so far. */
  readonly loss: number;
  readonly accuracy: number;
  readonly imagesPerSecond: number;
  readonly secondsLeft: number;
}

export interface TrainRequest {
  readonly options: TrainOptions;
  readonly dataset: Dataset;
  /** The backend in use, see selectBackend. */
  readonly backend: BackendName;
  /** Go on from here instead of from the start. */
  readonly resume?: Checkpoint | undefined;
  /** Whose answers are learned beside the labels; needs options.distill above 0. */
  readonly teacher?: Checkpoint | undefined;
  readonly onProgress?: ((progress: TrainProgress) => void) | undefined;
  readonly onEpoch?: ((checkpoint: Checkpoint) => void) | undefined;
}

/** Points of the loss curve in one epoch. */
const CURVE_POINTS = 20;

const SCHEDULES: Readonly<Record<TrainOptions['schedule'], (share: number) => number>> = {
  cosine: (share) => (1 + Math.cos(Math.PI * share)) / 2,
  linear: (share) => 1 - share,
  constant: () => 1,
};

/** Learning rate of step `step` of `total` (from 0 on). */
export const learningRateAt = (options: TrainOptions, step: number, total: number): number =>
  options.learningRate * SCHEDULES[options.schedule](step / total);

const start = ({ options, dataset, backend }: TrainRequest, { train }: Split): Checkpoint => {
  const { classes } = dataset;
  const [rows, columns] = codeShape(inputSpecOf(options, [train.height, train.width]));
  const sizes = [rows * columns, ...options.hidden, classes.length];
  const layers = initialLayers(sizes, options.seed, options.threshold);
  return {
    options,
    backend,
    shape: [train.height, train.width],
    classes,
    dataset: { name: dataset.name, digests: dataset.digests },
    ...calibrate(layers, options, train),
    history: [],
  };
};

/** Reports progress and lets the event loop turn (signals, timers) now and then. */
class Clock {
  private readonly began = performance.now();
  private images = 0;
  private turned = performance.now();
  private readonly request: TrainRequest;
  private readonly total: number;

  constructor(request: TrainRequest, total: number) {
    this.request = request;
    this.total = total;
  }

  async tick(
    images: number,
    progress: Omit<TrainProgress, 'imagesPerSecond' | 'secondsLeft'>,
  ): Promise<void> {
    this.images += images;
    const now = performance.now();
    if (now - this.turned < 100 && progress.step < progress.steps) return;
    this.turned = now;
    const imagesPerSecond = this.images / ((now - this.began) / 1000);
    const secondsLeft = (this.total - this.images) / imagesPerSecond;
    this.request.onProgress?.({ ...progress, imagesPerSecond, secondsLeft });
    await new Promise((resolve) => setImmediate(resolve));
  }
}

/** What stays the same from epoch to epoch. */
interface Course {
  readonly options: TrainOptions;
  readonly split: Split;
  readonly teacher: Teacher | undefined;
  readonly clock: Clock;
}

const runEpoch = async (
  { options, split, teacher, clock }: Course,
  checkpoint: Checkpoint,
  tensors: readonly LayerTensors[],
): Promise<EpochRecord> => {
  const { train } = split;
  const epoch = checkpoint.history.length + 1;
  const steps = Math.floor(train.count / options.batch);
  const every = Math.max(1, Math.floor(steps / CURVE_POINTS));
  const lossCurve: number[] = [];
  const random = seededRandom(options.seed, 'dropout', epoch);
  let [loss, right, step] = [0, 0, 0];
  for (const batch of epochBatches(train, options, epoch, teacher?.input)) {
    const done = (epoch - 1) * steps + step;
    const learningRate = learningRateAt(options, done, options.epochs * steps);
    const spec = { options, shifts: checkpoint.shifts };
    const taught =
      batch.teacherCodes === null ? undefined : teacher?.probabilities(batch.teacherCodes, options.batch);
    const result = trainStep(tensors, spec, {
      ...batch,
      taught,
      learningRate,
      step: done + 1,
      logitShift: checkpoint.logitShift,
      random,
    });
    step++;
    loss += result.loss;
    right += result.right;
    const seen = step * options.batch;
    if (step % every === 0) lossCurve.push(result.loss / options.batch);
    await clock.tick(options.batch, {
      epoch,
      epochs: options.epochs,
      step,
      steps,
      loss: loss / seen,
      accuracy: right / seen,
    });
  }
  const seen = steps * options.batch;
  return { epoch, loss: loss / seen, trainAccuracy: right / seen, validationAccuracy: null, lossCurve };
};

/** Share of `images` that the checkpoint classifies rightly. */
const accuracyOf = async (checkpoint: Checkpoint, images: LabelledImages): Promise<number> => {
  let right = 0;
  await evaluateGraph(checkpoint, images, (index, image) => {
    if (image.class === images.labels[index]) right++;
  });
  return right / images.count;
};

/** The checkpoint after one more epoch, measured on the held-out images if there are any. */
const withEpoch = async (
  { split }: Course,
  before: Checkpoint,
  layers: readonly LayerState[],
  record: EpochRecord,
): Promise<Checkpoint> => {
  const after = { ...before, layers, history: [...before.history, record] };
  if (split.validation === null) return after;
  const validationAccuracy = await accuracyOf(after, split.validation);
  return { ...after, history: [...before.history, { ...record, validationAccuracy }] };
};

/** The state after an epoch, pruned as far as the options ask by then. */
const stateOf = (tensors: readonly LayerTensors[], options: TrainOptions, epoch: number): LayerState[] =>
  tensors.map((layer) => {
    const state = toState(layer, options.threshold);
    if (prunes(options)) prune(state, options, epoch);
    if (options.ternarize === 'fixed') return state;
    const latents = tf.tensor2d(state.latents, [state.inputs, state.outputs]);
    const threshold = thresholdOf(latents, options);
    latents.dispose();
    return { ...state, threshold };
  });

const courseOf = (request: TrainRequest, split: Split): Course => {
  const { options, resume, teacher } = request;
  const epochs = options.epochs - (resume?.history.length ?? 0);
  const images = Math.floor(split.train.count / options.batch) * options.batch;
  const taught = options.distill > 0 && teacher !== undefined;
  return {
    options,
    split,
    teacher: taught ? createTeacher(teacher, options.temperature) : undefined,
    clock: new Clock(request, epochs * images),
  };
};

/** Trains and returns the last checkpoint. Needs a started backend; no test image is read. */
export const train = async (request: TrainRequest): Promise<Checkpoint> => {
  const { options, dataset } = request;
  const split = holdOut(dataset, options.validation);
  let checkpoint = request.resume ?? start(request, split);
  const load = (): LayerTensors[] => checkpoint.layers.map((layer) => toTensors(layer, prunes(options)));
  const course = courseOf(request, split);
  let tensors = load();
  try {
    while (checkpoint.history.length < options.epochs) {
      const record = await runEpoch(course, checkpoint, tensors);
      checkpoint = await withEpoch(course, checkpoint, stateOf(tensors, options, record.epoch), record);
      if (prunes(options)) {
        disposeTensors(tensors);
        tensors = load();
      }
      request.onEpoch?.(checkpoint);
    }
    return checkpoint;
  } finally {
    disposeTensors(tensors);
    course.teacher?.dispose();
  }
};
