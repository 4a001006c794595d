// The report of a run: everything that its folder and its test images say, gathered, drawn and written.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { planFolded } from '../arch/folded/plan.ts';
import { readNetwork } from '../layers/validate.ts';
import { type LabelledImages, pixelsOf } from '../model/dataset.ts';
import { classificationMetrics } from '../model/metrics.ts';
import type { Network } from '../model/network.ts';
import { thousands } from '../report/format.ts';
import { drawFigure } from '../report/page/draw.ts';
import type { Epoch } from '../report/page/figures.ts';
import { type Comparison, type Digit, figuresOf, type ReportData, reportView } from '../report/page/view.ts';
import { engineFor, evaluateImages } from '../sim/engine/evaluate.ts';
import { inspect } from '../sim/inspect.ts';
import { readFileWhole, writeFileWhole } from '../util/files.ts';
import { render } from '../util/render.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { checkLabels } from './eval-run.ts';
import { type FoldingChoice, resolveFolding } from './folding-choice.ts';
import { syntheses } from './report-syntheses.ts';
import { comparisonsOf } from './report-verification.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { fileDigest, type RunManifest, readManifest } from './run-manifest.ts';
import { toolName } from './version.ts';

export interface ReportRequest extends FoldingChoice {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  /** Folder to write; undefined: RUN/report. */
  readonly out?: string | undefined;
}

export interface ReportResult {
  readonly run: RunPaths;
  readonly page: string;
  /** Files of the figures. */
  readonly figures: readonly string[];
  readonly data: ReportData;
}

/** Wrong digits that are shown. */
const MOST_DIGITS = 24;

interface Answers {
  readonly classes: Uint16Array;
  readonly digits: readonly Digit[];
}

/** Classes of all images, and those that were wrong by the largest margin. */
const answersOf = (network: Network, images: LabelledImages): Answers => {
  const classes = new Uint16Array(images.count);
  const wrong: { index: number; said: number; margin: number }[] = [];
  evaluateImages(engineFor(network, images), images, images.count, (index, image) => {
    classes[index] = image.class;
    const label = images.labels[index]!;
    if (image.class === label) return;
    const logits = image.layers.at(-1)!.codes;
    wrong.push({ index, said: image.class, margin: logits[label]! - logits[image.class]! });
  });
  wrong.sort((a, b) => a.margin - b.margin || a.index - b.index);
  const digits = wrong.slice(0, MOST_DIGITS).map(({ index, said, margin }) => ({
    index,
    label: network.classes[images.labels[index]!]!,
    said: network.classes[said]!,
    margin,
    pixels: pixelsOf(images, index),
  }));
  return { classes, digits };
};

const historyOf = (run: RunPaths): readonly Epoch[] => {
  if (!existsSync(run.metrics)) return [];
  const metrics = JSON.parse(readFileWhole(run.metrics, 'metrics').toString('utf8')) as { history?: Epoch[] };
  return metrics.history ?? [];
};

const trainingOf = (manifest: RunManifest | undefined): (readonly [string, string])[] => {
  if (manifest === undefined) return [];
  const { options, data, tool, node, tfjs, backend, preset, seed, teacher } = manifest;
  const spoken = Object.entries(options).filter(([, value]) => value !== 0 && value !== 'off');
  return [
    ['with', `${tool}, Node ${node}, tfjs ${tfjs} (${backend})`],
    [
      'data',
      `${data.name}: ${thousands(data.train.images)} to train, ${thousands(data.test.images)} to test`,
    ],
    ...(preset === null ? [] : [['preset', preset] as const]),
    ['seed', String(seed)],
    ...(teacher === null ? [] : [['teacher', teacher.run] as const]),
    ['options', spoken.map(([name, value]) => `${name} ${String(value)}`).join(', ')],
  ];
};

const commandsOf = (
  run: RunPaths,
  manifest: RunManifest | undefined,
  devices: readonly string[],
): string[] => [
  ...(manifest === undefined ? [] : [`bitsim ${manifest.command.join(' ')}`]),
  `bitsim verify ${run.folder}`,
  `bitsim emit ${run.folder} --target verilog`,
  ...devices.map((device) => `bitsim synth ${run.folder} --device ${device}`),
  `bitsim report ${run.folder}`,
];

const hashesOf = (run: RunPaths): (readonly [string, string])[] =>
  [run.network, run.metrics, run.manifest, run.checkpoint, run.verification]
    .filter((path) => existsSync(path))
    .map((path) => [path.slice(run.folder.length + 1), fileDigest(path)] as const);

const gather = (request: ReportRequest, { terminal }: Pick<Context, 'terminal'>): [RunPaths, ReportData] => {
  const run = findRun(request.run);
  const network = readNetwork(run.network);
  terminal.note(`run: ${run.folder} (${network.name})`);
  const manifest = readManifest(run);
  const dataset = loadRunData(request.data === undefined ? manifest : undefined, request.data, ['test']);
  const images = dataset.test;
  checkShape(network, images);
  checkLabels(images.labels, network.classes.length);
  const digest = fileDigest(run.network);
  const plan = planFolded(network, resolveFolding(request));
  const { classes, digits } = answersOf(network, images);
  const made = syntheses(run.folder, network, digest);
  const verification = comparisonsOf(run, digest);
  const progress = terminal.progress('report');
  const layers = inspect(network, images, images.count, (done) => progress.update(done / images.count));
  progress.done(`${thousands(images.count)} images evaluated`);
  const data: ReportData = {
    tool: toolName(),
    network,
    digest,
    training: trainingOf(manifest),
    history: historyOf(run),
    metrics: classificationMetrics(images.labels, classes, network.classes),
    images: `${thousands(images.count)} test images (${dataset.name})`,
    layers,
    digits,
    plan,
    syntheses: made,
    comparisons: verification.comparisons,
    verificationNote: verification.note,
    commands: commandsOf(
      run,
      manifest,
      made.map(({ device }) => device),
    ),
    hashes: hashesOf(run),
  };
  return [run, data];
};

/** Writes RUN/report/index.html and its figures as SVG and Vega-Lite JSON. */
export const reportRun = async (
  request: ReportRequest,
  context: Pick<Context, 'terminal'>,
): Promise<ReportResult> => {
  const [run, data] = gather(request, context);
  const folder = request.out ?? join(run.folder, 'report');
  const figures: string[] = [];
  const put = (name: string, text: string): void => {
    const path = join(folder, 'figures', name);
    writeFileWhole(path, text);
    figures.push(path);
  };
  const view = await reportView(data);
  for (const figure of figuresOf(data)) {
    put(`${figure.name}.svg`, `${await drawFigure(figure)}\n`);
    put(`${figure.name}.json`, `${JSON.stringify(figure.spec, null, 2)}\n`);
  }
  put('dataflow.svg', `${String(view.dataflow)}\n`);
  put('dataflow.json', `${JSON.stringify(data.plan, null, 2)}\n`);
  const page = join(folder, 'index.html');
  writeFileWhole(page, render('report/report.html.hbs', view));
  return { run, page, figures, data };
};

/** The JSON object of `--json`. */
export const reportJson = ({ run, page, figures, data }: ReportResult): object => ({
  command: 'report',
  run: run.folder,
  network: data.network.name,
  page,
  figures,
  accuracy: data.metrics.accuracy,
  comparisons: data.comparisons satisfies readonly Comparison[],
  syntheses: data.syntheses,
});
