// Measures the tables of docs/results.md: trains, verifies, emits and synthesizes named configurations with the command
// line itself, keeps what it found in bench/results/results.json, and writes the page from that file.
//   npx tsx bench/results.ts [--data DIR] [--seeds 1,2,3] [--keep] [--accuracy] [--all | ROW ...]
// --data: the folder with the four MNIST IDX files; without it only rows on the embedded digits are measured. --keep: take
// runs that are under out/bench/ already. --accuracy: leave emission and synthesis out. Without rows the page is written anew from what is known.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BigRow } from './big.ts';
import { ROWS, type Row } from './rows.ts';

interface Hardware {
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
  readonly verified: string;
}

interface Result {
  readonly row: string;
  /** Accuracy on the test images of each seed. */
  readonly accuracy: Readonly<Record<string, number>>;
  readonly images: number;
  /** CPU seconds that training with the first seed took. */
  readonly cpuSeconds: number;
  readonly hardware: Hardware | null;
  readonly tools: string;
}

const FILE = 'bench/results/results.json';
const json = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;
const known = (): Result[] => (existsSync(FILE) ? json<Result[]>(FILE) : []);

const bitsim = (...args: string[]): void => {
  execFileSync(process.execPath, ['dist/cli/main.js', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
};

const runOf = (row: string, seed: string): string => join('out/bench', `${row}-${seed}`);

/** Makes a Node process say, last of all, what CPU time it took. */
const CPU_REPORT =
  'data:text/javascript,process.on("exit",()=>process.stderr.write("\\ncpu "+process.cpuUsage().user/1e6))';

/** Trains one seed of a row and returns the CPU seconds it took; undefined when its run is there already. */
const trainSeed = (row: Row, seed: string, { data, keep }: Settings): number | undefined => {
  const run = runOf(row.name, seed);
  if (keep && existsSync(join(run, 'network.json'))) return undefined;
  console.error(`training ${row.name}, seed ${seed}`);
  const args = [...commandOf(row, data, seed), '--out', run, '--name', row.name, '--force'];
  const { status, stderr } = spawnSync(
    process.execPath,
    ['--import', CPU_REPORT, 'dist/cli/main.js', ...args],
    { encoding: 'utf8', maxBuffer: 2 ** 30 },
  );
  if (status !== 0) throw new Error(stderr);
  return Number(/cpu ([\d.]+)$/.exec(stderr)![1]);
};

/** Arguments of `bitsim` for a row; `DIR` stands for the data in the page. */
const commandOf = (row: Row, data: string | undefined, seed: string): string[] => [
  'train',
  ...row.train,
  ...(row.official && data !== undefined ? ['--data', data] : []),
  '--seed',
  seed,
];

interface Verification {
  readonly equal: boolean;
  readonly graph: { readonly values: number };
  readonly rtl: readonly { readonly simulator: string; readonly version: string; readonly images: number }[];
}
interface Emitted {
  readonly plan: {
    readonly layers: readonly {
      readonly pe: number;
      readonly simd: number;
      readonly rom: { readonly packing: string };
    }[];
  };
}
interface Synthesized {
  readonly cycles: { readonly interval: number; readonly latency: number };
  readonly cells: Pick<Hardware, 'luts' | 'flipFlops' | 'blockRams' | 'dsps'>;
  readonly fmax: number | null;
  readonly imagesPerSecond: number | null;
}

const thousands = (value: number): string => value.toLocaleString('en');

const measureHardware = (row: Row, device: string): Hardware => {
  const run = runOf(row.name, '1');
  console.error(`hardware of ${row.name}, ${device}`);
  bitsim('verify', run, '--json');
  bitsim('emit', run, '--target', 'verilog', '--force', '--json', ...(row.emit ?? []));
  bitsim('synth', run, '--device', device, '--json', ...(row.emit ?? []));
  const verification = json<Verification>(run, 'verify.json');
  if (!verification.equal) throw new Error(`${row.name}: verification found a difference`);
  const { plan } = json<Emitted>(run, 'verilog', 'manifest.json');
  const { cycles, cells, fmax, imagesPerSecond } = json<Synthesized>(run, `synth-${device}`, 'report.json');
  const rtl = verification.rtl.map(({ simulator, version, images }) => `${simulator} ${version}: ${images}`);
  return {
    device,
    folding: plan.layers.map(({ pe, simd }) => `${pe}×${simd}`).join(', '),
    packing: plan.layers.map(({ rom }) => rom.packing).join(', '),
    interval: cycles.interval,
    latency: cycles.latency,
    luts: cells.luts,
    flipFlops: cells.flipFlops,
    blockRams: cells.blockRams,
    dsps: cells.dsps,
    fmax,
    rate: imagesPerSecond,
    verified: `${thousands(verification.graph.values)} values; ${rtl.join(', ')} images`,
  };
};

interface Settings {
  readonly data: string | undefined;
  readonly keep: boolean;
  readonly seeds: readonly string[];
  /** Leave emission and synthesis out. */
  readonly accuracyOnly: boolean;
}

interface Metrics {
  readonly test: { readonly accuracy: number; readonly images: number };
}

const toolsText = (): string => {
  const yosys = spawnSync('yosys', ['-V'], { encoding: 'utf8' }).stdout?.split('(')[0]?.trim() ?? 'no Yosys';
  const tfjs = json<{ version: string }>('node_modules/@tensorflow/tfjs-core/package.json').version;
  return `Node ${process.version}, tfjs ${tfjs} WASM, ${yosys}, ${cpus()[0]!.model.trim()}`;
};

const measure = (row: Row, settings: Settings): Result => {
  const before = known().find((result) => result.row === row.name);
  const seconds = settings.seeds.map((seed) => trainSeed(row, seed, settings));
  const metrics = settings.seeds.map((seed) => json<Metrics>(runOf(row.name, seed), 'metrics.json').test);
  return {
    row: row.name,
    accuracy: Object.fromEntries(settings.seeds.map((seed, i) => [seed, metrics[i]!.accuracy])),
    images: metrics[0]!.images,
    cpuSeconds: Math.round(seconds[0] ?? before?.cpuSeconds ?? 0),
    hardware:
      row.device === undefined || settings.accuracyOnly
        ? (before?.hardware ?? null)
        : measureHardware(row, row.device),
    tools: toolsText(),
  };
};

/** Puts `result` in the place of its row, whatever other processes wrote meanwhile. */
const keepResult = (result: Result): void => {
  const others = known().filter(({ row }) => row !== result.row);
  const order = ROWS.map(({ name }) => name);
  const all = [...others, result].sort((a, b) => order.indexOf(a.row) - order.indexOf(b.row));
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(all, null, 2)}\n`);
};

const percent = (share: number): string => `${(share * 100).toFixed(2)}`;

const accuracyLine = (result: Result): string => {
  const row = ROWS.find(({ name }) => name === result.row)!;
  const values = Object.values(result.accuracy);
  const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
  return [
    '',
    row.net,
    row.what,
    `\`bitsim ${commandOf(row, 'DIR', Object.keys(result.accuracy).join('|')).join(' ').replaceAll('|', ' … ')}\``,
    `**${percent(mean)} %**`,
    values.map(percent).join(', '),
    `${thousands(result.images)}`,
    result.cpuSeconds === 0 ? '–' : thousands(result.cpuSeconds),
    '',
  ]
    .join(' | ')
    .trim();
};

const hardwareLine = ({ row: name, hardware }: Result): string => {
  const row = ROWS.find((candidate) => candidate.name === name)!;
  const h = hardware!;
  const packing = new Set(h.packing.split(', '));
  const cells = [thousands(h.luts), thousands(h.flipFlops), String(h.blockRams), `**${h.dsps}**`];
  const placed = h.fmax === null ? ['–', '–'] : [h.fmax.toFixed(1), thousands(Math.floor(h.rate!))];
  const cycles = `${thousands(h.interval)} / ${thousands(h.latency)}`;
  const fields = [
    `${name} (${row.net})`,
    h.folding,
    [...packing].join(', '),
    cycles,
    h.device,
    ...cells,
    ...placed,
    h.verified,
  ];
  return `| ${fields.join(' | ')} |`;
};

const BIG = 'bench/results/big.json';

const bigLines = (): string[] =>
  (JSON.parse(readFileSync(BIG, 'utf8')) as BigRow[]).map(
    ({ device, folding, interval, luts, flipFlops, blockRams, dsps, seconds, megabytes }) =>
      `| ${device} | ${folding} | ${thousands(interval)} | ${thousands(luts)} | ${thousands(flipFlops)} | ${blockRams} | **${dsps}** | ${seconds}, ${megabytes} |`,
  );

const page = (results: readonly Result[]): string => `# Results

Written by \`bench/results.ts\` from \`bench/results/results.json\`, which it measures. Tools: ${[...new Set(results.map(({ tools }) => tools))].join('; ')}.

## Accuracy

Weights are −1, 0, +1 (or −1, +1 where it says binary), and everything after them is integers. Rows with \`--data DIR\` are trained on MNIST's 60,000 images and
measured once on its 10,000 test images; no test image was used to choose anything: options were chosen on 10,000 held-out training images (\`--validation\`). The other rows
use the embedded digits, 8,000 and 2,000. Mean over the seeds first, then each seed. CPU seconds are of the first seed on one core.

| net | widths | command | mean | each seed | of images | CPU s |
|---|---|---|---|---|---|---|
${results.map(accuracyLine).join('\n')}

## Hardware

The first seed of a row after \`bitsim verify\`, \`bitsim emit --target verilog\` and \`bitsim synth --device DEVICE\`. LUTs, flip-flops and block RAMs (4 kbit on iCE40, 36 kbit on Xilinx) are
Yosys's, before placement, DSP inference on; Fmax is nextpnr's after place and route, seed 1, behind five pins. "Verified": all hidden codes, logits and classes of the test images, equal in
training graph and simulator; then the images that were equal in RTL simulators.

| row | PE×SIMD per layer | trits in ROM | cycles an image / latency | device | LUT | FF | block RAM | DSP | Fmax, MHz | images a second | verified |
|---|---|---|---|---|---|---|---|---|---|---|---|
${results
  .filter(({ hardware }) => hardware !== null)
  .map(hardwareLine)
  .join('\n')}

## The large net in other parts and foldings

784-1024-10 (\`default\`) through Yosys by \`bench/big.ts\`: block RAM is inferred (36 kbit on Xilinx, 18 kbit on ECP5), no DSP. It was not placed and routed. The ECP5 rows want more block RAMs than the 25K has (56).

| device | PE×SIMD per layer | cycles an image | LUT | FF | block RAM | DSP | Yosys: CPU s, MB |
|---|---|---|---|---|---|---|---|
${bigLines().join('\n')}
`;

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    keep: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    accuracy: { type: 'boolean', default: false },
  },
});
const settings: Settings = {
  data: values.data,
  keep: values.keep,
  seeds: values.seeds.split(','),
  accuracyOnly: values.accuracy,
};
const unknown = positionals.filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0)
  throw new Error(`no row ${unknown.join(', ')}; rows: ${ROWS.map((r) => r.name).join(', ')}`);
const wanted = ROWS.filter(({ name }) => values.all || positionals.includes(name));
for (const row of wanted.filter(({ official }) => !official || values.data !== undefined))
  keepResult(measure(row, settings));
writeFileSync('docs/results.md', page(known()));
