// Calibrates and judges the clock estimate: designs through Yosys and nextpnr for iCE40 parts, what they reach beside what is estimated.
// Keeps the sweep in bench/results/clock.json. Seed 1 is fitted, other seeds judge; seed 0 is two nets with registers added.
//   npx tsx bench/clock.ts --part up5k --seed 1 --designs 8     measures
//   npx tsx bench/clock.ts --fit                                prints the delays that fit seeds 0 and 1 best
//   npx tsx bench/clock.ts                                      writes the tables of docs/plan.md from what is known
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import {
  CLOCK_PARTS,
  type ClockPart,
  DELAYS,
  type Delays,
  delayOf,
  estimateClock,
  type Path,
  pathsOf,
} from '../src/arch/folded/clock.ts';
import { divisorsOf, mostStages } from '../src/arch/folded/folding.ts';
import { planFolded } from '../src/arch/folded/plan.ts';
import { writeFolder } from '../src/cli/emitted-folder.ts';
import { emit } from '../src/codegen/emit.ts';
import { pinWrapper } from '../src/codegen/targets/verilog/pins.ts';
import { DEVICES } from '../src/synth/devices.ts';
import { placeAndRoute } from '../src/synth/synthesize.ts';
import { seededRandom } from '../src/util/random.ts';
import { type NetworkRecipe, randomNetwork, randomVectors } from '../test/support/networks.ts';

const PAGE = 'docs/plan.md';
const FILE = 'bench/results/clock.json';

interface Sample {
  readonly part: ClockPart;
  readonly seed: number;
  readonly index: number;
  readonly design: string;
  readonly cells: number;
  readonly blockRams: number;
  readonly fmax: number;
  readonly interval: number;
  readonly latency: number;
  readonly nextpnr: string;
}

const { values } = parseArgs({
  options: {
    part: { type: 'string', default: 'up5k' },
    seed: { type: 'string', default: '1' },
    designs: { type: 'string' },
    from: { type: 'string', default: '0' },
    fit: { type: 'boolean' },
  },
});

const BASE: NetworkRecipe = {
  shape: [28, 28],
  outputs: [64, 10],
  inputBits: 8,
  actBits: 8,
  alphabet: 'ternary',
  shift: 5,
  bias: false,
};

/** 784-64-10 at 4 x 4 with registers in none, some or all of its trees, and 784-32-10 at 1 x 16, whose trees are deeper. */
const STEPS = [
  { outputs: [64, 10], pe: [4, 1], simd: [4, 2], pipeline: [0, 0] },
  { outputs: [64, 10], pe: [4, 1], simd: [4, 2], pipeline: [1, 0] },
  { outputs: [64, 10], pe: [4, 1], simd: [4, 2], pipeline: [2, 1] },
  { outputs: [32, 10], pe: [1, 1], simd: [16, 2], pipeline: [0, 0] },
  { outputs: [32, 10], pe: [1, 1], simd: [16, 2], pipeline: [2, 0] },
];

interface Drawn {
  readonly recipe: NetworkRecipe;
  readonly pe: readonly number[];
  readonly simd: readonly number[];
  readonly pipeline: readonly number[];
}

/** A design that fits an UP5K with room to spare. */
const drawRandom = (seed: number, index: number): Drawn => {
  const random = seededRandom(seed, 'clock', index);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)]!;
  const outputs = pick([[32, 10], [16, 10], [24, 16, 10], [10]]);
  const side = pick([8, 12, 16]);
  const recipe: NetworkRecipe = {
    ...BASE,
    shape: [side, side],
    outputs,
    inputBits: pick([4, 7, 8]),
    actBits: pick([4, 8]),
    bias: random.below(4) === 0,
  };
  let inputs = side * side;
  const folding = outputs.map((count, i) => {
    const all = divisorsOf(count).flatMap((pe) => divisorsOf(inputs).map((simd) => ({ pe, simd })));
    inputs = count;
    const { pe, simd } = pick(all.filter((one) => one.pe * one.simd <= (i === 0 ? 32 : 8) && one.pe <= 8));
    return { pe, simd, pipeline: random.below(mostStages(simd) + 1) };
  });
  return {
    recipe,
    pe: folding.map((one) => one.pe),
    simd: folding.map((one) => one.simd),
    pipeline: folding.map((one) => one.pipeline),
  };
};

const drawStep = (index: number): Drawn => {
  const { outputs, ...folding } = STEPS[index]!;
  return { recipe: { ...BASE, outputs }, ...folding };
};

const draw = (seed: number, index: number) => {
  const drawn = seed === 0 ? drawStep(index) : drawRandom(seed, index);
  const { recipe, ...folding } = drawn;
  const network = randomNetwork(recipe, 1);
  return {
    network,
    plan: planFolded(network, { ...folding, packing: '2bit' }),
    label: JSON.stringify(drawn),
  };
};

const known = (): Sample[] => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Sample[]) : []);

const keep = (samples: readonly Sample[]): void =>
  writeFileSync(FILE, `[\n${samples.map((sample) => JSON.stringify(sample)).join(',\n')}\n]\n`);

const measure = async (part: ClockPart, seed: number, index: number): Promise<Sample> => {
  const { network, plan, label } = draw(seed, index);
  const vectors = randomVectors(network, 1, 1);
  const bundle = emit({
    network,
    plan,
    target: 'verilog',
    rom: 'readmemh',
    vectors,
    toolVersion: '0.0.0-bench',
  });
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-bench-'));
  try {
    writeFolder(folder, bundle.files);
    const placed = await placeAndRoute({
      folder,
      top: bundle.manifest.top.module,
      wrapper: pinWrapper(bundle.manifest),
      device: DEVICES.find(({ name }) => name === part)!,
      clock: 48,
      seed: 1,
    });
    const { fmax, cells, rams, nextpnr } = placed;
    const { fmax: estimated, limit } = estimateClock(network, plan.layers, part);
    console.error(
      `${part}/${seed}/${index}: ${label}: ${cells[0]} cells, ${fmax.toFixed(1)} MHz, estimated ${estimated.toFixed(1)} (${limit.layer} ${limit.kind})`,
    );
    const { initiationInterval: interval, latency } = plan;
    const found = { cells: cells[0], blockRams: rams[0], fmax: Number(fmax.toFixed(2)) };
    return { part, seed, index, design: label, ...found, interval, latency, nextpnr };
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const drawnPaths = new Map<string, Path[]>();

/** The paths of a sample's design, made once: a fit asks for them thousands of times. */
const pathsOfSample = ({ seed, index }: Sample): Path[] => {
  const key = `${seed}/${index}`;
  const found = drawnPaths.get(key);
  if (found !== undefined) return found;
  const { network, plan } = draw(seed, index);
  const paths = pathsOf(network, plan.layers);
  drawnPaths.set(key, paths);
  return paths;
};

/** `estimated / reached - 1` of each design. */
const errorsOf = (samples: readonly Sample[], delays: Delays): number[] =>
  samples.map((sample) => {
    const longest = Math.max(...pathsOfSample(sample).map((path) => delayOf(path, delays)));
    return 1000 / longest / sample.fmax - 1;
  });

/** Delays >= 0 with the smallest sum of squared relative errors: each in turn a little more or less, in ever smaller steps. */
const fitted = (part: ClockPart): Delays => {
  const samples = known().filter((sample) => sample.part === part && sample.seed <= 1);
  const loss = (delays: Delays): number =>
    errorsOf(samples, delays).reduce((sum, error) => sum + error ** 2, 0);
  let best = DELAYS[part];
  let least = loss(best);
  for (let step = 0.4; step > 0.004; step *= 0.7)
    for (let round = 0; round < 6; round++)
      for (const key of Object.keys(best) as (keyof Delays)[])
        for (const factor of [1 + step, 1 / (1 + step)]) {
          const next = { ...best, [key]: best[key] * factor };
          const found = loss(next);
          if (found < least) [best, least] = [next, found];
        }
  return Object.fromEntries(
    Object.entries(best).map(([key, value]) => [key, Number(value.toFixed(3))]),
  ) as unknown as Delays;
};

const percents = (share: number): string => `${(100 * share).toFixed(1)} %`;

const errorRow = (part: ClockPart, which: string, samples: readonly Sample[]): string => {
  const errors = errorsOf(samples, DELAYS[part]).map(Math.abs);
  errors.sort((a, b) => a - b);
  return `| ${part} | ${which} | ${errors.length} | ${percents(errors[errors.length >> 1]!)} | ${percents(errors.at(-1)!)} |`;
};

const stepRow = ({ part, index, cells, blockRams, fmax, interval, latency }: Sample): string => {
  const rate = Math.floor((fmax * 1e6) / interval).toLocaleString('en');
  const cycles = [interval, latency].map((count) => count.toLocaleString('en')).join(' | ');
  const { outputs, pe, simd, pipeline } = STEPS[index]!;
  const folding = pe.map((side, i) => `${side}×${simd[i]!}`).join(', ');
  return `| ${part} | 784-${outputs.join('-')} | ${folding} | ${pipeline.join(', ')} | ${cells.toLocaleString('en')} | ${blockRams} | ${cycles} | ${fmax.toFixed(1)} MHz | ${rate} |`;
};

const replace = (page: string, mark: string, table: readonly string[]): string => {
  const [begin, end] = [`<!-- ${mark} -->\n`, `\n<!-- end of ${mark} -->`];
  const [before, rest] = page.split(begin);
  return `${before}${begin}\n${table.join('\n')}\n${end}${rest!.split(end)[1]}`;
};

const writeTables = (): void => {
  const all = known();
  const of = (part: ClockPart, judges: boolean) =>
    all.filter((sample) => sample.part === part && sample.seed > 1 === judges);
  const errors = [
    '| part | designs | number | median error | worst |',
    '|---|---|---|---|---|',
    ...CLOCK_PARTS.flatMap((part) => [
      errorRow(part, 'not used for the fit', of(part, true)),
      errorRow(part, 'fitted', of(part, false)),
    ]),
  ];
  const steps = [
    '| part | net | PE×SIMD | registers | logic cells | block RAMs | cycles an image | latency | Fmax | images a second |',
    '|---|---|---|---|---|---|---|---|---|---|',
    ...CLOCK_PARTS.flatMap((part) =>
      all
        .filter((sample) => sample.part === part && sample.seed === 0)
        .sort((a, b) => a.index - b.index)
        .map(stepRow),
    ),
  ];
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(PAGE, replace(replace(page, 'clock errors', errors), 'clock steps', steps));
};

if (values.fit) {
  for (const part of CLOCK_PARTS) console.log(part, fitted(part));
} else if (values.designs === undefined) {
  writeTables();
} else {
  const [part, seed] = [values.part as ClockPart, Number(values.seed)];
  for (let index = Number(values.from); index < Number(values.designs); index++)
    if (!known().some((one) => one.part === part && one.seed === seed && one.index === index)) {
      const sample = await measure(part, seed, index);
      keep([...known(), sample]);
    }
}
