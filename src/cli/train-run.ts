// A training run from its first message to its last file. The manifest is written before training and the checkpoint
// after every epoch, so that a run that is killed at any moment can be resumed; network.json is written when all is done.

import { codeShape, inputSpecOf } from '../layers/input.ts';
import { writeCheckpoint } from '../model/checkpoint.ts';
import { type ClassificationMetrics, classificationMetrics } from '../model/metrics.ts';
import { denseLayers, inputsOf, type Network, outputsOf } from '../model/network.ts';
import { printNetwork } from '../model/network-file.ts';
import type { Checkpoint, TrainOptions } from '../model/training.ts';
import { zeroShare } from '../num/trit.ts';
import { lowerCheckpoint } from '../quant/lower.ts';
import { thousands } from '../report/format.ts';
import { duration } from '../report/progress.ts';
import type { LayerZeros } from '../report/training.ts';
import { type SelectedBackend, selectBackend } from '../train/backend.ts';
import { evaluateGraph } from '../train/graph.ts';
import { type TrainProgress, train } from '../train/train.ts';
import { holdOut } from '../train/validation.ts';
import { writeFileWhole } from '../util/files.ts';
import type { Context } from './command.ts';
import {
  describeData,
  fileDigests,
  manifestHeader,
  type RunManifest,
  writeManifest,
} from './run-manifest.ts';
import { startTraining, type TrainRequest, type TrainStart } from './train-start.ts';
import { toolName } from './version.ts';

export interface TrainResult {
  readonly start: TrainStart;
  readonly checkpoint: Checkpoint;
  readonly network: Network;
  readonly metrics: ClassificationMetrics;
  readonly zeros: readonly LayerZeros[];
  readonly manifest: RunManifest;
}

/** The backend as people read it, e.g. `tfjs 4.22.0 wasm`. */
export const backendName = ({ name, version }: Pick<SelectedBackend, 'name' | 'version'>): string =>
  `tfjs ${version} ${name}`;

const measuredText = ({ dataset, options }: TrainStart): string =>
  `${thousands(options.validation === 0 ? dataset.test.count : options.validation)} ${measuredOn(options)}`;

const requantText = ({ requant }: TrainOptions): string =>
  requant === 'thresholds' ? 'thresholds' : `${requant} shift`;

const announce = ({ terminal }: Context, start: TrainStart, backend: SelectedBackend): void => {
  const { dataset, options, checkpoint, paths } = start;
  const [rows, columns] = codeShape(inputSpecOf(options, [dataset.train.height, dataset.train.width]));
  const sizes = [rows * columns, ...options.hidden, dataset.classes.length].join('-');
  const passed = backend.skipped.map((reason) => reason.split(':')[0]).join(', ');
  terminal.note(
    `backend: ${backendName(backend)}${passed === '' ? '' : ` (does not start here: ${passed})`}`,
  );
  terminal.note(
    `data: ${dataset.name}, ${thousands(dataset.train.count - options.validation)} training and ${measuredText(start)} images`,
  );
  terminal.note(
    `net: ${sizes}, ${options.weights} weights, u${options.inputBits} input, u${options.actBits} codes, ${requantText(options)}${options.bias === 'on' ? ', biases' : ''}`,
  );
  if (start.teacher !== undefined)
    terminal.note(`teacher: ${start.teacher.source.run}, ${options.distill} of the target`);
  const done = checkpoint?.history.length ?? 0;
  if (start.manifest !== undefined) terminal.note(`resuming after epoch ${done} of ${options.epochs}`);
  terminal.note(
    `run: ${paths.folder} (seed ${options.seed}, ${options.epochs} epochs of batch ${options.batch})`,
  );
};

const beginManifest = (
  start: TrainStart,
  backend: SelectedBackend,
  argv: readonly string[],
): RunManifest => ({
  ...manifestHeader,
  status: 'training',
  tool: toolName(),
  node: process.version,
  tfjs: backend.version,
  backend: backend.name,
  name: start.name,
  preset: start.preset,
  seed: start.options.seed,
  options: { ...start.options, hidden: [...start.options.hidden] },
  data: describeData(start.dataset, start.dataFolder),
  teacher: start.teacher?.source ?? null,
  command: start.manifest?.command ?? [...argv],
  files: {},
});

const progressText = (p: TrainProgress): string =>
  [
    `epoch ${p.epoch}/${p.epochs}`,
    `loss ${p.loss.toFixed(3)}`,
    `acc ${(p.accuracy * 100).toFixed(1)} %`,
    `${Math.round(p.imagesPerSecond)}/s`,
    `${duration(p.secondsLeft)} left`,
  ].join(' ');

const runTraining = async (
  start: TrainStart,
  backend: SelectedBackend,
  context: Context,
): Promise<Checkpoint> => {
  const { paths, options, dataset } = start;
  const { terminal, interrupts } = context;
  const progress = terminal.progress('train');
  let done = start.checkpoint?.history.length ?? 0;
  const goOn = (): string =>
    `${done} of ${options.epochs} epochs are saved; go on with: bitsim train --resume ${paths.folder}`;
  interrupts.advise(goOn);
  try {
    const checkpoint = await train({
      options,
      dataset,
      backend: backend.name,
      resume: start.checkpoint,
      teacher: start.teacher?.checkpoint,
      onProgress: (p) => progress.update((p.epoch - 1 + p.step / p.steps) / p.epochs, progressText(p)),
      onEpoch: (saved) => {
        writeCheckpoint(paths.checkpoint, saved);
        done = saved.history.length;
      },
    });
    const last = checkpoint.history.at(-1)!;
    const accuracy = (last.trainAccuracy * 100).toFixed(1);
    progress.done(
      `${done} epochs, loss ${last.loss.toFixed(3)}, training accuracy ${accuracy} % (as augmented)`,
    );
    return checkpoint;
  } catch (error) {
    progress.done(`stopped: ${goOn()}`);
    throw error;
  }
};

/** The images that the accuracy is of: held-out training images, or else the test images. */
export const measuredOn = ({ validation }: TrainOptions): 'validation' | 'test' =>
  validation > 0 ? 'validation' : 'test';

const measure = async (
  checkpoint: Checkpoint,
  start: TrainStart,
  context: Context,
): Promise<ClassificationMetrics> => {
  const { dataset, options } = start;
  const images = holdOut(dataset, options.validation).validation ?? dataset.test;
  const progress = context.terminal.progress(measuredOn(options));
  const predicted = new Uint8Array(images.count);
  await evaluateGraph(checkpoint, images, (index, image) => {
    predicted[index] = image.class;
    progress.update((index + 1) / images.count);
  });
  progress.done(`${thousands(images.count)} images evaluated`);
  return classificationMetrics(images.labels, predicted, dataset.classes);
};

/** Zeros of each dense layer. */
export const layerZeros = (network: Network): LayerZeros[] =>
  denseLayers(network).map((layer) => ({
    layer: layer.name,
    inputs: inputsOf(layer),
    outputs: outputsOf(layer),
    zeros: zeroShare(layer.weights),
  }));

const metricsFile = (result: Omit<TrainResult, 'manifest'>): string => {
  const { checkpoint, metrics, zeros, start } = result;
  const value = {
    format: 'bitsim-metrics',
    version: 1,
    name: start.name,
    [measuredOn(start.options)]: metrics,
    layers: zeros,
    lossCurve: checkpoint.history.flatMap((record) => record.lossCurve),
    history: checkpoint.history,
  };
  return `${JSON.stringify(value, null, 2)}\n`;
};

const finish = async (
  start: TrainStart,
  checkpoint: Checkpoint,
  begun: RunManifest,
  context: Context,
): Promise<TrainResult> => {
  const { paths, name, dataset, options } = start;
  const metrics = await measure(checkpoint, start, context);
  const network = lowerCheckpoint(checkpoint, name, {
    tool: toolName(),
    dataset: dataset.name,
    seed: options.seed,
    epochs: options.epochs,
    ...(measuredOn(options) === 'test' ? { testAccuracy: metrics.accuracy } : {}),
    trainAccuracy: checkpoint.history.at(-1)!.trainAccuracy,
  });
  const partial = { start, checkpoint, network, metrics, zeros: layerZeros(network) };
  writeFileWhole(paths.metrics, metricsFile(partial));
  writeFileWhole(paths.network, printNetwork(network));
  const files = fileDigests([paths.checkpoint, paths.metrics, paths.network]);
  const manifest: RunManifest = { ...begun, status: 'finished', files };
  writeManifest(paths, manifest);
  return { ...partial, manifest };
};

/** Trains (or goes on training) and writes the run. */
export const trainRun = async (request: TrainRequest, context: Context): Promise<TrainResult> => {
  const start = startTraining(request);
  const backend = await selectBackend(start.backend);
  announce(context, start, backend);
  const begun = beginManifest(start, backend, context.argv);
  writeManifest(start.paths, begun);
  const checkpoint = await runTraining(start, backend, context);
  return finish(start, checkpoint, begun, context);
};
