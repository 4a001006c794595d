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

interface Row {
  readonly name: string;
  readonly net: string;
  /** Weights, input and activation widths, in words. */
  readonly what: string;
  /** Needs the 60,000 + 10,000 images of --data. */
  readonly official: boolean;
  readonly train: readonly string[];
  /** Synthesized for this family; absent: accuracy only. */
  readonly family?: 'ice40' | 'xilinx';
  /** Folding of `emit`, when not the default. */
  readonly emit?: readonly string[];
}

const preset = (name: string): string[] => ['--preset', name];

const ROWS: readonly Row[] = [
  {
    name: 'default',
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: [],
    family: 'xilinx',
  },
  {
    name: 'long',
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('long'),
  },
  {
    name: 'small',
    net: '784-128-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('small'),
  },
  {
    name: 'tiny',
    net: '784-64-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('tiny'),
    family: 'ice40',
  },
  {
    name: 'up5k',
    net: '196-128-128-112-10',
    what: 'u7 sums of 2×2 pixels, u8 codes',
    official: true,
    train: preset('up5k'),
    family: 'ice40',
  },
  {
    name: 'tiny-input',
    net: '784-1024-10',
    what: 'u1 input, u8 codes',
    official: true,
    train: preset('tiny-input'),
    family: 'xilinx',
  },
  {
    name: 'two-bit',
    net: '784-1024-10',
    what: 'u7 input, u2 codes by thresholds',
    official: true,
    train: preset('two-bit'),
  },
  {
    name: 'one-bit',
    net: '784-1024-10',
    what: 'u1 input, u1 codes by thresholds',
    official: true,
    train: preset('one-bit'),
  },
  {
    name: 'binary',
    net: '784-1024-10',
    what: 'binary weights, u7 input, u8 codes',
    official: true,
    train: preset('binary'),
    family: 'xilinx',
  },
  {
    name: 'dynamic',
    net: '784-1024-10',
    what: 'u7 input, u8 codes, dynamic shift',
    official: true,
    train: preset('dynamic'),
    family: 'xilinx',
  },
  {
    name: 'deep',
    net: '784-256-128-10',
    what: 'u7 input, u8 codes',
    official: true,
    train: preset('deep'),
    family: 'xilinx',
  },
  {
    name: 'embedded',
    net: '784-1024-10',
    what: 'u7 input, u8 codes',
    official: false,
    train: [],
  },
  {
    name: 'demo',
    net: '784-64-10',
    what: 'u7 input, u8 codes',
    official: false,
    train: preset('demo'),
    family: 'ice40',
  },
];

interface Hardware {
  readonly family: string;
  readonly folding: string;
  readonly interval: number;
  readonly latency: number;
  readonly cells: string;
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
    readonly initiationInterval: number;
    readonly latency: number;
    readonly layers: readonly { readonly pe: number; readonly simd: number }[];
  };
}

/** Cells of the emitted folder, counted by its own synthesis script. */
const synthesize = (folder: string, family: string): Map<string, number> => {
  execFileSync('make', ['-s', 'synth', `FAMILY=${family}`], {
    cwd: folder,
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  const text = readFileSync(join(folder, `build/synth/${family}-stat.txt`), 'utf8');
  return new Map([...text.matchAll(/^ {5}(\w+) +(\d+)$/gm)].map(([, cell, count]) => [cell!, Number(count)]));
};

const total = (cells: Map<string, number>, pattern: RegExp): number =>
  [...cells].filter(([cell]) => pattern.test(cell)).reduce((sum, [, count]) => sum + count, 0);

const memoryText = (cells: Map<string, number>): string => {
  const kinds = ['SB_RAM40_4K', 'RAMB36E1', 'RAMB18E1'].filter((kind) => cells.has(kind));
  return kinds.map((kind) => `${cells.get(kind)} ${kind}`).join(' + ') || '0';
};

const thousands = (value: number): string => value.toLocaleString('en');

const measureHardware = (row: Row, family: string): Hardware => {
  const run = runOf(row.name, '1');
  bitsim('verify', run, '--json');
  bitsim('emit', run, '--target', 'verilog', '--force', '--json', ...(row.emit ?? []));
  const verification = json<Verification>(run, 'verify.json');
  if (!verification.equal) throw new Error(`${row.name}: verification found a difference`);
  const { plan } = json<Emitted>(run, 'verilog', 'manifest.json');
  const cells = synthesize(join(run, 'verilog'), family);
  const rtl = verification.rtl.map(({ simulator, version, images }) => `${simulator} ${version}: ${images}`);
  return {
    family,
    folding: plan.layers.map(({ pe, simd }) => `${pe}×${simd}`).join(', '),
    interval: plan.initiationInterval,
    latency: plan.latency,
    cells: `${thousands(total(cells, /LUT/))} LUT, ${thousands(total(cells, /DFF|^FD/))} FF, ${memoryText(cells)}, ${total(cells, /DSP|MAC16/)} DSP`,
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
      row.family === undefined || settings.accuracyOnly
        ? (before?.hardware ?? null)
        : measureHardware(row, row.family),
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
  const { folding, interval, latency, family, cells, verified } = hardware!;
  const cycles = `${thousands(interval)} / ${thousands(latency)}`;
  return `| ${name} (${row.net}) | ${folding} | ${cycles} | ${family}: ${cells} | ${verified} |`;
};

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

The first seed of a row after \`bitsim verify\`, \`bitsim emit --target verilog\` and \`make synth\` in the emitted folder. LUT and flip-flop counts are Yosys's, before
placement, DSP inference on. "Values" are all hidden codes, logits and classes of the test images, equal in training graph and simulator; then the images that were equal in RTL simulators.

| row | PE×SIMD per layer | cycles an image / latency | after synthesis | verified |
|---|---|---|---|---|
${results
  .filter(({ hardware }) => hardware !== null)
  .map(hardwareLine)
  .join('\n')}
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
