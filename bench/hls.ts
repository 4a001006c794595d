// C simulation of the emitted HLS C++: compile time, memory and images a second, with g++ and clang++ at -O2.
// Writes the table of docs/hls.md and bench/results/hls.json.   npx tsx bench/hls.ts
import { measureProgram, versionOf, withEmitted, writeResults } from './program.ts';

/** Name, outputs, PE, SIMD, images. */
const NETS: readonly (readonly [string, number[], number[], number[], number])[] = [
  ['784-64-10', [64, 10], [4, 1], [4, 1], 4000],
  ['784-1024-10', [1024, 10], [16, 2], [16, 4], 400],
];
const FLAGS = '-std=c++14 -O2 -Wno-unknown-pragmas -DBITSIM_TAPS -Iinclude -Isrc -Ishim'.split(' ');

const measure = ([net, outputs, pe, simd, images]: (typeof NETS)[number], compiler: string) =>
  withEmitted({ target: 'hls', outputs, folding: { pe, simd }, images }, (folder, { program }) => ({
    net: `${net}, PE ${pe.join(',')}, SIMD ${simd.join(',')}`,
    compiler: versionOf(compiler)!,
    ...measureProgram(folder, compiler, [...FLAGS, ...program!.sources], images),
  }));

const compilers = ['g++', 'clang++'].filter((compiler) => versionOf(compiler) !== undefined);
const rows = NETS.flatMap((net) => compilers.map((compiler) => measure(net, compiler)));
writeResults(
  'hls',
  { rows },
  {
    table: [
      '| net and folding | compiler, -O2 | compile, s | program, MB | images a second of processor time |',
      '|---|---|---|---|---|',
      ...rows.map(
        (r) => `| ${r.net} | ${r.compiler} | ${r.compileSeconds} | ${r.megabytes} | ${r.imagesPerSecond} |`,
      ),
    ],
  },
);
