// Calibrates and judges the area estimates: random designs through Yosys (synth_ice40), what they are made of beside what Yosys
// made of it. Keeps the sweep in bench/results/estimates.json. Seed 1 is fitted, other seeds judge.
//   npx tsx bench/estimates.ts --designs 40 --seed 2     measures
//   npx tsx bench/estimates.ts --fit                     prints the weights that fit seed 1 best
//   npx tsx bench/estimates.ts                           writes the table of docs/plan.md from what is known
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { type Area, estimate, featuresOf } from '../src/arch/folded/estimate.ts';
import { divisorsOf } from '../src/arch/folded/folding.ts';
import { planFolded } from '../src/arch/folded/plan.ts';
import { writeFolder } from '../src/cli/emitted-folder.ts';
import { emit } from '../src/codegen/emit.ts';
import { parseCells } from '../src/report/cells.ts';
import { seededRandom } from '../src/util/random.ts';
import { type NetworkRecipe, randomNetwork, randomVectors } from '../test/support/networks.ts';

const PAGE = 'docs/plan.md';
const FILE = 'bench/results/estimates.json';

const FLOWS = {
  ice40: 'synth_ice40 -dsp',
  ecp5: 'synth_ecp5',
  xilinx: 'synth_xilinx -family xc7 -flatten',
} as const;
type Family = keyof typeof FLOWS;

interface Sample {
  readonly family: Family;
  readonly seed: number;
  readonly index: number;
  readonly design: string;
  readonly luts: number;
  readonly flipFlops: number;
  readonly blockRams: number;
}

const SHAPES: readonly (readonly [[number, number], number])[] = [
  [[28, 28], 1],
  [[28, 28], 2],
  [[14, 14], 1],
  [[16, 16], 1],
  [[8, 8], 1],
];
const OUTPUTS = [[64, 10], [128, 10], [32, 10], [128, 128, 10], [64, 32, 10], [48, 12], [10]];

const { values } = parseArgs({
  options: {
    designs: { type: 'string' },
    seed: { type: 'string', default: '1' },
    family: { type: 'string', default: 'ice40' },
    fit: { type: 'boolean' },
  },
});

/** A design that fits an iCE40, more or less. */
const draw = (seed: number, index: number) => {
  const random = seededRandom(seed, 'estimates', index);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const [shape, pool] = pick(SHAPES);
  const outputs = pick(OUTPUTS);
  const kind = random.below(8);
  const recipe: NetworkRecipe = {
    shape,
    pool,
    outputs,
    inputBits: pick([1, 4, 7, 8]),
    actBits: kind === 1 ? 2 : pick([4, 8]),
    alphabet: random.below(6) === 0 ? 'binary' : 'ternary',
    shift: kind === 0 ? 'dynamic' : kind === 1 ? 'thresholds' : 5,
    bias: random.below(5) === 0,
  };
  const network = randomNetwork(recipe, index);
  let inputs = (shape[0] / pool) * (shape[1] / pool);
  const folding = outputs.map((count, i) => {
    const most = i === 0 ? 64 : 16;
    const all = divisorsOf(count).flatMap((pe) => divisorsOf(inputs).map((simd) => ({ pe, simd })));
    inputs = count;
    const fitting = all.filter(({ pe, simd }) => pe * simd <= most && pe <= 16 && simd <= 16);
    return pick(fitting);
  });
  const pe = folding.map((f) => f.pe);
  const simd = folding.map((f) => f.simd);
  return { network, label: JSON.stringify({ ...recipe, pe, simd }), plan: planFolded(network, { pe, simd }) };
};

const measure = (family: Family, seed: number, index: number): Sample => {
  const { network, plan, label } = draw(seed, index);
  const bundle = emit({
    network,
    plan,
    target: 'verilog',
    rom: 'readmemh',
    vectors: randomVectors(network, 1, 1),
    toolVersion: '0.0.0-bench',
  });
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-bench-'));
  try {
    writeFolder(folder, bundle.files);
    const { top } = bundle.manifest;
    const read = readFileSync(join(folder, 'files.f'), 'utf8').trim().split('\n').join(' ');
    const script = `read_verilog ${read}; ${FLOWS[family]} -top ${top.module}; tee -q -o stat.json stat -top ${top.module} -json`;
    execFileSync('yosys', ['-q', '-p', script], { cwd: folder, stdio: ['ignore', 'ignore', 'inherit'] });
    const { luts, flipFlops, blockRams } = parseCells(readFileSync(join(folder, 'stat.json'), 'utf8'));
    console.error(
      `${family}/${seed}/${index}: ${label}: ${luts} LUT, ${flipFlops} FF, ${blockRams} block RAM`,
    );
    return { family, seed, index, design: label, luts, flipFlops, blockRams };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const known = (): Sample[] => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Sample[]) : []);

const keep = (samples: readonly Sample[]): void =>
  writeFileSync(FILE, `[\n${samples.map((sample) => JSON.stringify(sample)).join(',\n')}\n]\n`);

/** Weights >= 0 that make the sum of squared relative errors smallest, by coordinate descent. */
const leastSquares = (samples: readonly Sample[], of: 'luts' | 'flipFlops'): Record<string, number> => {
  const rows = samples.map((sample) => {
    const { network, plan } = draw(sample.seed, sample.index);
    return Object.values(featuresOf(network, plan.layers, sample.family)).map(
      (value: number) => value / sample[of],
    );
  });
  const names = Object.keys(featuresOf(draw(1, 0).network, draw(1, 0).plan.layers, 'ice40'));
  const weights = names.map(() => 0);
  const left = rows.map(() => 1);
  for (let round = 0; round < 20_000; round++)
    for (const [k] of names.entries()) {
      const power = rows.reduce((sum, row) => sum + row[k]! ** 2, 0);
      if (power === 0) continue;
      const step = rows.reduce((sum, row, i) => sum + row[k]! * left[i]!, 0) / power;
      const next = Math.max(0, weights[k]! + step);
      rows.forEach((row, i) => {
        left[i]! -= row[k]! * (next - weights[k]!);
      });
      weights[k] = next;
    }
  return Object.fromEntries(
    names.map((name, k) => [name, Number(weights[k]!.toFixed(3))]).filter(([, w]) => w !== 0),
  );
};

if (values.designs !== undefined) {
  mkdirSync('bench/results', { recursive: true });
  for (let i = 0; i < Number(values.designs); i++)
    if (
      !known().some(
        ({ family, seed, index }) => family === values.family && seed === Number(values.seed) && index === i,
      )
    )
      keep([...known(), measure(values.family as Family, Number(values.seed), i)]);
} else if (values.fit) {
  const samples = known().filter(({ family, seed }) => family === values.family && seed === 1);
  console.log({ luts: leastSquares(samples, 'luts'), flipFlops: leastSquares(samples, 'flipFlops') });
}

/** `estimated / counted - 1` of each design, absolute, ascending. */
const errorsOf = (samples: readonly Sample[], of: keyof Area): number[] =>
  samples
    .map((sample) => {
      const { network, plan } = draw(sample.seed, sample.index);
      return Math.abs(estimate(network, plan.layers, sample.family)[of] / sample[of] - 1);
    })
    .sort((a, b) => a - b);

const percents = (share: number): string => `${(100 * share).toFixed(1)} %`;

const NAMES = { ice40: 'iCE40', ecp5: 'ECP5', xilinx: 'Xilinx 7' } as const;
const WHAT = { luts: 'LUT', flipFlops: 'flip-flops', blockRams: 'block RAM' } as const;

const errorRows = (family: Family, fitted: boolean): string[] =>
  (['luts', 'flipFlops', 'blockRams'] as const).map((of) => {
    // a design without block RAM has no relative error in them
    const samples = known().filter(
      (sample) => sample.family === family && (sample.seed === 1) === fitted && sample[of] > 0,
    );
    const errors = errorsOf(samples, of);
    const middle = errors[errors.length >> 1]!;
    const ninth = errors[Math.floor(errors.length * 0.9)]!;
    const which = fitted ? 'fitted' : 'not used for the fit';
    return `| ${NAMES[family]} | ${WHAT[of]} | ${which} | ${errors.length} | ${percents(middle)} | ${percents(ninth)} | ${percents(errors.at(-1)!)} |`;
  });

const writeTable = (): void => {
  const families = Object.keys(NAMES) as Family[];
  const table = [
    '| family | estimate of | designs | number | median error | nine of ten within | worst |',
    '|---|---|---|---|---|---|---|',
    ...families.flatMap((family) => [...errorRows(family, false), ...errorRows(family, true)]),
  ].join('\n');
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = ['<!-- errors -->\n', '\n<!-- end of errors -->'];
  const [before, rest] = page.split(begin);
  writeFileSync(PAGE, `${before}${begin}\n${table}\n${end}${rest!.split(end)[1]}`);
};

if (values.designs === undefined && !values.fit) writeTable();
