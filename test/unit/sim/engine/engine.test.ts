// The engine against the reference model: every accumulator, code, logit and class, on networks and images that reach the
// corners, with and without SIMD.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { accumulatorFormat } from '../../../../src/layers/dense/range.ts';
import { validateNetwork } from '../../../../src/layers/validate.ts';
import { type DenseLayer, denseLayers, type Network, outputsOf } from '../../../../src/model/network.ts';
import { compileEngine, type Engine, hasSimd } from '../../../../src/sim/engine/engine.ts';
import { layOut } from '../../../../src/sim/engine/layout.ts';
import { imageOrder, nibblesOf } from '../../../../src/sim/engine/order.ts';
import { evaluate } from '../../../../src/sim/reference.ts';
import { seededRandom } from '../../../../src/util/random.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../../../support/networks.ts';

const SEED = 71;
const FULL = process.env.BITSIM_FULL !== undefined;

const joined = (images: readonly Uint8Array[]): Uint8Array => Uint8Array.from(Buffer.concat(images));

/** First difference between engine and reference over `images`, or null. */
const firstDifference = (engine: Engine, network: Network, images: readonly Uint8Array[]): string | null => {
  const result = engine.run(joined(images), images.length, 'accumulators');
  // without accumulators other code is run
  const codes = engine.run(joined(images), images.length, 'codes');
  for (const [i, values] of [...result.codes, result.logits, result.classes].entries()) {
    const other = [...codes.codes, codes.logits, codes.classes][i]!;
    const at = values.findIndex((value, index) => value !== other[index]);
    if (at >= 0) return `output ${i}, value ${at}: ${values[at]} with accumulators, ${other[at]} without`;
  }
  for (const [image, pixels] of images.entries()) {
    const trace = evaluate(network, pixels);
    for (const [i, layer] of trace.layers.entries()) {
      const size = layer.codes.length;
      for (let neuron = 0; neuron < size; neuron++) {
        const accumulator = result.accumulators[i]![image * size + neuron];
        const last = i === trace.layers.length - 1;
        const code = last ? result.logits[image * size + neuron] : result.codes[i]![image * size + neuron];
        if (accumulator !== layer.accumulators[neuron] || code !== layer.codes[neuron])
          return `image ${image}, layer ${layer.layer}, neuron ${neuron}: expected ${layer.accumulators[neuron]} and ${layer.codes[neuron]}, got ${accumulator} and ${code}`;
      }
    }
    if (result.classes[image] !== trace.class) return `image ${image}: class`;
  }
  return null;
};

const recipes = fc
  .record({
    input: fc.constantFrom<Pick<NetworkRecipe, 'shape' | 'crop' | 'pool'>[]>(
      { shape: [1, 1] },
      { shape: [2, 3] },
      { shape: [5, 7] },
      { shape: [4, 4] },
      { shape: [9, 13] },
      { shape: [6, 4], pool: 2 },
      { shape: [8, 11], crop: 1, pool: 3 },
    ),
    outputs: fc.array(fc.constantFrom(1, 2, 5, 9, 33, 40, 70, 130, 140), { minLength: 1, maxLength: 4 }),
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
    return fc.nat(9999).map((seed) => randomNetwork({ ...recipe, ...input, actBits: bits }, seed));
  });

describe.each([
  ['SIMD', true],
  ['plain JavaScript', false],
] as const)('%s', (_, simd) => {
  test('is what was asked for', () => {
    const network = randomNetwork(large(10, 64), 1);
    expect(hasSimd()).toBe(true);
    expect(compileEngine(network, { simd }).kind).toBe(simd ? 'wasm-simd' : 'javascript');
    expect(compileEngine(network).kind).toBe('wasm-simd');
  });

  test(`equals the reference on random networks (seed ${SEED})`, () => {
    fc.assert(
      fc.property(recipes, fc.integer({ min: 1, max: 35 }), fc.nat(99), (network, count, seed) => {
        const images = randomImages(network, count, seed);
        expect(firstDifference(compileEngine(network, { simd }), network, images)).toBe(null);
      }),
      { seed: SEED, numRuns: FULL ? 1500 : 80 },
    );
  });
});

const large = (inputBits: number, outputs: number): NetworkRecipe => ({
  shape: [28, 28],
  outputs: [outputs, 10],
  inputBits: Math.min(8, inputBits),
  actBits: 8,
  alphabet: 'ternary',
  shift: 5,
  bias: false,
});

/** `network` with all weights of its first layer what `trit` says. */
const withTrits = (network: Network, trit: (row: number, column: number) => number): Network => {
  const [first] = denseLayers(network) as [DenseLayer];
  const { rows, cols } = first.weights;
  const trits = Int8Array.from({ length: rows * cols }, (__, i) => trit(Math.floor(i / cols), i % cols));
  const bare = { ...first, weights: { ...first.weights, trits } };
  const changed = { ...bare, accumulator: accumulatorFormat(bare) };
  const layers = network.layers.map((layer) => (layer === first ? changed : layer));
  return validateNetwork({ ...network, layers });
};

const EXTREMES: readonly [string, (row: number, column: number) => number][] = [
  ['all +1', () => 1],
  ['all -1', () => -1],
  ['all zero', () => 0],
  ['+1 in even rows, -1 in odd ones', (row) => (row % 2 === 0 ? 1 : -1)],
  ['+1 in front, -1 behind', (_, column) => (column < 392 ? 1 : -1)],
  ['alternating', (_, column) => (column % 2 === 0 ? 1 : -1)],
];

test.each(EXTREMES)('exact at the largest sums: %s', (_, trit) => {
  for (const outputs of [10, 64, 200]) {
    const network = withTrits(randomNetwork(large(8, outputs), 3), trit);
    const images = [...randomImages(network, 3, 5), new Uint8Array(784).fill(254)];
    expect(firstDifference(compileEngine(network), network, images)).toBe(null);
  }
});

test('sums are cut where 16 bits end, and nowhere else', () => {
  const flushes = (value: number, bits: number): readonly number[] => {
    const network = withTrits(randomNetwork(large(bits, 200), 3), () => value);
    const { how } = layOut(network).layers[0]!;
    return how.method === 'tables' ? how.flushes : [];
  };
  expect(flushes(0, 8)).toEqual([]);
  // 32 inputs a block: 8,160 a block of u8, 4,064 of u7, 32 of u1
  expect(flushes(1, 8)).toEqual([4, 8, 12, 16, 20, 24]);
  expect(flushes(-1, 7)).toEqual([8, 16, 24]);
  expect(flushes(1, 1)).toEqual([]);
});

test(`the order of inputs changes nothing (seed ${SEED})`, () => {
  const network = randomNetwork(large(7, 140), 9);
  const random = seededRandom(SEED, 'activity');
  const activity = Float64Array.from({ length: 784 }, () => random.below(5));
  const images = randomImages(network, 20, 2);
  expect(firstDifference(compileEngine(network, { activity }), network, images)).toBe(null);
});

test.each([1, 2, 3, 4, 5])('%i segments, side by side or one after the other', (segments) => {
  // five blocks of 24 u8 inputs with weights +1 fill a segment
  const recipe = { ...large(8, 70), shape: [8, 15 * segments] as const };
  const network = withTrits(randomNetwork(recipe, 3), (row) => (row % 3) - 1);
  const { how, buffers } = layOut(network).layers[0]!;
  expect(how.method === 'tables' && how.flushes.length + 1).toBe(segments);
  expect(buffers).toBe(segments <= 3 ? segments : 1);
  const images = [...randomImages(network, 40, 5), new Uint8Array(120 * segments).fill(255)];
  expect(firstDifference(compileEngine(network), network, images)).toBe(null);
});

test.each([1, 2, 3])('%i segments, every shift: what saturates is what is clipped anyway', (segments) => {
  const half = 60 * segments;
  const rows = [
    () => 1,
    () => -1,
    (column: number) => (column < half ? 1 : -1),
    (column: number) => (column < half ? -1 : 1),
    (column: number) => (column % 2 === 0 ? 1 : -1),
    (column: number) => (column < 80 * segments ? 1 : -1),
  ];
  for (const outputs of [70, 71])
    for (let shift = 0; shift <= 12; shift++) {
      const recipe = { ...large(8, outputs), shape: [8, 15 * segments] as const, shift };
      const network = withTrits(randomNetwork(recipe, 3), (row, column) => rows[row % 6]!(column));
      const images = [255, 254, 137, 136, 135, 1].map((pixel) => new Uint8Array(2 * half).fill(pixel));
      expect(firstDifference(compileEngine(network), network, images), `shift ${shift}`).toBe(null);
    }
});

test('blocks that are dark in all images leave nothing of the images before', () => {
  for (const segments of [1, 3, 5]) {
    const recipe = { ...large(8, 71), shape: [8, 15 * segments] as const };
    const network = withTrits(randomNetwork(recipe, 3), () => 1);
    const lit = Array.from({ length: 16 }, () => new Uint8Array(120 * segments).fill(255));
    const dark = lit.map((pixels) => new Uint8Array(pixels.length));
    const halfDark = lit.map((pixels) => pixels.map((pixel, i) => (i < 60 * segments ? 0 : pixel)));
    const images = [...lit, ...dark, ...lit, ...halfDark];
    expect(firstDifference(compileEngine(network), network, images)).toBe(null);
  }
});

test('more images than are taken in at a time, in any order', () => {
  const small = randomNetwork({ ...large(7, 40), shape: [5, 7] }, 9);
  const { capacity } = layOut(small);
  const many = randomImages(small, capacity + 33, 2);
  expect(firstDifference(compileEngine(small), small, many)).toBe(null);
  const wide = randomNetwork({ ...large(7, 34), shape: [128, 127] }, 9);
  const activity = new Float64Array(128 * 127).map((_, i) => (i * 31) % 17);
  const ordered = layOut(wide, activity).capacity;
  const few = randomImages(wide, 9, 3);
  const order = seededRandom(SEED, 'repeats');
  const picks = Array.from({ length: ordered + 9 }, () => order.below(few.length));
  const expected = few.map((pixels) => evaluate(wide, pixels));
  const { classes, logits } = compileEngine(wide, { activity }).run(
    joined(picks.map((pick) => few[pick]!)),
    picks.length,
  );
  expect(Array.from(classes)).toEqual(picks.map((pick) => expected[pick]!.class));
  expect(Array.from(logits)).toEqual(picks.flatMap((pick) => [...expected[pick]!.layers.at(-1)!.codes]));
});

test('images are ordered by the blocks that they light', () => {
  const blockOf = Uint8Array.from({ length: 10 }, (_, i) => [0, 1, 0, 2, 0, 0, 1, 0, 2, 30][i]!);
  const nibbles = nibblesOf(blockOf);
  expect(nibbles).toHaveLength(3 * 16);
  expect(nibbles[0b1010]).toBe(0b110);
  expect(nibbles[16 + 0b0111]).toBe(0b011);
  expect(nibbles[32 + 0b0010]).toBe(2 ** 30);
  expect(Array.from(imageOrder(Uint32Array.of(4, 2 ** 30, 0, 4, 3)))).toEqual([2, 4, 0, 3, 1]);
});

test('an engine is used again and again: nothing of an image stays', () => {
  const network = randomNetwork({ ...large(7, 70), outputs: [70, 40, 10], shift: 'dynamic' }, 4);
  const engine = compileEngine(network);
  const images = randomImages(network, 37, 6);
  const whole = engine.run(joined(images), 37);
  for (let i = 0; i < 37; i += 5) {
    const one = engine.run(images[i]!, 1);
    expect(Array.from(one.logits)).toEqual(Array.from(whole.logits.subarray(i * 10, (i + 1) * 10)));
  }
  expect(engine.run(new Uint8Array(0), 0).classes).toHaveLength(0);
});

test('pixels of another size are refused', () => {
  const network = randomNetwork(large(7, 10), 4);
  expect(() => compileEngine(network).run(new Uint8Array(783), 1)).toThrow(/have 784 pixels, not 783/);
  expect(() => compileEngine(network, { simd: false }).run(new Uint8Array(785), 1)).toThrow(/784/);
});

test('one trit altered is named by image, layer and neuron', () => {
  const network = randomNetwork(large(8, 140), 8);
  const images = randomImages(network, 4, 1);
  const altered = withTrits(network, (row, column) => {
    const trit = denseLayers(network)[0]!.weights.trits[row * 784 + column]!;
    return row === 17 && column === 400 ? (trit === 1 ? -1 : 1) : trit;
  });
  expect(firstDifference(compileEngine(altered), network, images)).toMatch(
    /^image 1, layer fc0, neuron 17: /,
  );
  expect(outputsOf(denseLayers(network)[0]!)).toBe(140);
});
