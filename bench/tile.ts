// Tiny Tapeout tiles of runs: cells that Yosys makes of them, in gates of no technology. Writes the table of docs/hardware.md and
// bench/results/tile.json.   npx tsx bench/tile.ts RUN [RUN...]
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { planFolded } from '../src/arch/folded/plan.ts';
import { emit } from '../src/codegen/emit.ts';
import { readNetwork } from '../src/layers/validate.ts';
import { denseLayers, type Network } from '../src/model/network.ts';
import { randomVectors } from '../test/support/networks.ts';
import { timed, versionOf } from './program.ts';

const yosys = spawnSync('yosys', ['-V'], { encoding: 'utf8' }).stdout.split(' (')[0]!;

const cellsOf = (folder: string, top: string): { cells: number; flipFlops: number } => {
  const script = [
    'read_verilog asic/tinytapeout/src/*.v',
    `synth -flatten -top ${top}`,
    'select -assert-none t:$mul t:$mem* t:$_DLATCH*',
    'abc -g AND,NAND,OR,NOR,XOR,XNOR,MUX',
    'opt_clean',
    'tee -q -o stat.txt stat',
  ].join('; ');
  timed('yosys', ['-q', '-p', script], folder);
  const counts = [...readFileSync(join(folder, 'stat.txt'), 'utf8').matchAll(/^ +\$_(\w+)_ +(\d+)$/gm)];
  const sum = (which: (type: string) => boolean): number =>
    counts.filter(([, type]) => which(type!)).reduce((total, [, , count]) => total + Number(count), 0);
  return { cells: sum(() => true), flipFlops: sum((type) => /DFF/.test(type)) };
};

const shapeOf = (network: Network): string => {
  const layers = denseLayers(network);
  return [layers[0]!.weights.cols, ...layers.map(({ weights }) => weights.rows)].join('-');
};

const measure = (run: string) => {
  const network = readNetwork(join(run, 'network.json'));
  const metrics = JSON.parse(readFileSync(join(run, 'metrics.json'), 'utf8')) as {
    test: { accuracy: number };
  };
  const ones = denseLayers(network).map(() => 1);
  const plan = planFolded(network, { pe: ones, simd: ones });
  const { files, manifest } = emit({
    network,
    plan,
    target: 'verilog',
    rom: 'case',
    flows: ['tinytapeout'],
    vectors: randomVectors(network, 4, 1),
    toolVersion: '0.0.0-bench',
  });
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-bench-'));
  try {
    for (const [path, text] of files) {
      mkdirSync(dirname(join(folder, path)), { recursive: true });
      writeFileSync(join(folder, path), text);
    }
    timed('make', ['-s', '-C', 'asic/tinytapeout/test'], folder);
    const requantize = denseLayers(network)[0]!.requantize;
    return {
      shape: shapeOf(network),
      inputBits: network.input.code.bits,
      hiddenBits: requantize.kind === 'none' ? 0 : requantize.output.bits,
      accuracy: metrics.test.accuracy,
      interval: plan.initiationInterval,
      ...cellsOf(folder, `tt_um_${manifest.top.module}`),
    };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const rows = process.argv.slice(2).map(measure);
const tools = `${yosys}, ${versionOf('verilator')}`;
mkdirSync('bench/results', { recursive: true });
writeFileSync('bench/results/tile.json', `${JSON.stringify({ tools, rows }, null, 2)}\n`);
const table = [
  '| net, PE 1, SIMD 1 | input bits | hidden bits | accuracy, 2,000 embedded digits | cells | of them flip-flops | cycles an image |',
  '|---|---|---|---|---|---|---|',
  ...rows.map(
    (r) =>
      `| ${r.shape} | ${r.inputBits} | ${r.hiddenBits} | ${(100 * r.accuracy).toFixed(1)} % | ${r.cells} | ${r.flipFlops} | ${r.interval} |`,
  ),
].join('\n');
console.log(`${table}\n\n${tools}`);
const page = readFileSync('docs/hardware.md', 'utf8');
writeFileSync(
  'docs/hardware.md',
  page.replace(
    /(<!-- tile -->\n)[\s\S]*?(<!-- end -->)/,
    (_, open, close) => `${open}${table}\n\n${tools}\n${close}`,
  ),
);
