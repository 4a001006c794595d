// C simulation of the emitted HLS C++: compile time, memory and images a second, with g++ and clang++ at -O2.
// Writes the table of docs/hls.md and bench/results/hls.json.   npx tsx bench/hls.ts
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planFolded } from '../src/arch/folded/plan.ts';
import { emit } from '../src/codegen/emit.ts';
import { randomNetwork, randomVectors } from '../test/support/networks.ts';

const IMAGES = 200;
const NETS: readonly (readonly [string, number[], number[], number[]])[] = [
  ['784-64-10', [64, 10], [4, 1], [4, 1]],
  ['784-1024-10', [1024, 10], [16, 2], [16, 4]],
];
const FLAGS = '-std=c++14 -O2 -Wno-unknown-pragmas -DBITSIM_TAPS -Iinclude -Isrc -Ishim'.split(' ');

interface Row {
  readonly net: string;
  readonly compiler: string;
  readonly compileSeconds: number;
  readonly megabytes: number;
  readonly imagesPerSecond: number;
}

/** Runs a program; wall time. */
const timed = (command: string, args: readonly string[], cwd: string): { seconds: number; out: string } => {
  const began = performance.now();
  const { status, stdout, stderr } = spawnSync(command, args, { cwd, encoding: 'utf8', maxBuffer: 2 ** 28 });
  if (status !== 0) throw new Error(`${command}: ${stdout}${stderr}`);
  return { seconds: (performance.now() - began) / 1000, out: stdout };
};

const versionOf = (compiler: string): string | undefined => {
  const { status, stdout } = spawnSync(compiler, ['--version'], { encoding: 'utf8' });
  return status === 0 ? stdout.split('\n')[0]! : undefined;
};

const measure = ([net, outputs, pe, simd]: (typeof NETS)[number], compiler: string): Row => {
  const network = randomNetwork(
    {
      shape: [28, 28],
      outputs,
      inputBits: 7,
      actBits: 8,
      alphabet: 'ternary',
      shift: 5,
      bias: false,
      zeros: 0.42,
    },
    1,
  );
  const { files, manifest } = emit({
    network,
    plan: planFolded(network, { pe, simd }),
    target: 'hls',
    rom: 'readmemh',
    vectors: randomVectors(network, IMAGES, 1),
    toolVersion: '0.0.0-bench',
  });
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-bench-'));
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    const sources = [`src/${manifest.top.module}.cpp`, 'tb/tb.cpp'];
    const compile = timed(compiler, [...FLAGS, '-o', 'csim', ...sources], folder).seconds;
    const megabytes = readFileSync(join(folder, 'csim')).length / 1e6;
    const few = timed('./csim', ['4'], folder).seconds;
    const many = timed('./csim', [String(IMAGES)], folder);
    if (!many.out.endsWith('PASS\n')) throw new Error(many.out);
    return {
      net: `${net}, PE ${pe.join(',')}, SIMD ${simd.join(',')}`,
      compiler: versionOf(compiler)!,
      compileSeconds: Number(compile.toFixed(2)),
      megabytes: Number(megabytes.toFixed(2)),
      imagesPerSecond: Math.round((IMAGES - 4) / (many.seconds - few)),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const compilers = ['g++', 'clang++'].filter((compiler) => versionOf(compiler) !== undefined);
const rows = NETS.flatMap((net) => compilers.map((compiler) => measure(net, compiler)));
const tools = `Node ${process.version}, ${cpus()[0]!.model.trim()}`;
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/hls.json', `${JSON.stringify({ tools, rows }, null, 2)}\n`);
const table = [
  '| net and folding | compiler, -O2 | compile, s | program, MB | images a second |',
  '|---|---|---|---|---|',
  ...rows.map(
    (r) => `| ${r.net} | ${r.compiler} | ${r.compileSeconds} | ${r.megabytes} | ${r.imagesPerSecond} |`,
  ),
].join('\n');
console.log(`${table}\n\n${tools}`);
const page = readFileSync('docs/hls.md', 'utf8');
writeFileSync(
  'docs/hls.md',
  page.replace(
    /(<!-- table -->\n)[\s\S]*?(<!-- end -->)/,
    (_, open, close) => `${open}${table}\n\n${tools}\n${close}`,
  ),
);
