// Compressed rows: what the ROM says, decoded as the hardware does, is the weights; and zeros are skipped where that pays.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { estimate } from '../../../src/arch/folded/estimate.ts';
import { divisorsOf } from '../../../src/arch/folded/folding.ts';
import { foldLayers, planFolded } from '../../../src/arch/folded/plan.ts';
import { weightRom } from '../../../src/arch/folded/rom-image.ts';
import { sparsePlan } from '../../../src/arch/folded/skip-zeros.ts';
import { countSteps, sparseRows } from '../../../src/arch/folded/sparse-rows.ts';
import { type DenseLayer, denseLayers, type Network } from '../../../src/model/network.ts';
import type { DensePlan } from '../../../src/model/plan.ts';
import { type NetworkRecipe, randomNetwork } from '../../support/networks.ts';

const SEED = 31;

const recipe: NetworkRecipe = {
  shape: [28, 28],
  outputs: [64, 10],
  inputBits: 7,
  actBits: 8,
  alphabet: 'ternary',
  shift: 5,
  bias: false,
};

/** What the hardware makes of a ROM: the trits of every row, those it never reads 0. */
const decode = (words: readonly bigint[], plan: DensePlan, bits: number): Int8Array => {
  const { pe, simd, inputs, outputs, synapseFold, sparse } = plan;
  const trits = new Int8Array(outputs * inputs);
  const codes = pe * simd * bits;
  let [fold, index] = [0, -1];
  for (const word of words) {
    const high = Number(word >> BigInt(codes));
    index += (high & (2 ** sparse!.distanceBits - 1)) + 1;
    expect(index).toBeLessThan(synapseFold);
    for (let lane = 0; lane < pe * simd; lane++) {
      const code = Number((word >> BigInt(lane * bits)) & BigInt(2 ** bits - 1));
      const at = (fold * pe + Math.floor(lane / simd)) * inputs + index * simd + (lane % simd);
      trits[at] = bits === 1 ? 1 - 2 * code : code === 3 ? -1 : code;
    }
    if (high >> sparse!.distanceBits === 0) continue;
    fold++;
    index = -1;
  }
  expect([fold, index]).toEqual([plan.neuronFold, -1]);
  return trits;
};

const small = fc.record({
  outputs: fc.constantFrom(1, 2, 6, 12),
  shape: fc.constantFrom<[number, number][]>([1, 1], [1, 7], [4, 4], [6, 6], [9, 10]),
  zeros: fc.constantFrom(0, 0.4, 0.9, 0.97, 1),
  alphabet: fc.constantFrom('ternary' as const, 'binary' as const),
  picks: fc.tuple(fc.nat(11), fc.nat(11)),
  seed: fc.nat(1000),
});

test(`decoded, every ROM is its layer's weights, in as many words as counted (seed ${SEED})`, () => {
  fc.assert(
    fc.property(small, ({ outputs, shape, zeros, alphabet, picks, seed }) => {
      const network = randomNetwork({ ...recipe, shape, outputs: [outputs], zeros, alphabet }, seed);
      const layer = denseLayers(network)[0]!;
      const pick = (n: number, choice: number): number => divisorsOf(n)[choice % divisorsOf(n).length]!;
      const [pe, simd] = [pick(outputs, picks[0]), pick(shape[0] * shape[1], picks[1])];
      const plan = foldLayers(network, { pe: [pe], simd: [simd], skipZeros: ['on'] })[0]!;
      const { words, width } = weightRom(layer, plan);
      expect(decode(words, plan, alphabet === 'binary' ? 1 : 2)).toEqual(layer.weights.trits);
      expect([words.length, width]).toEqual([plan.rom.words, plan.rom.width]);
      for (const word of words) expect(word >> BigInt(width)).toBe(0n);
      for (const reach of [1, 2, 4, 64])
        expect(countSteps(layer, plan, reach)).toBe(sparseRows(layer, plan, reach).words.length);
    }),
    { seed: SEED, numRuns: 300 },
  );
});

/** A network whose first layer has these rows, `0`, `+` and `-`. */
const withRows = (rows: readonly string[]): Network => {
  const cols = rows[0]!.length;
  const network = randomNetwork({ ...recipe, shape: [1, cols], outputs: [rows.length] }, 1);
  const layer = denseLayers(network)[0]!;
  const trits = Int8Array.from([...rows.join('')], (char) => (char === '0' ? 0 : char === '+' ? 1 : -1));
  const weights = { ...layer.weights, trits };
  return { ...network, layers: [{ ...layer, weights } as DenseLayer, network.layers.at(-1)!] };
};

test('words, distances and ends of rows, by hand', () => {
  const network = withRows(['0+0000-0', '00000000', '+-000000']);
  const layer = denseLayers(network)[0]!;
  const { words, folds, starts } = sparseRows(layer, { pe: 1, simd: 1 }, 4);
  // from 1 to 6 is further than 4: word 5, which is zero, is read; the row of zeros reads its word 0
  expect([...words]).toEqual([1, 5, 6, 0, 0, 1]);
  expect([...folds]).toEqual([0, 0, 0, 1, 2, 2]);
  expect([...starts]).toEqual([0, 3, 4, 6]);
  const plan = {
    ...foldLayers(network, { pe: [1], simd: [1], skipZeros: ['on'] })[0]!,
    sparse: { distanceBits: 2 },
  };
  const rom = weightRom(layer, { ...plan, rom: { ...plan.rom, words: 6, width: 5 } });
  // last, distance - 1, trit code
  expect(rom.words.map((word) => word.toString(2).padStart(5, '0'))).toEqual([
    '00101',
    '01100',
    '10011',
    '10000',
    '00001',
    '10011',
  ]);
});

test('a pruned layer is faster at one adder, and no bubble comes with it', () => {
  const network = randomNetwork({ ...recipe, zeros: 0.9 }, 1);
  const folding = { pe: [1, 1], simd: [1, 1] };
  const all = planFolded(network, folding);
  const rows = planFolded(network, { ...folding, skipZeros: ['on'] });
  expect(all.initiationInterval).toBe(50_176);
  expect(rows.initiationInterval).toBe(rows.layers[0]!.cycles);
  expect(rows.layers[0]!.cycles).toBeLessThan(6_000);
  expect(rows.layers[0]!.bufferWords).toBe(2 * 784);
});

test('a frame is never faster than it comes', () => {
  const network = randomNetwork({ ...recipe, zeros: 1 }, 1);
  const rows = planFolded(network, { pe: [1, 1], simd: [1, 1], skipZeros: ['on'] });
  expect(rows.layers[0]!.cycles).toBe(64);
  expect(rows.initiationInterval).toBe(784);
});

const skipping = (network: Network, request: Parameters<typeof foldLayers>[1]): boolean[] =>
  foldLayers(network, request).map(({ sparse }) => sparse !== undefined);

test('auto skips zeros where that makes the pipeline faster, and not where it does not', () => {
  const pruned = randomNetwork({ ...recipe, zeros: 0.9 }, 1);
  const usual = randomNetwork(recipe, 1);
  const one = { pe: [1, 1], simd: [1, 1] };
  expect(skipping(pruned, one)).toEqual([false, false]);
  expect(skipping(pruned, { ...one, skipZeros: ['auto', 'off'] })).toEqual([true, false]);
  expect(skipping(pruned, { ...one, skipZeros: ['off'] })).toEqual([false, false]);
  expect(skipping(pruned, { ...one, skipZeros: ['on'] })).toEqual([true, true]);
  // 16 trits a word: with 40 % zeros none is a word of zeros
  expect(skipping(usual, { pe: [4, 1], simd: [4, 1], skipZeros: ['auto'] })).toEqual([false, false]);
  expect(skipping(usual, { skipZeros: ['auto'] })).toEqual([false, false]);
});

test('auto skips zeros in a layer that holds nothing up where that saves block RAM', () => {
  const network = randomNetwork({ ...recipe, outputs: [256, 256, 10], zeros: 0.95 }, 1);
  const folding = { pe: [1, 1, 1], simd: [1, 1, 1] };
  const all = foldLayers(network, folding);
  const saved = foldLayers(network, { ...folding, skipZeros: ['off', 'auto', 'off'] });
  expect(saved.map(({ sparse }) => sparse !== undefined)).toEqual([false, true, false]);
  expect(saved[0]!.cycles).toBe(all[0]!.cycles);
  const rams = (plans: typeof all): number => estimate(network, plans, 'ice40').blockRams;
  expect(rams(saved)).toBeLessThan(rams(all));
});

test('base 3 and compressed rows are for different layers', () => {
  const network = randomNetwork({ ...recipe, zeros: 0.9 }, 1);
  const request = { pe: [4, 2], simd: [4, 4], packing: 'base3' as const };
  const mixed = foldLayers(network, { ...request, skipZeros: ['on', 'off'] });
  expect(mixed.map(({ rom }) => rom.packing)).toEqual(['2bit', 'base3']);
  expect(() => foldLayers(network, { ...request, skipZeros: ['on'] })).toThrow(
    /--packing base3 must .* reads every word, not fc0: 4 x 4 skipping zeros/,
  );
});

test('the distance is as narrow as saves block RAM without a tenth more steps', () => {
  const network = randomNetwork({ ...recipe, zeros: 0.9 }, 1);
  const layer = denseLayers(network)[0]!;
  const [plain] = foldLayers(network, { pe: [1, 1], simd: [1, 1] });
  const plan = sparsePlan(layer, plain!);
  expect(plan.cycles).toBeLessThanOrEqual(1.1 * countSteps(layer, plan, 784));
  expect(plan.rom.width).toBe(2 + plan.sparse!.distanceBits + 1);
  expect(plan.sparse!.distanceBits).toBeLessThan(10);
});
