// The tables of docs/results.md and of README.md as text, from what bench/results.ts and bench/big.ts measured. Nothing is
// measured here, so a test can hold the pages against the figures.
import type { BigRow } from './big.ts';
import { ROWS, type Row } from './rows.ts';

export interface Hardware {
  readonly device: string;
  readonly folding: string;
  readonly packing: string;
  readonly interval: number;
  readonly latency: number;
  readonly luts: number;
  readonly flipFlops: number;
  readonly blockRams: number;
  readonly dsps: number;
  /** MHz, and images a second at it; null where nothing was placed. */
  readonly fmax: number | null;
  readonly rate: number | null;
  /** `N values; icarus V: N, verilator V: N images`. */
  readonly verified: string;
}

export interface Result {
  readonly row: string;
  /** Accuracy on the test images of each seed. */
  readonly accuracy: Readonly<Record<string, number>>;
  readonly images: number;
  /** CPU seconds that training with the first seed took. */
  readonly cpuSeconds: number;
  readonly hardware: Hardware | null;
  readonly tools: string;
}

export const thousands = (value: number): string => value.toLocaleString('en');

const rowOf = (name: string): Row => {
  const row = ROWS.find((candidate) => candidate.name === name);
  if (row === undefined) throw new Error(`bench/rows.ts has no row ${name}`);
  return row;
};

/** Arguments of `bitsim` for a row; `DIR` stands for the data in the page. */
export const commandOf = (row: Row, data: string | undefined, seed: string): string[] => [
  'train',
  ...row.train,
  ...(row.official && data !== undefined ? ['--data', data] : []),
  '--seed',
  seed,
];

const line = (cells: readonly (string | number)[]): string => `| ${cells.join(' | ')} |`;
const head = (titles: readonly string[]): string => `${line(titles)}\n|${'---|'.repeat(titles.length)}`;

const percent = (share: number): string => (share * 100).toFixed(2);

/** The mean over the seeds, and half of what lies between the best and the worst. */
const meanAndSpread = ({ accuracy }: Result): readonly [mean: string, spread: string] => {
  const values = Object.values(accuracy);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [percent(mean), percent((Math.max(...values) - Math.min(...values)) / 2)];
};

const accuracyLine = (result: Result): string => {
  const row = rowOf(result.row);
  const [mean, spread] = meanAndSpread(result);
  const command = commandOf(row, 'DIR', Object.keys(result.accuracy).join(' … ')).join(' ');
  return line([
    row.net,
    row.what,
    `\`bitsim ${command}\``,
    `**${mean}** ± ${spread}`,
    Object.values(result.accuracy).map(percent).join(', '),
    thousands(result.images),
    result.cpuSeconds === 0 ? '–' : thousands(result.cpuSeconds),
  ]);
};

/** Fmax and images a second. */
const placedCells = ({ fmax, rate }: Hardware): [string, string] =>
  fmax === null ? ['–', '–'] : [fmax.toFixed(1), thousands(Math.floor(rate!))];

const hardwareLine = (name: string, h: Hardware): string =>
  line([
    `${name} (${rowOf(name).net})`,
    h.folding,
    [...new Set(h.packing.split(', '))].join(', '),
    `${thousands(h.interval)} / ${thousands(h.latency)}`,
    h.device,
    thousands(h.luts),
    thousands(h.flipFlops),
    h.blockRams,
    `**${h.dsps}**`,
    ...placedCells(h),
    h.verified,
  ]);

const bigLine = (row: BigRow): string =>
  line([
    row.device,
    row.folding,
    thousands(row.interval),
    thousands(row.luts),
    thousands(row.flipFlops),
    row.blockRams,
    `**${row.dsps}**`,
    `${row.seconds}, ${row.megabytes}`,
  ]);

/** docs/results.md. */
export const resultsPage = (results: readonly Result[], big: readonly BigRow[]): string => `# Results

Written by \`bench/results.ts\` from \`bench/results/results.json\`, which it measures. Tools: ${[...new Set(results.map(({ tools }) => tools))].join('; ')}.

## Accuracy

Weights are −1, 0, +1 (or −1, +1 where it says binary), and everything after them is integers. Rows with \`--data DIR\` are trained on MNIST's 60,000 images and
measured once on its 10,000 test images; no test image was used to choose anything: options were chosen on 10,000 held-out training images (\`--validation\`). The other rows
use the embedded digits, 8,000 and 2,000. The mean over the seeds and, after ±, half of the range between the best and the worst of them; then each seed. CPU seconds are of the first
seed on one core.

${head(['net', 'widths', 'command', 'mean, %', 'each seed', 'of images', 'CPU s'])}
${results.map(accuracyLine).join('\n')}

## Hardware

The first seed of a row after \`bitsim verify\`, \`bitsim emit --target verilog\` and \`bitsim synth --device DEVICE\`. LUTs, flip-flops and block RAMs (4 kbit on iCE40, 36 kbit on Xilinx) are
Yosys's, before placement, DSP inference on; Fmax is nextpnr's after place and route, seed 1, behind five pins. "Verified": all hidden codes, logits and classes of the test images, equal in
training graph and simulator; then the images that were equal in RTL simulators.

${head(['row', 'PE×SIMD per layer', 'trits in ROM', 'cycles an image / latency', 'device', 'LUT', 'FF', 'block RAM', 'DSP', 'Fmax, MHz', 'images a second', 'verified'])}
${results.flatMap(({ row, hardware }) => (hardware === null ? [] : hardwareLine(row, hardware))).join('\n')}

## The large net in other parts and foldings

784-1024-10 (\`default\`) through Yosys by \`bench/big.ts\`: block RAM is inferred (36 kbit on Xilinx, 18 kbit on ECP5), no DSP. It was not placed and routed. The ECP5 rows want more block RAMs than the 25K has (56).

This table and the hardware of \`tiny-input\`, \`binary\`, \`dynamic\` and \`deep\` were measured before argmax, accumulators and buffers knew their flags a cycle ahead. The rows measured since took 0.6 to 3 % more LUTs than before, and run at clocks 6 to 13 % higher.

${head(['device', 'PE×SIMD per layer', 'cycles an image', 'LUT', 'FF', 'block RAM', 'DSP', 'Yosys: CPU s, MB'])}
${big.map(bigLine).join('\n')}
`;

const PARTS: Readonly<Record<string, string>> = {
  up5k: 'iCE40 UP5K',
  hx8k: 'iCE40 HX8K',
  xc7a100t: 'Artix-7 100T',
};

/** Without the versions, which docs/results.md has. */
const verifiedCell = ({ verified }: Hardware): string =>
  verified
    .replaceAll(/ [\d.]+:/g, '')
    .replace('icarus', 'Icarus')
    .replace('verilator', 'Verilator');

const presetLine = (result: Result): string => {
  const { row: name, hardware: h } = result;
  const row = rowOf(name);
  const [mean, spread] = meanAndSpread(result);
  const cells =
    h === null
      ? new Array<string>(8).fill('–')
      : [
          thousands(h.interval),
          PARTS[h.device] ?? h.device,
          thousands(h.luts),
          h.blockRams,
          `**${h.dsps}**`,
          ...placedCells(h),
          verifiedCell(h),
        ];
  return line([`\`${name}\``, row.brief, `${mean} ± ${spread}`, ...cells]);
};

/** README's table: every preset, in the order of bench/rows.ts. */
export const presetTable = (results: readonly Result[]): string =>
  [
    head([
      'preset',
      'net',
      'accuracy, %',
      'cycles an image',
      'part',
      'LUT',
      'block RAM',
      'DSP',
      'Fmax, MHz',
      'images/s',
      'equal, value for value',
    ]),
    ...results.filter(({ row }) => rowOf(row).preset).map(presetLine),
  ].join('\n');

const MARKS = ['<!-- presets: written by bench/results.ts -->', '<!-- end of presets -->'] as const;

/** `readme` with its table written anew. */
export const withPresetTable = (readme: string, results: readonly Result[]): string => {
  const [start, end] = MARKS.map((mark) => readme.indexOf(mark));
  if (start! < 0 || end! < start!) throw new Error(`README.md must hold ${MARKS.join(' and ')}`);
  return `${readme.slice(0, start! + MARKS[0].length)}\n\n${presetTable(results)}\n\n${readme.slice(end)}`;
};
