// The C target: images a second on this machine, and bytes of code and constants for microcontrollers whose compilers are there
// (on Debian gcc-arm-none-eabi and gcc-riscv64-unknown-elf). Writes docs/c.md and bench/results/c.json.   npx tsx bench/c.ts
import type { FoldingRequest } from '../src/arch/folded/plan.ts';
import { measureProgram, timed, versionOf, withEmitted, writeResults } from './program.ts';

const IMAGES = 800;
const FEW = 4;
const NETS: readonly (readonly [string, readonly number[], FoldingRequest])[] = [
  ['784-64-10, 2 bits a trit', [64, 10], { packing: '2bit' }],
  ['784-64-10, five trits a byte', [64, 10], { pe: [4, 1], simd: [4, 4], packing: 'base3' }],
  ['784-1024-10, 2 bits a trit', [1024, 10], { packing: '2bit' }],
];
const FLAGS = '-std=c99 -O2'.split(' ');

const PROCESSORS: readonly (readonly [name: string, cross: string, flags: readonly string[]])[] = [
  ['Cortex-M0', 'arm-none-eabi-', ['-mcpu=cortex-m0', '-mthumb']],
  ['Cortex-M4', 'arm-none-eabi-', ['-mcpu=cortex-m4', '-mthumb']],
  ['RV32EC', 'riscv64-unknown-elf-', ['-march=rv32ec', '-mabi=ilp32e']],
  ['RV32IC', 'riscv64-unknown-elf-', ['-march=rv32ic', '-mabi=ilp32']],
];

const speed = ([net, outputs, folding]: (typeof NETS)[number], compiler: string) =>
  withEmitted({ target: 'c', outputs, folding, images: IMAGES }, (folder, { program }) => ({
    net,
    compiler: versionOf(compiler)!,
    ...measureProgram(folder, compiler, [...FLAGS, ...program!.sources], IMAGES),
  }));

const MULTIPLIES = /\s(muls?|mla|umull|smull|mulhu?|mulw)\s/;

const size = (
  [net, outputs, folding]: (typeof NETS)[number],
  [name, cross, flags]: (typeof PROCESSORS)[number],
) =>
  withEmitted({ target: 'c', outputs, folding, images: FEW }, (folder, { files, manifest }) => {
    const { module } = manifest.top;
    const source = `src/${module}.c`;
    timed(
      `${cross}gcc`,
      ['-std=c99', '-Os', '-ffreestanding', ...flags, '-c', '-o', 'net.o', source],
      folder,
    );
    const [text, data, bss] = timed(`${cross}size`, ['net.o'], folder)
      .out.split('\n')[1]!
      .trim()
      .split(/\s+/);
    const code = timed(`${cross}objdump`, ['-d', 'net.o'], folder).out;
    if (MULTIPLIES.test(code)) throw new Error(`${net} on ${name}: a multiplication`);
    const state = /(\d+) bytes\. Nothing/.exec(files.get(`src/${module}.h`)!)![1];
    return {
      net,
      processor: name,
      compiler: versionOf(`${cross}gcc`)!,
      flash: Number(text) + Number(data),
      ram: Number(bss),
      state: Number(state),
    };
  });

const compilers = ['gcc', 'clang'].filter((compiler) => versionOf(compiler) !== undefined);
const speeds = NETS.flatMap((net) => compilers.map((compiler) => speed(net, compiler)));
const processors = PROCESSORS.filter(([, cross]) => versionOf(`${cross}gcc`) !== undefined);
const sizes = NETS.flatMap((net) => processors.map((processor) => size(net, processor)));
writeResults(
  'c',
  { speeds, sizes },
  {
    speed: [
      '| net | compiler, -O2 | images a second of processor time |',
      '|---|---|---|',
      ...speeds.map((r) => `| ${r.net} | ${r.compiler} | ${r.imagesPerSecond} |`),
    ],
    size: [
      '| net | processor | compiler, -Os | flash, bytes | state, bytes |',
      '|---|---|---|---|---|',
      ...sizes.map((r) => `| ${r.net} | ${r.processor} | ${r.compiler} | ${r.flash} | ${r.state} |`),
    ],
  },
);
