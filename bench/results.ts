// Measures the tables of docs/results.md and README.md: trains, verifies, emits and synthesizes named configurations with the
// command line itself, keeps what it found in bench/results/results.json, and writes both pages from that file.
//   npx tsx bench/results.ts [--data DIR] [--seeds 1,2,3] [--keep] [--accuracy | --hardware] [--all | ROW ...]
//   npx tsx bench/results.ts                 writes the pages anew from what is known, and measures nothing
// --data: the folder with the four MNIST IDX files; without it only rows on the embedded digits are measured. --keep: take
// runs that are under out/bench/ already. --accuracy: leave emission and synthesis out. --hardware: only those, of the first
// seed, whose accuracy must be the one that is known.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import type { BigRow } from './big.ts';
import { ROWS, type Row } from './rows.ts';
import { commandOf, type Hardware, type Result, resultsPage, thousands, withPresetTable } from './tables.ts';

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
  /** Leave out what is known of the accuracy. */
  readonly hardwareOnly: boolean;
}

interface Metrics {
  readonly test: { readonly accuracy: number; readonly images: number };
}

const toolsText = (): string => {
  const yosys = spawnSync('yosys', ['-V'], { encoding: 'utf8' }).stdout?.split('(')[0]?.trim() ?? 'no Yosys';
  const tfjs = json<{ version: string }>('node_modules/@tensorflow/tfjs-core/package.json').version;
  return `Node ${process.version}, tfjs ${tfjs} WASM, ${yosys}, ${cpus()[0]!.model.trim()}`;
};

/** Hardware for accuracies that were measured before: the first seed again, which must give the same. */
const addHardware = (row: Row, settings: Settings): Result => {
  const before = known().find((result) => result.row === row.name);
  if (before === undefined || row.device === undefined)
    throw new Error(`${row.name} needs a device in bench/rows.ts, and an accuracy to add hardware to`);
  trainSeed(row, '1', settings);
  const { accuracy } = json<Metrics>(runOf(row.name, '1'), 'metrics.json').test;
  if (accuracy !== before.accuracy['1'])
    throw new Error(`${row.name}, seed 1: ${accuracy}, where ${before.accuracy['1']} was measured before`);
  return { ...before, hardware: measureHardware(row, row.device), tools: toolsText() };
};

const measure = (row: Row, settings: Settings): Result => {
  if (settings.hardwareOnly) return addHardware(row, settings);
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

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    data: { type: 'string' },
    seeds: { type: 'string', default: '1,2,3' },
    keep: { type: 'boolean', default: false },
    all: { type: 'boolean', default: false },
    accuracy: { type: 'boolean', default: false },
    hardware: { type: 'boolean', default: false },
  },
});
const settings: Settings = {
  data: values.data,
  keep: values.keep,
  seeds: values.seeds.split(','),
  accuracyOnly: values.accuracy,
  hardwareOnly: values.hardware,
};
const unknown = positionals.filter((name) => !ROWS.some((row) => row.name === name));
if (unknown.length > 0)
  throw new Error(`no row ${unknown.join(', ')}; rows: ${ROWS.map((r) => r.name).join(', ')}`);
const wanted = ROWS.filter(({ name }) => values.all || positionals.includes(name));
for (const row of wanted.filter(({ official }) => !official || values.data !== undefined))
  keepResult(measure(row, settings));
writeFileSync('docs/results.md', resultsPage(known(), json<BigRow[]>('bench/results/big.json')));
writeFileSync('README.md', withPresetTable(readFileSync('README.md', 'utf8'), known()));
