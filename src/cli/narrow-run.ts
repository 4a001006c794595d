// `bitsim inspect --apply`: the net narrowed to what its training images need, written only when every code, logit and
// class of all images, test images included, is what it was. Test images choose nothing; they only check.
import { readNetwork } from '../layers/validate.ts';
import { type LabelledImages, selectRange } from '../model/dataset.ts';
import { type DenseLayer, denseLayers, type Network } from '../model/network.ts';
import { printNetwork } from '../model/network-file.ts';
import type { Comparison } from '../model/trace.ts';
import { formatName } from '../num/format.ts';
import { narrowNetwork } from '../quant/narrow.ts';
import { thousands } from '../report/format.ts';
import { table } from '../report/table.ts';
import { createComparison, describeMismatch } from '../sim/compare.ts';
import type { Engine } from '../sim/engine/engine.ts';
import { type EngineImage, engineFor, evaluateImages } from '../sim/engine/evaluate.ts';
import { inspect } from '../sim/inspect.ts';
import { UserError } from '../util/errors.ts';
import { writeFileWhole } from '../util/files.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { loadRunData } from './run-data.ts';
import { findRun, runPaths } from './run-folder.ts';
import { readManifest } from './run-manifest.ts';
import { claimFolder } from './train-start.ts';

export interface NarrowRequest {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  /** First N training images; default all. Test images are always all compared. */
  readonly images?: number | undefined;
  readonly out?: string | undefined;
  readonly force: boolean;
}

export interface NarrowResult {
  readonly report: string;
  readonly json: object;
  /** Whether the narrowed net gives the same on every image. */
  readonly equal: boolean;
}

const outOf = ({ out }: NarrowRequest): string => {
  if (out !== undefined) return out;
  throw new UserError({
    subject: '--apply',
    rule: 'come with --out RUN, the folder for the narrowed net',
    code: 'BITSIM_CLI_VALUE',
  });
};

/** Compares the two nets, every integer, on the first `count` of `images`. */
const compareNets = (
  [before, after]: readonly [Network, Network],
  [name, images]: readonly [string, LabelledImages],
  count: number,
  { terminal }: Context,
): Comparison => {
  const progress = terminal.progress(name);
  const comparison = createComparison('net', 'narrowed net');
  const expected: EngineImage[] = [];
  const part = 1000;
  const [old, narrow] = [before, after].map((network) => engineFor(network, images)) as [Engine, Engine];
  for (let start = 0; start < count; start += part) {
    const some = selectRange(images, start, Math.min(part, count - start));
    evaluateImages(old, some, some.count, (i, image) => {
      expected[i] = image;
    });
    evaluateImages(narrow, some, some.count, (i, image) => {
      const outputs = image.layers.map(({ codes }) => codes);
      comparison.add(start + i, expected[i]!, { outputs, class: image.class });
    });
    progress.update((start + some.count) / count);
  }
  progress.done(`${thousands(count)} ${name} images compared`);
  return comparison.result();
};

const widths = (layer: DenseLayer): string => {
  const { accumulator, requantize, input } = layer;
  const output = requantize.kind === 'none' ? 'logits' : formatName(requantize.output);
  return `${formatName(input)} → ${formatName(accumulator)} → ${output}`;
};

const changes = (before: Network, after: Network): { layer: string; before: string; after: string }[] =>
  denseLayers(before).map((layer, i) => ({
    layer: layer.name,
    before: widths(layer),
    after: widths(denseLayers(after)[i]!),
  }));

const verdict = (comparisons: readonly (readonly [string, Comparison])[]): string =>
  comparisons
    .map(([name, { values, mismatches, first }]) =>
      first === null
        ? `${name}: ${thousands(values)} values, all equal`
        : `${name}: ${thousands(mismatches)} of ${thousands(values)} values differ; first: ${describeMismatch(first)}`,
    )
    .join('\n');

/** Narrows a run's network, compares, and writes it to `out` when nothing differs and something became narrower. */
export const narrowRun = (request: NarrowRequest, context: Context): NarrowResult => {
  const out = runPaths(outOf(request));
  const paths = findRun(request.run);
  const network = readNetwork(paths.network);
  const manifest = request.data === undefined ? readManifest(paths) : undefined;
  const { train, test } = loadRunData(manifest, request.data, ['train', 'test']);
  checkShape(network, test);
  claimFolder(out, request.force);
  const seen = Math.min(request.images ?? train.count, train.count);
  const progress = context.terminal.progress('inspect');
  const inspected = inspect(network, train, seen, (done) => progress.update(done / seen));
  progress.done(`${thousands(seen)} training images`);
  const narrowed = narrowNetwork(
    network,
    inspected.map(({ codes }) => codes?.largest ?? 0),
  );
  const layers = changes(network, narrowed);
  const nets = [network, narrowed] as const;
  const compared = [
    ['train', compareNets(nets, ['train', train], seen, context)],
    ['test', compareNets(nets, ['test', test], test.count, context)],
  ] as const;
  const equal = compared.every(([, { mismatches }]) => mismatches === 0);
  const narrower = layers.some(({ before, after }) => before !== after);
  const written = equal && narrower;
  if (written) writeFileWhole(out.network, printNetwork(narrowed));
  const files = written ? `written: ${out.network}` : 'nothing written';
  const why = narrower ? '' : ': the net is as narrow as its training images allow';
  return {
    report: [
      table(
        ['layer', 'input → accumulator → output', 'narrowed'],
        layers.map((row) => [row.layer, row.before, row.after]),
      ),
      '',
      verdict(compared),
      `${files}${why}`,
    ].join('\n'),
    json: {
      command: 'inspect',
      run: paths.folder,
      layers,
      comparisons: Object.fromEntries(compared),
      equal,
      written: written ? out.network : null,
    },
    equal,
  };
};
