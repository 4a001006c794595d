// Narrowing keeps every integer of images whose codes were seen, and proves its accumulators anew.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { denseLayers } from '../../../src/model/network.ts';
import { formatName, maxOf } from '../../../src/num/format.ts';
import { narrowNetwork } from '../../../src/quant/narrow.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../../support/networks.ts';

const SEED = 61;
const recipes: fc.Arbitrary<NetworkRecipe> = fc.record({
  shape: fc.constantFrom<[number, number][]>([2, 3], [4, 4]),
  outputs: fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 4 }),
  inputBits: fc.integer({ min: 1, max: 8 }),
  actBits: fc.integer({ min: 1, max: 4 }),
  alphabet: fc.constantFrom('ternary' as const, 'binary' as const),
  shift: fc.oneof(
    fc.integer({ min: 0, max: 6 }),
    fc.constant('dynamic' as const),
    fc.constant('thresholds' as const),
  ),
  bias: fc.boolean(),
});

test(`narrowed to what images need, a net gives them the same (seed ${SEED})`, () => {
  let narrower = 0;
  fc.assert(
    fc.property(recipes, fc.nat(999), (recipe, seed) => {
      const network = randomNetwork(recipe, seed);
      const images = randomImages(network, 5, seed).slice(2);
      const before = images.map((pixels) => evaluate(network, pixels));
      const largest = denseLayers(network).map((_, i) =>
        Math.max(...before.map(({ layers }) => Math.max(...layers[i]!.codes))),
      );
      const narrowed = narrowNetwork(network, largest);
      images.forEach((pixels, i) => {
        const after = evaluate(narrowed, pixels);
        expect(after.layers).toEqual(before[i]!.layers);
        expect(after.class).toBe(before[i]!.class);
      });
      denseLayers(narrowed).forEach((layer, i) => {
        const was = denseLayers(network)[i]!;
        expect(layer.accumulator.bits).toBeLessThanOrEqual(was.accumulator.bits);
        if (layer.accumulator.bits < was.accumulator.bits) narrower++;
        const { requantize } = layer;
        if (requantize.kind === 'none') return;
        expect(maxOf(requantize.output)).toBeGreaterThanOrEqual(largest[i]!);
        if (requantize.kind !== 'dynamic-shift' && largest[i]! > 0)
          expect(2 ** (requantize.output.bits - 1)).toBeLessThanOrEqual(largest[i]!);
      });
    }),
    { seed: SEED, numRuns: 150 },
  );
  expect(narrower).toBeGreaterThan(5);
});

test('an accumulator that was allotted too much is cut to its proof, and the next layer follows', () => {
  const network = randomNetwork(
    { shape: [2, 3], outputs: [4, 3], inputBits: 4, actBits: 8, alphabet: 'binary', shift: 1, bias: false },
    1,
  );
  const [first] = denseLayers(network);
  const wide = network.layers.map((layer) =>
    layer === first ? { ...layer, accumulator: { signed: true, bits: 20 } } : layer,
  );
  const narrowed = denseLayers(narrowNetwork({ ...network, layers: wide }, [3, 0]));
  // 6 inputs of u4: up to 90 either way; then 4 of u2: 12
  expect(narrowed.map(({ input, accumulator }) => [formatName(input), formatName(accumulator)])).toEqual([
    ['u4', formatName(first!.accumulator)],
    ['u2', 's5'],
  ]);
});
