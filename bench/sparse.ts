// What skipping zeros brings: nets that were pruned while they were trained, through the command line. Cycles and block RAMs of the first
// layer over foldings, as 2 bits a trit, base 3 and compressed rows; and whole designs placed and routed, every word read
// against zeros skipped. Keeps what it found in bench/results/sparse.json and writes the tables of docs/plan.md.
//   npx tsx bench/sparse.ts [--keep]      measures; --keep: takes runs that are under out/bench/ already
//   npx tsx bench/sparse.ts --page        writes the tables from what is known
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { parseArgs } from 'node:util';
import type { Area } from '../src/arch/folded/estimate.ts';
import { blockRamsOf, weightsOf } from '../src/arch/folded/memories.ts';
import { BASE3_LANES } from '../src/arch/folded/packing.ts';
import { foldLayers } from '../src/arch/folded/plan.ts';
import { readNetwork } from '../src/layers/validate.ts';
import { denseLayers } from '../src/model/network.ts';

const FILE = 'bench/results/sparse.json';
const PAGE = 'docs/plan.md';
const DEVICE = 'hx8k';

interface Net {
  readonly name: string;
  readonly shape: string;
  readonly train: readonly string[];
}

const NETS: readonly Net[] = [
  { name: 'sparse-none', shape: '784-64-10', train: ['--hidden', '64'] },
  { name: 'sparse-90', shape: '784-64-10', train: ['--hidden', '64', '--zeros', '0.9'] },
  {
    name: 'sparse-fan',
    shape: '784-128-10',
    train: ['--hidden', '128', '--fan-in', '96', '--epochs', '80'],
  },
];

/** Foldings of the first layer. */
const FOLDINGS = ['1x1', '1x2', '1x4', '2x2', '4x1', '1x16', '4x4'] as const;

/** Whole designs. */
const DESIGNS: readonly (readonly [net: string, folding: readonly string[]])[] = [
  ['sparse-90', ['--pe', '1,1', '--simd', '1,1', '--skip-zeros', 'on,off']],
  ['sparse-90', ['--pe', '4,1', '--simd', '4,1']],
  ['sparse-90', ['--pe', '4,1', '--simd', '4,1', '--skip-zeros', 'on,off']],
  ['sparse-fan', ['--pe', '1,1', '--simd', '1,1', '--skip-zeros', 'on,off']],
];

interface FoldingRow {
  readonly net: string;
  readonly folding: string;
  readonly allWords: number;
  readonly plainRams: number;
  /** null where lanes do not come in fours. */
  readonly base3Rams: number | null;
  readonly steps: number;
  readonly distanceBits: number;
  readonly romBits: number;
  readonly rowsRams: number;
}

interface DesignRow {
  readonly net: string;
  readonly folding: string;
  readonly skips: boolean;
  readonly interval: number;
  readonly luts: number;
  readonly flipFlops: number;
  readonly blockRams: number;
  readonly dsps: number;
  /** What `bitsim plan` says. */
  readonly estimated: Area;
  /** MHz, and images a second at it. */
  readonly fmax: number;
  readonly rate: number;
  readonly yosys: string;
  readonly nextpnr: string;
}

interface NetRow {
  readonly net: string;
  readonly shape: string;
  readonly options: string;
  readonly zeros: number;
  readonly accuracy: number;
}

interface Results {
  readonly nets: readonly NetRow[];
  readonly foldings: readonly FoldingRow[];
  readonly designs: readonly DesignRow[];
}

const { values } = parseArgs({ options: { keep: { type: 'boolean' }, page: { type: 'boolean' } } });

const json = <T>(...path: string[]): T => JSON.parse(readFileSync(join(...path), 'utf8')) as T;
const runOf = (name: string): string => join('out/bench', name);
const networkOf = (name: string) => readNetwork(join(runOf(name), 'network.json'));

const bitsim = (...args: string[]): string =>
  execFileSync(process.execPath, ['dist/cli/main.js', ...args], {
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });

const train = ({ name, shape, train: options }: Net): NetRow => {
  const run = runOf(name);
  if (!values.keep || !existsSync(join(run, 'network.json')))
    bitsim('train', ...options, '--out', run, '--name', name, '--force');
  const { trits } = denseLayers(networkOf(name))[0]!.weights;
  const { accuracy } = json<{ test: { accuracy: number } }>(run, 'metrics.json').test;
  const zeros = trits.reduce((sum, trit) => sum + (trit === 0 ? 1 : 0), 0) / trits.length;
  return { net: name, shape, options: options.join(' '), zeros, accuracy };
};

const fold = (name: string, folding: string): FoldingRow => {
  const network = networkOf(name);
  const [pe, simd] = folding.split('x').map(Number) as [number, number];
  const request = { pe: [pe, 1], simd: [simd, 1] };
  const first = (packing: '2bit' | 'base3', skip: 'off' | 'on') =>
    foldLayers(network, { ...request, packing, skipZeros: [skip, 'off'] })[0]!;
  const rams = (plan: ReturnType<typeof first>): number => blockRamsOf([weightsOf(plan)], 'ice40');
  const [plain, rows] = [first('2bit', 'off'), first('2bit', 'on')];
  const packed = (pe * simd) % BASE3_LANES === 0 ? first('base3', 'off') : null;
  return {
    net: name,
    folding,
    allWords: plain.cycles,
    plainRams: rams(plain),
    base3Rams: packed && rams(packed),
    steps: rows.cycles,
    distanceBits: rows.sparse!.distanceBits,
    romBits: rows.rom.words * rows.rom.width,
    rowsRams: rams(rows),
  };
};

const estimatedOf = (net: string, options: readonly string[]): Area => {
  const { estimate } = JSON.parse(bitsim('plan', runOf(net), ...options, '--device', DEVICE, '--json'));
  const { luts, flipFlops, blockRams } = estimate;
  return { luts, flipFlops, blockRams };
};

const place = ([net, options]: (typeof DESIGNS)[number]): DesignRow => {
  console.error(`placing ${net} ${options.join(' ')}`);
  const report = JSON.parse(bitsim('synth', runOf(net), '--device', DEVICE, ...options, '--json'));
  const { cells, cycles, fmax, imagesPerSecond, tools, folding } = report;
  return {
    net,
    folding: folding.map((layer: { pe: number; simd: number }) => `${layer.pe}×${layer.simd}`).join(', '),
    skips: options.includes('--skip-zeros'),
    interval: cycles.interval,
    luts: cells.luts,
    flipFlops: cells.flipFlops,
    blockRams: cells.blockRams,
    dsps: cells.dsps,
    estimated: estimatedOf(net, options),
    fmax,
    rate: imagesPerSecond,
    yosys: tools.yosys,
    nextpnr: tools.nextpnr,
  };
};

const keep = (results: Results): void => {
  mkdirSync(dirname(FILE), { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(results, null, 2)}\n`);
};

const measure = (): void => {
  const nets = NETS.map(train);
  const foldings = nets.flatMap(({ net }) => FOLDINGS.map((folding) => fold(net, folding)));
  const designs: DesignRow[] = [];
  for (const design of DESIGNS) {
    designs.push(place(design));
    keep({ nets, foldings, designs });
  }
};

const thousands = (n: number): string => Math.floor(n).toLocaleString('en-US');
const percents = (share: number): string => `${(100 * share).toFixed(1)} %`;

const foldingTable = ({ nets, foldings }: Results): string[] => [
  `| first layer, PE×SIMD | words of 784 × 64 | their block RAM, 2 bits / base 3 |${nets.map(({ shape, zeros }) => ` ${shape}, ${percents(zeros)} zeros: words, block RAM |`).join('')}`,
  `|---|---|---|${nets.map(() => '---|').join('')}`,
  ...FOLDINGS.map((folding) => {
    const rows = nets.map(({ net }) => foldings.find((row) => row.net === net && row.folding === folding)!);
    const all = rows.find((row) => row.net === nets[0]!.net)!;
    const cells = rows.map(
      ({ steps, rowsRams, allWords }) =>
        ` ${thousands(steps)} (${percents(steps / allWords)}), ${rowsRams} |`,
    );
    return `| ${folding.replace('x', '×')} | ${thousands(all.allWords)} | ${all.plainRams} / ${all.base3Rams ?? '–'} |${cells.join('')}`;
  }),
];

const errorLine = ({ designs }: Results): string => {
  const worst = (of: keyof Area): string =>
    percents(
      Math.max(
        ...designs.filter(({ skips }) => skips).map((row) => Math.abs(row.estimated[of] / row[of] - 1)),
      ),
    );
  return `Estimates of the designs that skip zeros are off by at most ${worst('luts')} in LUTs, ${worst('flipFlops')} in flip-flops and ${worst('blockRams')} in block RAMs.`;
};

const designTable = ({ nets, designs }: Results): string[] => [
  '| net | accuracy | zeros | PE×SIMD | reads | cycles an image | LUT | FF | block RAM | MHz | images/s |',
  '|---|---|---|---|---|---|---|---|---|---|---|',
  ...designs.map((row) => {
    const { shape, zeros, accuracy, options } = nets.find(({ net }) => net === row.net)!;
    const what = `${shape}${options
      .replace(/--hidden \d+/, '')
      .replace(/(--.*)/, ' `$1`')
      .replaceAll('  ', ' ')}`;
    const counts = [row.interval, row.luts, row.flipFlops, row.blockRams].map(thousands).join(' | ');
    return `| ${what} | ${percents(accuracy)} | ${percents(zeros)} | ${row.folding} | ${row.skips ? 'no zeros' : 'all'} | ${counts} | ${row.fmax.toFixed(1)} | ${thousands(row.rate)} |`;
  }),
];

const writeBetween = (page: string, name: string, lines: readonly string[]): string => {
  const [begin, end] = [`<!-- ${name} -->\n`, `\n<!-- end of ${name} -->`];
  const [before, rest] = page.split(begin);
  const after = rest?.split(end)[1];
  if (before === undefined || after === undefined) throw new Error(`${PAGE} has no place for ${name}`);
  return `${before}${begin}\n${lines.join('\n')}\n${end}${after}`;
};

if (!values.page) measure();
const results = json<Results>(FILE);
const { yosys, nextpnr } = results.designs[0]!;
const tools = `Trained on the embedded digits, seed 1 (784-64-10 without pruning: ${percents(results.nets[0]!.accuracy)}); ${DEVICE}, Yosys ${yosys}, nextpnr ${nextpnr}, placer seed 1; no DSP in any.`;
const page = writeBetween(readFileSync(PAGE, 'utf8'), 'sparse foldings', foldingTable(results));
writeFileSync(
  PAGE,
  writeBetween(page, 'sparse designs', [...designTable(results), '', tools, errorLine(results)]),
);
