// The checkpoint that verify builds the training graph from: the run's own, or, when only network.json is there, one
// made from its trits (which cannot show a fault of lowering, and verify says so).
import { existsSync } from 'node:fs';
import { isDeepStrictEqual } from 'node:util';
import { inputSpecOf } from '../layers/input.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import { type DenseLayer, denseLayers, inputsOf, type Network, outputsOf } from '../model/network.ts';
import type { Checkpoint, LayerState, OffsetState, TrainOptions } from '../model/training.ts';
import { DEFAULTS } from '../train/options.ts';
import { UserError } from '../util/errors.ts';
import type { RunPaths } from './run-folder.ts';

export type GraphSource =
  | { readonly from: 'checkpoint' | 'network'; readonly checkpoint: Checkpoint }
  /** The training graph cannot express this network. */
  | { readonly from: 'none'; readonly reason: string };

/** Offsets that give these integers, [levels, outputs]. Scaling by a power of two loses nothing in float32. */
const offsetState = (integers: Float32Array): OffsetState => {
  const largest = integers.reduce((most, value) => Math.max(most, Math.abs(value)), 1);
  const unit = 2 ** Math.ceil(Math.log2(largest));
  const none = new Float32Array(0);
  return { unit, latents: integers.map((value) => value / unit), firstMoment: none, secondMoment: none };
};

/** A bias before thresholds moves them all. */
const offsetsOf = ({ bias, requantize, weights: { rows } }: DenseLayer): OffsetState | null => {
  if (requantize.kind !== 'thresholds') return bias === null ? null : offsetState(Float32Array.from(bias));
  const levels = requantize.thresholds.length / rows;
  const integers = new Float32Array(requantize.thresholds.length);
  requantize.thresholds.forEach((threshold, i) => {
    const row = Math.floor(i / levels);
    integers[(i % levels) * rows + row] = threshold - (bias?.[row] ?? 0);
  });
  return offsetState(integers);
};

const stateOf = (layer: DenseLayer): LayerState => {
  const [inputs, outputs] = [inputsOf(layer), outputsOf(layer)];
  const latents = new Float32Array(inputs * outputs);
  for (let r = 0; r < outputs; r++) {
    for (let c = 0; c < inputs; c++) latents[c * outputs + r] = layer.weights.trits[r * inputs + c]!;
  }
  const none = new Float32Array(0);
  const moments = { firstMoment: none, secondMoment: none };
  return { inputs, outputs, threshold: DEFAULTS.threshold, latents, ...moments, offsets: offsetsOf(layer) };
};

/** Why the training graph cannot express `layers`, or undefined. */
const obstacle = (layers: readonly DenseLayer[]): string | undefined => {
  const hidden = layers.slice(0, -1);
  const distinct = (values: readonly (string | number)[]): boolean => new Set(values).size > 1;
  if (distinct(layers.map((layer) => layer.weights.alphabet)))
    return 'its layers mix ternary and binary weights';
  if (distinct(hidden.map((layer) => layer.requantize.kind)))
    return 'its layers requantize in different ways';
  const bits = hidden.map(({ requantize }) => (requantize.kind === 'none' ? 0 : requantize.output.bits));
  return distinct(bits) ? 'its layers have codes of different widths' : undefined;
};

const REQUANT = {
  none: 'static',
  'static-shift': 'static',
  'dynamic-shift': 'dynamic',
  thresholds: 'thresholds',
} as const;

const optionsOf = (network: Network, layers: readonly DenseLayer[]): TrainOptions => {
  const first = layers[0]!;
  const spec = first.requantize;
  return {
    ...DEFAULTS,
    hidden: layers.slice(0, -1).map(outputsOf),
    inputCrop: network.input.crop[0],
    inputPool: network.input.pool[0],
    inputBits: network.input.code.bits,
    actBits: spec.kind === 'none' ? 8 : spec.output.bits,
    weights: first.weights.alphabet,
    requant: REQUANT[spec.kind],
  };
};

/** A checkpoint whose graph computes what `network` says; latents are its trits. */
export const checkpointOfNetwork = (network: Network): GraphSource => {
  const layers = denseLayers(network);
  const reason = obstacle(layers);
  if (reason !== undefined) return { from: 'none', reason };
  const options = optionsOf(network, layers);
  if (!isDeepStrictEqual(inputSpecOf(options, network.input.shape), network.input))
    return { from: 'none', reason: 'its input is cropped or pooled unevenly' };
  const checkpoint: Checkpoint = {
    options,
    backend: 'cpu',
    shape: network.input.shape,
    classes: network.classes,
    dataset: { name: network.provenance.dataset ?? '', digests: { train: '', test: '' } },
    layers: layers.map(stateOf),
    shifts: layers
      .map(({ requantize }) => (requantize.kind === 'static-shift' ? requantize.shift : 0))
      .slice(0, -1),
    logitShift: 0,
    history: [],
  };
  return { from: 'network', checkpoint };
};

const sizes = (layers: readonly { readonly inputs: number; readonly outputs: number }[]): string =>
  layers.map(({ inputs, outputs }) => `${inputs} x ${outputs}`).join(', ');

const checkSizes = (paths: RunPaths, checkpoint: Checkpoint, network: Network): void => {
  const expected = sizes(denseLayers(network).map((l) => ({ inputs: inputsOf(l), outputs: outputsOf(l) })));
  const found = sizes(checkpoint.layers);
  if (found === expected) return;
  throw new UserError({
    subject: `checkpoint ${paths.checkpoint}: layers`,
    rule: `be ${expected}, as in ${paths.network}`,
    value: found,
    code: 'BITSIM_RUN_CHECKPOINT',
  });
};

/** Where the training graph of a run comes from. */
export const graphSource = (paths: RunPaths, network: Network): GraphSource => {
  if (!existsSync(paths.checkpoint)) return checkpointOfNetwork(network);
  const checkpoint = readCheckpoint(paths.checkpoint);
  checkSizes(paths, checkpoint, network);
  return { from: 'checkpoint', checkpoint };
};
