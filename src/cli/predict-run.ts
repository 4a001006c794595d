// One picture through a net: its class, every logit, and the picture itself as the net gets it.
import { decodePicture } from '../data/picture.ts';
import { readNetwork } from '../layers/validate.ts';
import { pixelsOf } from '../model/dataset.ts';
import type { Network } from '../model/network.ts';
import { thousands } from '../report/format.ts';
import { table } from '../report/table.ts';
import { compileEngine } from '../sim/engine/engine.ts';
import { UserError } from '../util/errors.ts';
import { readFileWhole } from '../util/files.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { readManifest } from './run-manifest.ts';

export interface PredictRequest {
  readonly picture: string;
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  readonly invert: boolean;
}

const fromSet = (number: string, network: Network, paths: RunPaths, data: string | undefined) => {
  const manifest = data === undefined ? readManifest(paths) : undefined;
  const images = loadRunData(manifest, data, ['test']).test;
  checkShape(network, images);
  const index = /^\d{1,9}$/.test(number) ? Number(number) : Number.NaN;
  if (index < images.count) return { pixels: pixelsOf(images, index), label: images.labels[index]! };
  throw new UserError({
    subject: `idx:${number}`,
    rule: `be idx:0 to idx:${images.count - 1}, the test images`,
    code: 'BITSIM_CLI_VALUE',
  });
};

const fromFile = (path: string, network: Network): Uint8Array => {
  const { height, width, pixels } = decodePicture(readFileWhole(path, 'picture'), path);
  const [rows, columns] = network.input.shape;
  if (height === rows && width === columns) return pixels;
  throw new UserError({
    subject: `picture ${path}`,
    rule: `be ${rows} x ${columns} pixels, as ${network.name} takes them`,
    value: `${height} x ${width}`,
    hint: 'scale it first, for example with ImageMagick: convert in.png -resize 28x28! out.png',
    code: 'BITSIM_DATA_PICTURE',
  });
};

const SHADES = ' .:-=+*#%@';

/** The picture as characters, two rows of pixels a line, at most 80 columns. */
const sketch = (pixels: Uint8Array, [height, width]: readonly [number, number]): string => {
  const step = Math.max(1, Math.ceil(width / 80));
  const lines: string[] = [];
  for (let y = 0; y < height; y += 2 * step) {
    let line = '';
    for (let x = 0; x < width; x += step) {
      const below = y + step < height ? pixels[(y + step) * width + x]! : 0;
      line += SHADES[((pixels[y * width + x]! + below) * SHADES.length) >> 9];
    }
    lines.push(line.trimEnd());
  }
  return lines.join('\n');
};

export const predictRun = (
  request: PredictRequest,
  { terminal }: Context,
): { report: string; json: object; run: RunPaths } => {
  const paths = findRun(request.run);
  const network = readNetwork(paths.network);
  terminal.note(`run: ${paths.folder} (${network.name})`);
  const indexed = /^idx:(.*)$/.exec(request.picture);
  const { pixels: given, label } =
    indexed === null
      ? { pixels: fromFile(request.picture, network), label: undefined }
      : fromSet(indexed[1]!, network, paths, request.data);
  const pixels = request.invert ? given.map((pixel) => 255 - pixel) : given;
  const { classes, logits } = compileEngine(network).run(pixels, 1);
  const best = classes[0]!;
  const order = Array.from(logits.keys()).sort((a, b) => logits[b]! - logits[a]! || a - b);
  const margin = order.length > 1 ? logits[order[0]!]! - logits[order[1]!]! : 0;
  const said = `class ${network.classes[best]}${label === undefined ? '' : ` (label ${network.classes[label] ?? label})`}`;
  const rows = order.map((index) => [network.classes[index]!, thousands(logits[index]!)]);
  return {
    run: paths,
    report: [sketch(pixels, network.input.shape), '', said, '', table(['class', 'logit'], rows, [1])].join(
      '\n',
    ),
    json: {
      command: 'predict',
      run: paths.folder,
      network: network.name,
      picture: request.picture,
      label: label ?? null,
      class: best,
      name: network.classes[best],
      margin,
      logits: Array.from(logits),
    },
  };
};
