// The reference model against an oracle that multiplies (this test may), and the exactness of ranges and counts.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createAlu } from '../../../src/layers/alu.ts';
import { argmax } from '../../../src/layers/argmax/index.ts';
import { evaluateDense, shiftOf } from '../../../src/layers/dense/evaluate.ts';
import { rowRange } from '../../../src/layers/dense/range.ts';
import { validateNetwork } from '../../../src/layers/validate.ts';
import { type DenseLayer, denseLayers, type Network } from '../../../src/model/network.ts';
import { maxOf, signed, unsigned } from '../../../src/num/format.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../../support/networks.ts';

const SEED = 41;

/** Each pixel added to the sum of the window it falls into: the other way round than the reference's table. */
const oracleCodes = ({ shape, crop, pool, shift }: Network['input'], pixels: Uint8Array): number[] => {
  const [top, left, height, width] = crop;
  const columns = width / pool[1];
  const sums = new Array<number>((height / pool[0]) * columns).fill(0);
  pixels.forEach((pixel, index) => {
    const y = Math.floor(index / shape[1]) - top;
    const x = (index % shape[1]) - left;
    if (y < 0 || y >= height || x < 0 || x >= width) return;
    sums[Math.floor(y / pool[0]) * columns + Math.floor(x / pool[1])]! += pixel;
  });
  return sums.map((sum) => Math.floor(sum / 2 ** shift));
};

/** Floating point and multiplication throughout: as far from the reference as the definition allows. */
const oracle = (network: Network, pixels: Uint8Array): number[][] => {
  let values = oracleCodes(network.input, pixels);
  return denseLayers(network).map((layer) => {
    const { rows, cols, trits } = layer.weights;
    const accumulators = Array.from({ length: rows }, (_, r) =>
      values.reduce((sum, value, c) => sum + value * trits[r * cols + c]!, layer.bias?.[r] ?? 0),
    );
    const spec = layer.requantize;
    if (spec.kind === 'none') return accumulators;
    if (spec.kind === 'thresholds') {
      const each = 2 ** spec.output.bits - 1;
      values = accumulators.map(
        (a, r) => Array.from(spec.thresholds).filter((t, i) => Math.floor(i / each) === r && t <= a).length,
      );
      return values;
    }
    const largest = Math.max(0, ...accumulators);
    const bits = largest === 0 ? 0 : Math.floor(Math.log2(largest)) + 1;
    const shift = spec.kind === 'static-shift' ? spec.shift : Math.max(0, bits - spec.output.bits);
    values = accumulators.map((a) =>
      Math.min(2 ** spec.output.bits - 1, Math.floor(Math.max(a, 0) / 2 ** shift + 0.5)),
    );
    return values;
  });
};

const networks = fc
  .record({
    input: fc.constantFrom<Pick<NetworkRecipe, 'shape' | 'crop' | 'pool'>[]>(
      { shape: [1, 1] },
      { shape: [2, 3] },
      { shape: [5, 5], crop: 1 },
      { shape: [6, 4], pool: 2 },
      { shape: [8, 11], crop: 1, pool: 3 },
    ),
    outputs: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
    inputBits: fc.integer({ min: 1, max: 8 }),
    actBits: fc.integer({ min: 1, max: 8 }),
    alphabet: fc.constantFrom('ternary' as const, 'binary' as const),
    shift: fc.oneof(
      fc.integer({ min: 0, max: 9 }),
      fc.constant('dynamic' as const),
      fc.constant('thresholds' as const),
    ),
    bias: fc.boolean(),
    zeros: fc.constantFrom(0, 0.5, 1),
  })
  .chain(({ input, actBits, ...recipe }) => {
    const bits = recipe.shift === 'thresholds' ? Math.min(actBits, 4) : actBits;
    return fc.nat(999).map((seed) => randomNetwork({ ...recipe, ...input, actBits: bits }, seed));
  });

const small: NetworkRecipe = {
  shape: [2, 3],
  outputs: [4, 3],
  inputBits: 7,
  actBits: 8,
  alphabet: 'ternary',
  shift: 3,
  bias: false,
};

/** Outputs of all layers that requantize. */
const hiddenOutputs = (network: Network): number =>
  denseLayers(network)
    .slice(0, -1)
    .reduce((n, { weights }) => n + weights.rows, 0);

test(`reference = oracle on random networks (seed ${SEED})`, () => {
  fc.assert(
    fc.property(networks, fc.nat(99), (network, seed) => {
      for (const pixels of randomImages(network, 4, seed)) {
        const trace = evaluate(network, pixels);
        const expected = oracle(network, pixels);
        expect(Array.from(trace.inputCodes)).toEqual(oracleCodes(network.input, pixels));
        expect(trace.layers.map((layer) => Array.from(layer.codes))).toEqual(expected);
        expect(trace.class).toBe(expected.at(-1)!.indexOf(Math.max(...expected.at(-1)!)));
      }
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test(`every trit is one add, one subtract or one skip (seed ${SEED})`, () => {
  fc.assert(
    fc.property(networks, (network) => {
      const alu = createAlu();
      evaluate(network, randomImages(network, 1, 1)[0]!, alu);
      const trits = denseLayers(network).map((layer) => layer.weights.trits);
      const count = (wanted: number): number =>
        trits.reduce((n, row) => n + row.filter((t) => t === wanted).length, 0);
      const { pool, crop } = network.input;
      const windows = (crop[2] / pool[0]) * (crop[3] / pool[1]);
      const roundings = alu.counts.shifts - windows;
      const insideWindows = windows * (pool[0] * pool[1] - 1);
      // extras: an add for each rounding shift, and the sums of the input windows
      expect(alu.counts.adds).toBe(count(1) + roundings + insideWindows);
      expect(alu.counts.subtracts).toBe(count(-1));
      expect(alu.counts.skips).toBe(count(0));
      const { adds, subtracts, skips } = alu.counts;
      const products = denseLayers(network).reduce((n, { weights }) => n + weights.rows * weights.cols, 0);
      expect(adds - roundings - insideWindows + subtracts + skips).toBe(products);
      expect(roundings).toBeGreaterThanOrEqual(0);
      expect(roundings).toBeLessThanOrEqual(hiddenOutputs(network));
      expect(Object.keys(alu.counts)).not.toContain('multiplies');
    }),
    { seed: SEED, numRuns: 50 },
  );
});

test(`the accumulator range is attained and never left (seed ${SEED})`, () => {
  fc.assert(
    fc.property(networks, fc.nat(99), (network, seed) => {
      const layer = denseLayers(network)[0]!;
      const { rows, cols, trits } = layer.weights;
      const largest = maxOf(layer.input);
      for (let r = 0; r < rows; r++) {
        const { low, high } = rowRange(layer, r);
        const at = (sign: number): number => {
          const input = Int32Array.from({ length: cols }, (_, c) =>
            trits[r * cols + c] === sign ? largest : 0,
          );
          return evaluateDense(layer, input, createAlu()).accumulators[r]!;
        };
        expect([at(-1), at(1)]).toEqual([low, high]);
      }
      for (const pixels of randomImages(network, 3, seed)) {
        evaluate(network, pixels).layers[0]!.accumulators.forEach((accumulator, r) => {
          const { low, high } = rowRange(layer, r);
          expect(accumulator).toBeGreaterThanOrEqual(low);
          expect(accumulator).toBeLessThanOrEqual(high);
        });
      }
    }),
    { seed: SEED, numRuns: 50 },
  );
});

test('an image of another size is refused, never read as if the rest were dark', () => {
  const network = randomNetwork(small, 1);
  expect(() => evaluate(network, new Uint8Array(5))).toThrow(/has 6 pixels, not 5/);
  expect(() => evaluate(network, new Uint8Array(7))).toThrow(/has 6 pixels, not 7/);
  expect(evaluate(network, new Uint8Array(6)).layers).toHaveLength(2);
});

test(`a format one bit narrower than the worst case is refused (seed ${SEED})`, () => {
  fc.assert(
    fc.property(networks, fc.nat(), (network, pick) => {
      const chosen = denseLayers(network)[pick % denseLayers(network).length]!;
      if (chosen.accumulator.bits === 2) return;
      const narrower = { ...chosen, accumulator: signed(chosen.accumulator.bits - 1) };
      const layers = network.layers.map((layer) => (layer === chosen ? narrower : layer));
      expect(() => validateNetwork({ ...network, layers })).toThrow(/accumulator must hold the worst case/);
    }),
    { seed: SEED, numRuns: 50 },
  );
});

const dynamic: DenseLayer['requantize'] = { kind: 'dynamic-shift', rounding: 'half-up', output: unsigned(3) };

test.each([
  [[-5, -1], 0],
  [[0, 0], 0],
  [[7, 3], 0],
  [[8, 3], 1],
  [[15, -99], 1],
  [[16, 0], 2],
  [[2 ** 20, 0], 18],
])('dynamic shift of %j into 3 bits is %i', (accumulators, shift) => {
  expect(shiftOf(dynamic, Int32Array.from(accumulators), createAlu())).toBe(shift);
});

test('argmax takes the lowest index of equal logits', () => {
  const layer = {
    kind: 'argmax',
    name: 'argmax',
    inputs: 4,
    input: unsigned(8),
    ties: 'lowest-index',
  } as const;
  const pick = (...logits: number[]): number =>
    argmax.evaluate(layer, Int32Array.from(logits), createAlu()).codes[0]!;
  expect([pick(1, 5, 5, 2), pick(-3, -3, -3, -3), pick(-9, -8, -7, -6), pick(4, 3, 2, 4)]).toEqual([
    1, 0, 3, 0,
  ]);
});

test('a threshold is reached by what equals it; equal thresholds are reached together', () => {
  const layer: DenseLayer = {
    kind: 'dense',
    name: 'fc0',
    input: unsigned(3),
    weights: { alphabet: 'ternary', rows: 2, cols: 2, trits: Int8Array.of(1, -1, 1, 0) },
    bias: null,
    accumulator: signed(4),
    requantize: { kind: 'thresholds', output: unsigned(2), thresholds: Int32Array.of(-3, 5, 5, 0, 1, 7) },
  };
  const codes = (...input: number[]): number[] =>
    Array.from(evaluateDense(layer, Int32Array.from(input), createAlu()).codes);
  expect(codes(0, 4)).toEqual([0, 1]);
  expect(codes(0, 3)).toEqual([1, 1]);
  expect(codes(4, 0)).toEqual([1, 2]);
  expect(codes(5, 0)).toEqual([3, 2]);
  expect(codes(7, 0)).toEqual([3, 3]);
});
