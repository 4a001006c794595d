// The predicted waveform and Icarus's dump of the emitted design are the same at every clock edge: streams, input words,
// ROM addresses, accumulator registers, codes, logits. And a wrong trit or a wrong bit is named by signal and cycle.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { planFolded } from '../../src/arch/folded/plan.ts';
import { streamOf } from '../../src/arch/folded/schedule.ts';
import type { SkipChoice } from '../../src/arch/folded/skip-zeros.ts';
import { type FrameTrace, traceFrames } from '../../src/arch/folded/trace.ts';
import { traceWaves } from '../../src/codegen/targets/verilog/waves.ts';
import { type DenseLayer, denseLayers, type Network } from '../../src/model/network.ts';
import { buildTestbench, runTestbench } from '../../src/synth/simulate.ts';
import { type DesignRecipe, emitToFolder } from '../support/emitted.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../support/networks.ts';
import { designRecipe } from '../support/recipes.ts';
import { haveTools } from '../support/tools.ts';
import { compareWaves, sampleWaves, type WaveComparison, type Waves } from '../support/waves.ts';

const FULL = process.env.BITSIM_FULL !== undefined;
const SEED = 4711;
const IMAGES = 5;
const CLOCK = 'tb.u_dut.aclk';

const predicted = (trace: FrameTrace): Waves => {
  const text = traceWaves(trace, { from: 0, cycles: trace.schedule.cycles });
  return sampleWaves(text, CLOCK, (name) => name.startsWith('tb.u_dut.') && name !== CLOCK);
};

/** What Icarus dumps for the emitted folder, without stalls. */
const dumped = async (folder: string, names: ReadonlySet<string>): Promise<Waves> => {
  const built = await buildTestbench(folder, 'icarus');
  expect(built.problem).toBe(null);
  await runTestbench(built, { images: IMAGES, stall: false, plusargs: ['+vcd=1'] });
  return sampleWaves(readFileSync(join(folder, 'build/tb.vcd'), 'utf8'), CLOCK, (name) => names.has(name));
};

const traceOf = ({ network, folding, seed = 1 }: DesignRecipe): FrameTrace =>
  traceFrames(network, planFolded(network, folding), randomImages(network, IMAGES, seed));

const compare = async (recipe: DesignRecipe, trace = traceOf(recipe)): Promise<WaveComparison> => {
  const waves = predicted(trace);
  expect(waves.edges).toBe(trace.schedule.cycles);
  const { folder } = emitToFolder({ ...recipe, images: IMAGES });
  return compareWaves(waves, await dumped(folder, new Set(waves.signals.keys())));
};

/** Nothing was left out: control and registers in every cycle, data in every valid one. */
const checkCounts = (
  { schedule, network, plan }: FrameTrace,
  compared: ReadonlyMap<string, number>,
): void => {
  const ones = (flags: Uint8Array): number => flags.reduce((sum, flag) => sum + flag, 0);
  denseLayers(network).forEach(({ name, requantize }, i) => {
    const count = (signal: string) => compared.get(`tb.u_dut.${signal}`);
    expect(count(`${name}_rom_addr`)).toBe(schedule.cycles);
    for (let p = 0; p < plan.layers[i]!.pe; p++)
      expect(count(`u_${name}.u_accumulate.gen_pe[${p}].acc_q`)).toBe(schedule.cycles);
    for (const kind of ['in', 'sums', 'acc', 'code'] as const) {
      if (kind === 'code' && requantize.kind === 'none') continue;
      expect(count(`${name}_${kind}_valid`)).toBe(schedule.cycles);
      expect(count(`${name}_${kind}_ready`)).toBe(schedule.cycles);
      expect(count(`${name}_${kind}_data`)).toBe(ones(streamOf(schedule, kind, i).valid));
    }
  });
  const results = IMAGES * (network.classes.length + 1);
  for (const name of ['tdata', 'tlast']) expect(compared.get(`tb.u_dut.m_axis_${name}`)).toBe(results);
};

const base: NetworkRecipe = {
  shape: [4, 4],
  outputs: [6, 4],
  inputBits: 7,
  actBits: 8,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};

const CASES: readonly (readonly [
  name: string,
  recipe: Partial<NetworkRecipe>,
  pe: number[],
  simd: number[],
  more?: { readonly pipeline?: number[]; readonly skipZeros?: SkipChoice[] },
])[] = [
  ['static shift, one PE and one lane', {}, [1, 1], [1, 1]],
  ['static shift, folded both ways', {}, [2, 2], [4, 3]],
  ['no folding at all', { bias: false }, [6, 4], [16, 6]],
  ['dynamic shift', { shift: 'dynamic', bias: false }, [3, 2], [8, 2]],
  ['dynamic shift, three layers', { shift: 'dynamic', outputs: [8, 6, 3] }, [4, 3, 1], [4, 2, 3]],
  ['a slow layer behind a fast one, which stalls', { outputs: [12, 12, 4] }, [12, 1, 1], [8, 1, 1]],
  ['a crop and window sums', { shape: [8, 6], crop: 1, pool: 2, inputBits: 8 }, [2, 1], [3, 2]],
  ['registers in every level of the trees', {}, [2, 2], [8, 3], { pipeline: [3, 2] }],
  [
    'registers in some levels, stalls',
    { outputs: [12, 12, 4], bias: false },
    [12, 1, 1],
    [8, 4, 2],
    { pipeline: [2, 1, 0] },
  ],
  ['binary weights, one layer', { alphabet: 'binary', outputs: [5] }, [5], [2]],
  ['compressed rows', { shape: [6, 6], zeros: 0.9 }, [1, 1], [1, 1], { skipZeros: ['on'] }],
  [
    'compressed rows, PE and SIMD',
    { shape: [6, 6], zeros: 0.8, outputs: [8, 4] },
    [2, 2],
    [3, 2],
    { skipZeros: ['on'] },
  ],
  ['compressed rows without a zero', { zeros: 0, bias: false }, [2, 2], [4, 3], { skipZeros: ['on'] }],
  ['compressed rows of nothing', { zeros: 1 }, [3, 1], [2, 6], { skipZeros: ['on'] }],
  ['one pass of compressed rows', { zeros: 0.8 }, [6, 4], [2, 1], { skipZeros: ['on'] }],
  ['compressed rows of one word', { shape: [1, 1], outputs: [4, 2] }, [1, 2], [1, 4], { skipZeros: ['on'] }],
  [
    'compressed rows behind a dynamic shift',
    { zeros: 0.8, shift: 'dynamic' },
    [2, 1],
    [2, 1],
    { skipZeros: ['off', 'on'] },
  ],
  [
    'every other layer in compressed rows, which stall',
    { zeros: 0.7, outputs: [12, 12, 12, 3] },
    [12, 1, 12, 1],
    [8, 1, 4, 1],
    { skipZeros: ['on', 'off', 'on', 'off'] },
  ],
  [
    'compressed rows of window sums',
    { shape: [8, 6], crop: 1, pool: 2, zeros: 0.7 },
    [2, 1],
    [1, 2],
    { skipZeros: ['on'] },
  ],
];

const recipeOf = (
  recipe: Partial<NetworkRecipe>,
  pe: number[],
  simd: number[],
  more?: { readonly pipeline?: number[]; readonly skipZeros?: SkipChoice[] },
): DesignRecipe => ({
  network: randomNetwork({ ...base, ...recipe }, 11),
  folding: { pe, simd, ...more },
});

test.for(CASES)('%s', async ([, partial, pe, simd, more], { skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  const recipe = recipeOf(partial, pe, simd, more);
  const trace = traceOf(recipe);
  const { first, compared } = await compare(recipe, trace);
  expect(first).toBe(null);
  checkCounts(trace, compared);
});

test('the cases that stall do stall', () => {
  const stalling = CASES.filter(([name]) => /which stalls?$/.test(name));
  expect(stalling).toHaveLength(2);
  for (const [, partial, pe, simd, more] of stalling) {
    const { schedule } = traceOf(recipeOf(partial, pe, simd, more));
    expect(schedule.units[0]!.stalls.some((stall) => stall === 1)).toBe(true);
  }
});

test(`random designs (seed ${SEED})`, { timeout: 3_600_000 }, async ({ skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  await fc.assert(
    fc.asyncProperty(designRecipe, async (recipe) => {
      const trace = traceOf(recipe);
      const { first, compared } = await compare(recipe, trace);
      expect(first, recipe.label).toBe(null);
      checkCounts(trace, compared);
    }),
    { seed: SEED, numRuns: FULL ? 200 : 20, endOnFailure: true },
  );
});

/** `network` with one trit of its first layer turned: +1 for -1 or 0, -1 for +1. */
const flipTrit = (network: Network, row: number, col: number): Network => {
  const layer = network.layers[0] as DenseLayer;
  const trits = layer.weights.trits.slice();
  const at = row * layer.weights.cols + col;
  trits[at] = trits[at] === 1 ? -1 : 1;
  const flipped = { ...layer, weights: { ...layer.weights, trits } };
  return { ...network, layers: [flipped, ...network.layers.slice(1)] };
};

test('one flipped trit is named by its accumulator and the cycle that shows it', async ({ skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  const recipe = recipeOf({}, [2, 2], [4, 3]);
  const plan = planFolded(recipe.network, recipe.folding!);
  const images = randomImages(recipe.network, IMAGES, 1);
  // row 3, column 5: neuron fold 1, PE 1, synapse fold 1; the second image is the first with light on it
  const flipped = traceFrames(flipTrit(recipe.network, 3, 5), plan, images);
  const step = plan.layers[0]!.cycles + plan.layers[0]!.synapseFold + 1;
  const cycle = flipped.schedule.units[0]!.adds.findIndex((adds) => adds > step);
  const { first } = await compare(recipe, flipped);
  expect(first).toMatchObject({ signal: 'tb.u_dut.u_fc0.u_accumulate.gen_pe[1].acc_q', cycle });
});

test('one wrong accumulator bit in the RTL is named by signal and cycle', async ({ skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  const recipe = recipeOf({}, [2, 2], [4, 3]);
  const trace = traceOf(recipe);
  const waves = predicted(trace);
  const { folder } = emitToFolder({ ...recipe, images: IMAGES });
  const path = join(folder, 'rtl/bitsim_accumulate.v');
  const right = readFileSync(path, 'utf8');
  const wrong = right.replace(
    /acc_q <= finish \? Start : (total\[AccBits:1\]);/,
    'acc_q <= finish ? Start : ($1 ^ (p == 1 && Simd == 3));',
  );
  expect(wrong).not.toBe(right);
  writeFileSync(path, wrong);
  const { first } = compareWaves(waves, await dumped(folder, new Set(waves.signals.keys())));
  expect(first).toMatchObject({ signal: 'tb.u_dut.u_fc1.u_accumulate.gen_pe[1].acc_q' });
  expect(Number.parseInt(first!.got, 2) ^ Number.parseInt(first!.expected, 2)).toBe(1);
  // the registers show the first step in the cycle after it
  expect(first!.cycle).toBe(trace.schedule.units[1]!.adds.indexOf(1));
});

test('one bit of one sample: any signal, any cycle', () => {
  const waves = predicted(traceOf(recipeOf({ shift: 'dynamic' }, [2, 2], [4, 3])));
  fc.assert(
    fc.property(fc.nat(), fc.nat(), fc.nat(), (pick, at, bit) => {
      const names = [...waves.signals.keys()];
      const signal = names[pick % names.length]!;
      const values = waves.signals.get(signal)!;
      const known = [...values.keys()].filter((cycle) => !values[cycle]!.includes('x'));
      const cycle = known[at % known.length]!;
      const digits = [...values[cycle]!];
      digits[bit % digits.length] = digits[bit % digits.length] === '1' ? '0' : '1';
      const changed = { ...waves, signals: new Map(waves.signals) };
      changed.signals.set(signal, values.with(cycle, digits.join('')));
      if (/s_axis_t(valid|ready)$/.test(signal) && cycle === 0) return;
      expect(compareWaves(waves, changed).first).toMatchObject({ signal, cycle, got: digits.join('') });
    }),
    { seed: SEED, numRuns: 300 },
  );
});
