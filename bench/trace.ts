// Speed of traces: every accumulator of every cycle of an image in memory, beside Verilator writing a VCD of the emitted
// RTL of the same net. CPU time, medians over interleaved rounds of one run. Writes bench/results/trace.json and the
// table of docs/trace.md.
//   npx tsx bench/trace.ts [--data DIR] [--rounds 5]        without Verilator its rows are left out, and that is said
import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { planFolded } from '../src/arch/folded/plan.ts';
import { traceFrame } from '../src/arch/folded/trace.ts';
import { emit } from '../src/codegen/emit.ts';
import { traceWaves } from '../src/codegen/targets/verilog/waves.ts';
import { loadDataset } from '../src/data/index.ts';
import { pixelsOf } from '../src/model/dataset.ts';
import { evaluate } from '../src/sim/reference.ts';
import { makeFolder, writeFileWhole } from '../src/util/files.ts';
import { seededRandom } from '../src/util/random.ts';
import { randomNetwork } from '../test/support/networks.ts';

const IMAGES = 500;
const VERILATED = 4;

const { values } = parseArgs({
  options: { data: { type: 'string' }, rounds: { type: 'string', default: '5' } },
});
const ROUNDS = Number(values.rounds);

const network = randomNetwork(
  {
    shape: [28, 28],
    outputs: [1024, 10],
    inputBits: 7,
    actBits: 8,
    alphabet: 'ternary',
    shift: 5,
    bias: false,
    zeros: 0.42,
  },
  1,
);
const plan = planFolded(network, { pe: [16, 2], simd: [16, 2] });
const digits = loadDataset(values.data).test;
const random = seededRandom(1, 'bench');
const uniform = Uint8Array.from({ length: IMAGES * 784 }, () => random.below(256));
const digit = (i: number): Uint8Array => pixelsOf(digits, i);
const noise = (i: number): Uint8Array => uniform.subarray(i * 784, (i + 1) * 784);

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

/** CPU ms of one image. */
const traces = (image: (i: number) => Uint8Array): number => {
  const began = cpuMs();
  for (let i = 0; i < IMAGES; i++) traceFrame(network, plan, image(i));
  return (cpuMs() - began) / IMAGES;
};

const waves = (): number => {
  const trace = traceFrame(network, plan, digit(0));
  const began = cpuMs();
  traceWaves(trace, { from: 0, cycles: trace.schedule.cycles });
  return cpuMs() - began;
};

for (const image of [digit, noise]) {
  for (let i = 0; i < 50; i++) {
    const expected = evaluate(network, image(i));
    const { layers } = traceFrame(network, plan, image(i)).frames[0]!;
    expected.layers.forEach(({ accumulators }, layer) => {
      if (accumulators.some((value, r) => value !== layers[layer]!.accumulators[r]))
        throw new Error(`image ${i}, layer ${layer}: not the reference model's accumulators`);
    });
  }
}

const must = (command: string, args: readonly string[], cwd: string): string => {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8' });
  if (status !== 0) throw new Error(`${command}: ${stderr}${stdout}`);
  return `${stdout}${stderr}`;
};

interface Verilated {
  /** CPU ms of one image, with and without a VCD. */
  readonly run: (vcd: boolean) => number;
  /** Of the last VCD, which is one of one image. */
  readonly megabytes: () => number;
}

/** Verilator on the emitted RTL and testbench, built with tracing; start-up is taken out by a second, shorter run. */
const verilator = (folder: string): Verilated => {
  const vectors = Array.from({ length: VERILATED + 1 }, (_, image) => ({
    image,
    label: 0,
    pixels: digit(image),
    trace: evaluate(network, digit(image)),
  }));
  const { files } = emit({
    network,
    plan,
    target: 'verilog',
    rom: 'readmemh',
    vectors,
    toolVersion: 'bench',
  });
  for (const [path, content] of files) writeFileWhole(join(folder, path), content);
  makeFolder(join(folder, 'build/v'));
  const build = [
    '--binary',
    '--trace',
    '-Wall',
    '--top-module',
    'tb',
    '-Mdir',
    'build/v',
    '-f',
    'files.f',
    'tb/tb.v',
  ];
  must('verilator', build, folder);
  const cpu = (images: number, vcd: boolean): number => {
    const command = `TIMEFORMAT='cpu %U %S'; time build/v/Vtb +images=${images} +stall=0 +vcd=${vcd ? 1 : 0}`;
    const said = must('bash', ['-c', command], folder);
    if (!said.includes('bitsim-tb: PASS')) throw new Error(said);
    const [, user, system] = /cpu (\S+) (\S+)/.exec(said)!;
    return (Number(user) + Number(system)) * 1e3;
  };
  return {
    run: (vcd) => (cpu(VERILATED + 1, vcd) - cpu(1, vcd)) / VERILATED,
    megabytes: () => statSync(join(folder, 'build/tb.vcd')).size / 2 ** 20,
  };
};

const folder = mkdtempSync(join(tmpdir(), 'bitsim-trace-'));
const have = spawnSync('verilator', ['--version'], { encoding: 'utf8' });
const verilated = have.status === 0 ? verilator(folder) : undefined;
const contenders: [name: string, run: () => number][] = [
  ['bitsim, all cycles in memory, digits', () => traces(digit)],
  ['bitsim, all cycles in memory, uniform random pixels', () => traces(noise)],
  ['bitsim, all cycles of a digit as VCD text', waves],
];
if (verilated !== undefined) {
  contenders.push(['Verilator, emitted RTL, VCD of everything', () => verilated.run(true)]);
  contenders.push(['Verilator, emitted RTL, no VCD', () => verilated.run(false)]);
}
const times = contenders.map((): number[] => []);
for (let round = 0; round <= ROUNDS; round++) {
  for (const [i, [, run]] of contenders.entries()) {
    const ms = run();
    if (round > 0) times[i]!.push(ms); // the first round warms up
  }
}
const lines = contenders.map(([name], i) => ({ name, ms: median(times[i]!) }));
const version = have.stdout?.split(' ').slice(0, 2).join(' ') ?? null;
const megabytes = verilated?.megabytes() ?? null;
rmSync(folder, { recursive: true, force: true });

const result = {
  machine: cpus()[0]!.model.trim(),
  node: process.version,
  verilator: version,
  rounds: ROUNDS,
  megabytes,
  lines,
};
writeFileWhole('bench/results/trace.json', `${JSON.stringify(result, null, 2)}\n`);
const shown = (ms: number): string => (ms < 10 ? ms.toFixed(3) : Math.round(ms).toLocaleString('en-US'));
const rate = (ms: number): string =>
  1e3 / ms < 10 ? (1e3 / ms).toFixed(1) : Math.round(1e3 / ms).toLocaleString('en-US');
const table = [
  '| | CPU ms an image | images/s |',
  '|---|---|---|',
  ...lines.map(({ name, ms }) => `| ${name} | ${shown(ms)} | ${rate(ms)} |`),
  '',
  `${result.machine}, Node ${result.node}, ${version ?? 'no Verilator'}. One core; medians over ${ROUNDS} interleaved rounds.`,
  ...(megabytes === null ? [] : [`Verilator's VCD of one image has ${Math.round(megabytes)} MB.`]),
].join('\n');
const page = readFileSync('docs/trace.md', 'utf8');
const block = /(<!-- speed -->\n).*?(<!-- end -->)/s;
writeFileWhole(
  'docs/trace.md',
  page.replace(block, (_, open, close) => `${open}${table}\n${close}`),
);
process.stdout.write(`${table}\n`);
