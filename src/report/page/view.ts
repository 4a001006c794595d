// What the report says, as the view of its template. All text is escaped here: the template only places it.
import type { Area } from '../../arch/folded/estimate.ts';
import type { ClassificationMetrics } from '../../model/metrics.ts';
import { denseLayers, type Network } from '../../model/network.ts';
import type { HardwarePlan } from '../../model/plan.ts';
import type { LayerInspection } from '../../sim/inspect.ts';
import type { View } from '../../util/render.ts';
import type { CellCounts } from '../cells.ts';
import { percent, thousands } from '../format.ts';
import { dataflowPicture } from './dataflow.ts';
import { drawFigure, type Figure } from './draw.ts';
import { escapeHtml } from './escape.ts';
import {
  accuracyFigure,
  confusionFigure,
  type Epoch,
  lossFigure,
  widthsFigure,
  zerosFigure,
} from './figures.ts';
import { greyImage, tritImage } from './pixels.ts';

/** A digit that the net got wrong, or nearly. */
export interface Digit {
  readonly index: number;
  readonly label: string;
  readonly said: string;
  /** Logit of the label minus the largest other one. */
  readonly margin: number;
  readonly pixels: Uint8Array;
}

/** One comparison of `bitsim verify`. */
export interface Comparison {
  readonly what: string;
  readonly images: number | null;
  readonly values: number;
  readonly equal: boolean;
  readonly tool: string;
}

/** One report of `bitsim synth`. */
export interface SynthesisSummary {
  readonly device: string;
  readonly folding: string;
  readonly cells: CellCounts;
  /** null for another network's synthesis, whose folding need not suit this one. */
  readonly estimate: Area | null;
  readonly interval: number;
  readonly fmax: number | null;
  readonly imagesPerSecond: number | null;
  readonly tools: string;
  /** Made from another network than this one. */
  readonly stale: boolean;
}

export interface ReportData {
  readonly tool: string;
  readonly network: Network;
  readonly digest: string;
  /** Facts of the training, name and value; empty without a manifest. */
  readonly training: readonly (readonly [string, string])[];
  readonly history: readonly Epoch[];
  readonly metrics: ClassificationMetrics;
  /** Whose images `metrics`, `layers` and `digits` are of, in words. */
  readonly images: string;
  readonly layers: readonly LayerInspection[];
  readonly digits: readonly Digit[];
  readonly plan: HardwarePlan;
  readonly syntheses: readonly SynthesisSummary[];
  readonly comparisons: readonly Comparison[];
  /** Why there are none, or what is wrong with them; null when all is well. */
  readonly verificationNote: string | null;
  /** Commands that make all of this again. */
  readonly commands: readonly string[];
  /** Files and their SHA-256. */
  readonly hashes: readonly (readonly [string, string])[];
}

/** Neurons whose weights are shown. */
const MOST_NEURONS = 128;

/** The charts. */
export const figuresOf = (data: ReportData): Figure[] => [
  ...(data.history.length === 0
    ? []
    : [lossFigure(data.history), accuracyFigure(data.history, data.metrics.accuracy)]),
  confusionFigure(data.metrics.confusion, data.network.classes),
  zerosFigure(data.layers),
  widthsFigure(data.layers),
];

const cells = (texts: readonly (string | number)[]): string[] =>
  texts.map((text) => escapeHtml(String(text)));

const neurons = ({ network, layers }: ReportData): View[] => {
  const { weights } = denseLayers(network)[0]!;
  const { crop, pool } = network.input;
  const [height, width] = [crop[2] / pool[0], crop[3] / pool[1]];
  const dead = new Set(layers[0]!.codes?.dead ?? []);
  return Array.from({ length: Math.min(weights.rows, MOST_NEURONS) }, (_, row) => ({
    source: tritImage(weights, row, height, width),
    label: `neuron ${row}${dead.has(row) ? ', never fires' : ''}`,
    dead: dead.has(row),
  }));
};

const digitViews = ({ digits, network }: ReportData): View[] => {
  const [height, width] = network.input.shape;
  return digits.map(({ index, label, said, margin, pixels }) => ({
    source: greyImage(pixels, height, width),
    caption: escapeHtml(`${label} taken for ${said}`),
    label: escapeHtml(`image ${index}: ${label}, taken for ${said}, by ${-margin}`),
  }));
};

/** An estimate, and how far it is from what was counted. */
const estimated = (estimate: number | undefined, counted: number): string => {
  if (estimate === undefined) return '–';
  if (counted === 0) return thousands(estimate);
  const off = (100 * (estimate - counted)) / counted;
  return `${thousands(estimate)} (${off >= 0 ? '+' : '−'}${Math.abs(off).toFixed(0)} %)`;
};

/** With a minus sign that is one. */
const signed = (value: number): string => (value < 0 ? `−${thousands(-value)}` : thousands(value));

const synthesisRow = (synthesis: SynthesisSummary): View => {
  const {
    device,
    folding,
    cells: counted,
    estimate,
    interval,
    fmax,
    imagesPerSecond,
    tools,
    stale,
  } = synthesis;
  return {
    cells: cells([
      stale ? `${device} (of another network)` : device,
      folding,
      thousands(counted.luts),
      estimated(estimate?.luts, counted.luts),
      thousands(counted.flipFlops),
      estimated(estimate?.flipFlops, counted.flipFlops),
      counted.blockRams,
      estimate?.blockRams ?? '–',
      counted.dsps,
      thousands(interval),
      fmax === null ? '–' : `${fmax.toFixed(1)} MHz`,
      imagesPerSecond === null ? '–' : thousands(Math.floor(imagesPerSecond)),
      tools,
    ]),
  };
};

const comparisonRow = ({ what, images, values, equal, tool }: Comparison): View => ({
  cells: cells([what, images === null ? '–' : thousands(images), thousands(values), tool]),
  equal,
});

const layerRow = (layer: LayerInspection): View => ({
  cells: cells([
    layer.layer,
    percent(layer.zeros, 1),
    `${signed(layer.proven.low)} .. ${signed(layer.proven.high)}`,
    `${signed(layer.reached.low)} .. ${signed(layer.reached.high)}`,
    layer.allotted,
    layer.used,
    layer.codes === null ? '–' : percent(layer.codes.zeroShare, 1),
    layer.codes === null ? '–' : percent(layer.codes.saturatedShare, 3),
    layer.codes === null ? '–' : `${layer.codes.dead.length} of ${layer.outputs}`,
  ]),
});

const facts = ({ network, metrics, plan, comparisons, syntheses, images }: ReportData): View[] => {
  const dense = denseLayers(network);
  const values = comparisons.reduce((sum, { values: count }) => sum + count, 0);
  const all = comparisons.length > 0 && comparisons.every(({ equal }) => equal);
  const fresh = syntheses.filter(({ stale }) => !stale);
  const best = fresh.find(({ fmax }) => fmax !== null) ?? fresh[0];
  return [
    { name: 'accuracy', value: percent(metrics.accuracy), note: escapeHtml(images) },
    {
      name: 'weights',
      value: thousands(dense.reduce((sum, { weights }) => sum + weights.rows * weights.cols, 0)),
      note: dense[0]!.weights.alphabet === 'ternary' ? 'each −1, 0 or +1' : 'each −1 or +1',
    },
    {
      name: 'an image every',
      value: `${thousands(plan.initiationInterval)} cycles`,
      note: `latency ${thousands(plan.latency)} cycles`,
    },
    ...(best === undefined
      ? []
      : [
          {
            name: escapeHtml(best.device),
            value: `${thousands(best.cells.luts)} LUT`,
            note: `${best.cells.blockRams} block RAM, ${best.cells.dsps} DSP${best.fmax === null ? '' : `, ${best.fmax.toFixed(1)} MHz`}`,
          },
        ]),
    {
      name: 'compared',
      value: comparisons.length === 0 ? 'nothing yet' : all ? 'all equal' : 'differences',
      note: comparisons.length === 0 ? 'bitsim verify compares' : `${thousands(values)} values`,
    },
  ];
};

/** The template's view. */
export const reportView = async (data: ReportData): Promise<View> => {
  const drawn: { name: string; view: View }[] = [];
  for (const figure of figuresOf(data)) {
    const svg = await drawFigure(figure);
    const view = { caption: escapeHtml(figure.description), svg };
    drawn.push({ name: figure.name, view });
  }
  const figure = (name: string): View => drawn.find((one) => one.name === name)!.view;
  const { network, plan, metrics } = data;
  const shown = neurons(data);
  return {
    title: escapeHtml(network.name),
    tool: escapeHtml(data.tool),
    digest: data.digest,
    net: escapeHtml(
      `${[plan.layers[0]!.inputs, ...plan.layers.map(({ outputs }) => outputs)].join('-')}, ${denseLayers(network)[0]!.weights.alphabet}`,
    ),
    images: escapeHtml(data.images),
    facts: facts(data),
    training: data.training.map(([name, value]) => ({ name: escapeHtml(name), value: escapeHtml(value) })),
    trained: data.training.length > 0,
    curves: drawn.filter(({ name }) => name === 'loss' || name === 'accuracy').map(({ view }) => view),
    hasCurves: data.history.length > 0,
    confusion: figure('confusion'),
    classes: metrics.perClass.map(({ class: name, precision, recall, support }) => ({
      cells: cells([name, percent(precision), percent(recall), thousands(support)]),
    })),
    digits: digitViews(data),
    hasDigits: data.digits.length > 0,
    neurons: shown,
    neuronsShown: shown.length,
    neuronsAll: plan.layers[0]!.outputs,
    layers: data.layers.map(layerRow),
    zeros: figure('zeros'),
    accumulators: figure('accumulators'),
    dataflow: dataflowPicture(network, plan),
    syntheses: data.syntheses.map(synthesisRow),
    hasSyntheses: data.syntheses.length > 0,
    comparisons: data.comparisons.map(comparisonRow),
    hasComparisons: data.comparisons.length > 0,
    verificationNote: escapeHtml(data.verificationNote ?? ''),
    commands: data.commands.map(escapeHtml),
    hashes: data.hashes.map(([name, hash]) => ({ name: escapeHtml(name), hash })),
  };
};
