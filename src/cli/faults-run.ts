// A fault campaign on a run's network over its test images.
import { accumulatorStart, planFolded } from '../arch/folded/plan.ts';
import { readNetwork } from '../layers/validate.ts';
import type { LabelledImages } from '../model/dataset.ts';
import { denseLayers, type Network } from '../model/network.ts';
import { exhaustiveReport, ratesReport } from '../report/faults.ts';
import { exhaustiveFaults } from '../sim/faults/exhaustive.ts';
import { faultRates } from '../sim/faults/rates.ts';
import { type FaultPlace, sitesOf } from '../sim/faults/sites.ts';
import { type FaultState, faultState, type Register } from '../sim/faults/state.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { checkLabels } from './eval-run.ts';
import { layerIndex } from './layer-option.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { readManifest } from './run-manifest.ts';

export interface FaultsRequest {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  readonly images?: number | undefined;
  readonly place: FaultPlace;
  readonly layer?: string | undefined;
  readonly exhaustive: boolean;
  readonly rates: readonly number[];
  readonly trials: number;
  readonly seed: number;
  readonly top: number;
}

/** Images of an exhaustive campaign, unless told otherwise: a layer of 784 x 1024 has 1.6 million ROM bits. */
const EXHAUSTIVE_IMAGES = 200;

const firstImages = (images: LabelledImages, wanted: number | undefined): LabelledImages => {
  const count = Math.min(wanted ?? images.count, images.count);
  const size = images.height * images.width;
  return {
    ...images,
    count,
    pixels: images.pixels.subarray(0, count * size),
    labels: images.labels.subarray(0, count),
  };
};

/** Accumulator registers of the design that `emit` writes. */
export const registersOf = (network: Network): Register[] => {
  const plan = planFolded(network);
  return denseLayers(network).map((layer, i) => ({
    bits: plan.layers[i]!.accumulator.bits,
    start: accumulatorStart(layer),
  }));
};

const accuracyOf = ({ classes, labels, count }: FaultState): number =>
  classes.reduce((right, c, i) => right + (c === labels[i] ? 1 : 0), 0) / count;

export const faultsRun = (
  request: FaultsRequest,
  { terminal }: Context,
): { report: string; json: object; run: RunPaths } => {
  const paths = findRun(request.run);
  const network = readNetwork(paths.network);
  const layer = request.layer === undefined ? undefined : layerIndex(network, request.layer);
  const manifest = request.data === undefined ? readManifest(paths) : undefined;
  const dataset = loadRunData(manifest, request.data, ['test']);
  checkShape(network, dataset.test);
  checkLabels(dataset.test.labels, network.classes.length);
  const { place, exhaustive, rates, trials, seed, top } = request;
  const images = firstImages(dataset.test, request.images ?? (exhaustive ? EXHAUSTIVE_IMAGES : undefined));
  terminal.note(`run: ${paths.folder} (${network.name}), ${images.count} images of ${dataset.name}`);
  const state = faultState(network, images, registersOf(network));
  const accuracy = accuracyOf(state);
  const progress = terminal.progress('faults');
  const onStep = (done: number, total: number): void => progress.update(done / total);
  const common = { command: 'faults', run: paths.folder, network: network.name, where: place, accuracy };
  const began = performance.now();
  if (exhaustive) {
    const result = exhaustiveFaults(state, place, layer!, top, onStep);
    const elapsed = (performance.now() - began) / 1000;
    progress.done(`${elapsed.toFixed(1)} s`);
    return {
      run: paths,
      report: exhaustiveReport(result, accuracy),
      json: { ...common, seconds: elapsed, ...result },
    };
  }
  const layers = layer === undefined ? undefined : [layer];
  const results = faultRates(state, { place, rates, trials, seed, ...(layers && { layers }) }, onStep);
  const elapsed = (performance.now() - began) / 1000;
  progress.done(`${elapsed.toFixed(1)} s`);
  const bits = sitesOf(state, place, layers).reduce((sum, site) => sum + site.places * site.bits, 0);
  return {
    run: paths,
    report: ratesReport({ place, bits, images: state.count, accuracy, results }),
    json: {
      ...common,
      images: state.count,
      layer: request.layer ?? null,
      bits,
      seed,
      seconds: elapsed,
      rates: results,
    },
  };
};
