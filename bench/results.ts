// Measures the table of docs/results.md: trains, verifies, emits and synthesizes named configurations with the command
// line itself, and rewrites the page. Usage: make bench [DATA=folder with the four MNIST IDX files]
// Without DATA only the rows on the embedded digits are measured; further arguments choose rows by name. Rows that were
// not measured are not written.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';

interface Row {
  readonly name: string;
  readonly net: string;
  /** Needs the 60,000 + 10,000 images of DATA. */
  readonly official: boolean;
  readonly train: readonly string[];
  readonly family: 'ice40' | 'xilinx';
}

const ROWS: readonly Row[] = [
  { name: 'demo', net: '784-64-10', official: false, train: ['--preset', 'demo'], family: 'ice40' },
  { name: 'up5k', net: '196-128-128-112-10', official: true, train: ['--preset', 'up5k'], family: 'ice40' },
  { name: 'default-embedded', net: '784-1024-10', official: false, train: [], family: 'xilinx' },
  { name: 'default', net: '784-1024-10', official: true, train: ['--seed', '1'], family: 'xilinx' },
  { name: 'default-seed2', net: '784-1024-10', official: true, train: ['--seed', '2'], family: 'xilinx' },
  { name: 'default-seed3', net: '784-1024-10', official: true, train: ['--seed', '3'], family: 'xilinx' },
  {
    name: 'augmented',
    net: '784-1024-10',
    official: true,
    train: ['--preset', 'augmented'],
    family: 'xilinx',
  },
  { name: 'deep', net: '784-256-128-10', official: true, train: ['--preset', 'deep'], family: 'xilinx' },
  {
    name: 'tiny-input',
    net: '784-1024-10',
    official: true,
    train: ['--preset', 'tiny-input'],
    family: 'xilinx',
  },
  { name: 'binary', net: '784-1024-10', official: true, train: ['--preset', 'binary'], family: 'xilinx' },
  { name: 'dynamic', net: '784-1024-10', official: true, train: ['--preset', 'dynamic'], family: 'xilinx' },
];

interface Metrics {
  readonly test: { readonly accuracy: number; readonly images: number };
}
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

const bitsim = (...args: string[]): void => {
  execFileSync(process.execPath, ['dist/cli/main.js', ...args], { stdio: ['ignore', 'ignore', 'inherit'] });
};
const json = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;

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

const measure = (row: Row, data: string | undefined, scratch: string): string => {
  const run = join(scratch, row.name);
  const source = row.official && data !== undefined ? ['--data', data] : [];
  bitsim('train', ...row.train, ...source, '--out', run, '--name', row.name, '--json');
  bitsim('verify', run, '--json');
  bitsim('emit', run, '--target', 'verilog', '--json');
  const { test } = json<Metrics>(run, 'metrics.json');
  const verification = json<Verification>(run, 'verify.json');
  const { plan } = json<Emitted>(run, 'verilog', 'manifest.json');
  const cells = synthesize(join(run, 'verilog'), row.family);
  const rtl = verification.rtl
    .map(({ simulator, version, images }) => `${simulator} ${version}: ${images}`)
    .join(', ');
  const options = [...row.train, ...(row.official ? ['--data', 'DIR'] : [])].join(' ');
  return [
    '',
    row.net,
    `\`bitsim train${options === '' ? '' : ` ${options}`}\``,
    `${(test.accuracy * 100).toFixed(2)} % of ${test.images.toLocaleString('en')}`,
    plan.layers.map(({ pe, simd }) => `${pe}×${simd}`).join(', '),
    `${plan.initiationInterval.toLocaleString('en')} / ${plan.latency.toLocaleString('en')}`,
    `${row.family}: ${total(cells, /LUT/)} LUT, ${total(cells, /DFF|^FD/)} FF, ${memoryText(cells)}, ${total(cells, /DSP|MAC16/)} DSP`,
    `${verification.graph.values.toLocaleString('en')} values equal; ${rtl} images equal`,
    '',
  ].join(' | ');
};

const main = (data: string | undefined, names: readonly string[]): void => {
  const scratch = mkdtempSync(join(tmpdir(), 'bitsim-bench-'));
  const yosys = execFileSync('yosys', ['-V'], { encoding: 'utf8' }).split('(')[0]!.trim();
  const rows = ROWS.filter((row) => data !== undefined || !row.official)
    .filter((row) => names.length === 0 || names.includes(row.name))
    .map((row) => {
      console.error(`measuring ${row.name}`);
      return measure(row, data, scratch).trim();
    });
  rmSync(scratch, { recursive: true, force: true });
  const page = `# Results

Written by \`make bench DATA=DIR\` (bench/results.ts) on this tree: Node ${process.version}, tfjs 4.22.0 WASM, ${yosys}, ${cpus().length} cores.
Official rows train on MNIST's 60,000 images and report its 10,000 test images once; the other rows use the embedded digits (8,000 / 2,000). LUT and
flip-flop counts are Yosys's, before placement; DSP inference is on. "Equal" compares every hidden code, every logit and the class.

| net | command | test accuracy | PE×SIMD per layer | cycles an image / latency | after synthesis | verified |
|---|---|---|---|---|---|---|
${rows.join('\n')}

Each row is followed by \`bitsim verify\`, \`bitsim emit --target verilog\` and \`make synth\` in the emitted folder, all with their defaults.
`;
  writeFileSync('docs/results.md', page);
};

main(process.argv[2], process.argv.slice(3));
