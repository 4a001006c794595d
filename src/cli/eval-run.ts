// A net on a whole set: accuracy, precision and recall, confusion matrix, and how long the simulator took.
import { readNetwork } from '../layers/validate.ts';
import { classificationMetrics } from '../model/metrics.ts';
import { percent, thousands } from '../report/format.ts';
import { classTable, confusionTable } from '../report/training.ts';
import { evaluateOnThreads } from '../sim/engine/pool.ts';
import { UserError } from '../util/errors.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { readManifest } from './run-manifest.ts';

export interface EvalRequest {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  readonly split: 'test' | 'train';
  readonly threads: number;
}

/** Labels beyond the net's classes could never be right. */
export const checkLabels = (labels: Uint8Array, classes: number): void => {
  const stranger = labels.find((label) => label >= classes);
  if (stranger === undefined) return;
  throw new UserError({
    subject: 'labels',
    rule: `be 0..${classes - 1}, the classes of the network`,
    value: stranger,
    code: 'BITSIM_DATA_LABEL',
  });
};

export const evalRun = async (
  request: EvalRequest,
  { terminal }: Context,
): Promise<{ report: string; json: object; run: RunPaths }> => {
  const paths = findRun(request.run);
  const network = readNetwork(paths.network);
  const manifest = request.data === undefined ? readManifest(paths) : undefined;
  const dataset = loadRunData(manifest, request.data, [request.split]);
  const images = dataset[request.split];
  checkShape(network, images);
  checkLabels(images.labels, network.classes.length);
  terminal.note(`run: ${paths.folder} (${network.name}), data: ${dataset.name}, ${request.split} images`);
  const began = performance.now();
  const { classes } = await evaluateOnThreads(network, images, request.threads);
  const seconds = (performance.now() - began) / 1000;
  const metrics = classificationMetrics(images.labels, classes, network.classes);
  const right = Math.round(metrics.accuracy * metrics.images);
  const report = [
    `${request.split} accuracy ${percent(metrics.accuracy)} (${thousands(right)} of ${thousands(metrics.images)} images, ${seconds.toFixed(2)} s)`,
    '',
    classTable(metrics),
    '',
    'confusion matrix (rows: label, columns: what the net said)',
    confusionTable(metrics),
  ].join('\n');
  const { split, threads } = request;
  const json = {
    command: 'eval',
    run: paths.folder,
    network: network.name,
    data: dataset.name,
    split,
    threads,
    seconds,
    metrics,
  };
  return { report, json, run: paths };
};
