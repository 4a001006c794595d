// The pipeline as a picture: one row for each stage, with its weight ROM at the left and its cycles at the right.
import { type DenseLayer, denseLayers, type Network } from '../../model/network.ts';
import type { DensePlan, HardwarePlan } from '../../model/plan.ts';
import { formatName } from '../../num/format.ts';
import { counted, thousands } from '../format.ts';
import { FIRST, INK, LINE, MUTED, SECOND } from './draw.ts';
import { escapeHtml } from './escape.ts';

const ROW = 96;
const BOX = { x: 190, width: 300, height: 64 };
const ROM = { x: 0, width: 150 };
const BAR = { x: 520, width: 170 };

const text = (x: number, y: number, content: string, style = ''): string =>
  `<text x="${x}" y="${y}" fill="${INK}" font-size="13" ${style}>${escapeHtml(content)}</text>`;

const muted = (x: number, y: number, content: string, style = ''): string =>
  `<text x="${x}" y="${y}" fill="${MUTED}" font-size="11.5" ${style}>${escapeHtml(content)}</text>`;

const box = (x: number, y: number, width: number, colour: string): string =>
  `<rect x="${x}" y="${y}" width="${width}" height="${BOX.height}" rx="6" fill="none" stroke="${colour}" stroke-width="1.5"/>`;

/** Down from the box at `y` to the next, with what travels there. */
const arrow = (y: number, content: string): string => {
  const x = BOX.x + BOX.width / 2;
  const [from, to] = [y + BOX.height, y + ROW];
  return (
    `<path d="M${x} ${from}V${to - 5}" stroke="${MUTED}" fill="none"/>` +
    `<path d="M${x - 4} ${to - 7}L${x} ${to - 1}L${x + 4} ${to - 7}" stroke="${MUTED}" fill="none"/>` +
    muted(x + 10, from + 20, content)
  );
};

const requantizeText = ({ requantize }: DenseLayer): string => {
  if (requantize.kind === 'none') return 'logits';
  const kinds = {
    'static-shift': 'shift',
    'dynamic-shift': 'dynamic shift',
    thresholds: 'thresholds',
  } as const;
  return `${kinds[requantize.kind]} to ${formatName(requantize.output)}`;
};

const PACKINGS = {
  base3: 'five trits in a byte',
  '2bit': '2 bits a trit',
  '1bit': '1 bit a weight',
} as const;

const romOf = (y: number, { rom, sparse }: DensePlan): string =>
  box(ROM.x, y, ROM.width, LINE) +
  text(ROM.x + 10, y + 20, 'weight ROM') +
  muted(ROM.x + 10, y + 38, `${thousands(rom.words)} words × ${rom.width}`) +
  muted(ROM.x + 10, y + 54, sparse === undefined ? PACKINGS[rom.packing] : 'compressed rows') +
  `<path d="M${ROM.x + ROM.width} ${y + 32}H${BOX.x}" stroke="${MUTED}"/>`;

const barOf = (y: number, { cycles }: DensePlan, interval: number): string => {
  const width = Math.max(2, (BAR.width * cycles) / interval);
  const colour = cycles === interval ? SECOND : FIRST;
  return (
    `<rect x="${BAR.x}" y="${y + 30}" width="${width.toFixed(1)}" height="12" fill="${colour}" opacity="0.75"/>` +
    muted(BAR.x, y + 22, `${counted(cycles, 'cycle')}${cycles === interval ? ', the bottleneck' : ''}`)
  );
};

const layerRow = (y: number, layer: DenseLayer, plan: DensePlan, interval: number): string =>
  romOf(y, plan) +
  box(BOX.x, y, BOX.width, FIRST) +
  text(
    BOX.x + 12,
    y + 20,
    `${plan.layer}: ${thousands(plan.inputs)} × ${thousands(plan.outputs)}`,
    'font-weight="600"',
  ) +
  muted(
    BOX.x + 12,
    y + 38,
    `PE ${plan.pe} × SIMD ${plan.simd}: ${counted(plan.pe * plan.simd, 'adder')}, folds ${plan.neuronFold} × ${plan.synapseFold}`,
  ) +
  muted(BOX.x + 12, y + 54, `accumulator ${formatName(plan.accumulator)}, ${requantizeText(layer)}`) +
  barOf(y, plan, interval);

const plainRow = (y: number, title: string, line: string): string =>
  box(BOX.x, y, BOX.width, LINE) + text(BOX.x + 12, y + 26, title) + muted(BOX.x + 12, y + 46, line);

/** The pipeline of `plan` as one `<svg>` element. */
export const dataflowPicture = (network: Network, plan: HardwarePlan): string => {
  const layers = denseLayers(network);
  const { shape, code } = network.input;
  const rows = [
    plainRow(1, 'pixels', `${shape[0]} × ${shape[1]} of ${formatName(network.input.pixel)}, AXI4-Stream`),
    arrow(1, `codes ${formatName(code)}`),
    ...plan.layers.flatMap((layer, i) => {
      const y = 1 + (i + 1) * ROW;
      const last = i === plan.layers.length - 1;
      const { requantize } = layers[i]!;
      const leaves = requantize.kind === 'none' ? 'logits' : `codes ${formatName(requantize.output)}`;
      return [
        layerRow(y, layers[i]!, layer, plan.initiationInterval),
        arrow(y, last ? leaves : `${leaves}, ${plan.layers[i + 1]!.simd} a beat`),
      ];
    }),
    plainRow(1 + (plan.layers.length + 1) * ROW, 'argmax', `${network.classes.length} logits and the class`),
  ];
  const height = (plan.layers.length + 2) * ROW - (ROW - BOX.height) + 2;
  const label = `Pipeline: ${plan.layers.map(({ layer, pe, simd }) => `${layer} with ${pe} × ${simd} adders`).join(', ')}; an image every ${plan.initiationInterval} cycles`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 700 ${height}" width="700" height="${height}" role="img" aria-label="${escapeHtml(label)}" font-family="system-ui, sans-serif">${rows.join('')}</svg>`;
};
