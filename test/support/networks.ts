// Random but valid networks and images for tests, all from a seed.
import { accumulatorRange, rowRange } from '../../src/layers/dense/range.ts';
import { codeShape, inputSpecOf } from '../../src/layers/input.ts';
import { validateNetwork } from '../../src/layers/validate.ts';
import type { DenseLayer, Network, RequantSpec } from '../../src/model/network.ts';
import type { GoldenVector } from '../../src/model/vectors.ts';
import { signedFormatFor, unsigned } from '../../src/num/format.ts';
import type { Alphabet } from '../../src/num/trit.ts';
import { evaluate } from '../../src/sim/reference.ts';
import { type Random, seededRandom } from '../../src/util/random.ts';

export interface NetworkRecipe {
  /** Image height and width; their product is the first layer's inputs. */
  readonly shape: readonly [number, number];
  /** Outputs of each dense layer, the classes last. */
  readonly outputs: readonly number[];
  readonly inputBits: number;
  readonly actBits: number;
  readonly alphabet: Alphabet;
  /** Static shift of every hidden layer, dynamic, or thresholds of each neuron (actBits up to 4). */
  readonly shift: number | 'dynamic' | 'thresholds';
  readonly bias: boolean;
  /** Pixels cut from each edge (default 0). */
  readonly crop?: number;
  /** Side of the windows whose pixels are summed (default 1). */
  readonly pool?: number;
  /** Share of zeros, 0..1; only for the ternary alphabet. */
  readonly zeros?: number;
}

const randomTrits = (count: number, recipe: NetworkRecipe, random: Random): Int8Array =>
  Int8Array.from({ length: count }, () => {
    if (recipe.alphabet === 'ternary' && random.unit() < (recipe.zeros ?? 0.4)) return 0;
    return random.below(2) === 0 ? -1 : 1;
  });

/** Ascending in each row, near where accumulators fall, a few of them equal or out of reach. */
const randomThresholds = (layer: DenseLayer, bits: number, random: Random): Int32Array => {
  const values: number[] = [];
  for (let r = 0; r < layer.weights.rows; r++) {
    const { low, high } = rowRange(layer, r);
    const row = Array.from({ length: 2 ** bits - 1 }, () =>
      random.below(2) === 0
        ? low + random.below(high - low + 1)
        : Math.round((low + high) / 2) + random.below(9),
    );
    const { accumulator } = layer;
    const [least, most] = [-(2 ** (accumulator.bits - 1)), 2 ** (accumulator.bits - 1) - 1];
    values.push(...row.map((value) => Math.min(most, Math.max(least, value))).sort((a, b) => a - b));
  }
  return Int32Array.from(values);
};

const requantizeOf = (
  recipe: NetworkRecipe,
  layer: DenseLayer,
  last: boolean,
  random: Random,
): RequantSpec => {
  if (last) return { kind: 'none' };
  const output = unsigned(recipe.actBits);
  if (recipe.shift === 'thresholds')
    return { kind: 'thresholds', output, thresholds: randomThresholds(layer, recipe.actBits, random) };
  return recipe.shift === 'dynamic'
    ? { kind: 'dynamic-shift', rounding: 'half-up', output }
    : { kind: 'static-shift', shift: recipe.shift, rounding: 'half-up', output };
};

/** A network of that recipe with random trits and biases. */
export const randomNetwork = (recipe: NetworkRecipe, seed: number): Network => {
  const random = seededRandom(seed, 'network');
  const { inputBits, crop = 0, pool = 1 } = recipe;
  const input = inputSpecOf({ inputBits, inputCrop: crop, inputPool: pool }, recipe.shape);
  const { code } = input;
  const [height, width] = codeShape(input);
  let cols = height * width;
  const layers = recipe.outputs.map((rows, i): DenseLayer => {
    const bare: DenseLayer = {
      kind: 'dense',
      name: `fc${i}`,
      input: i === 0 ? code : unsigned(recipe.actBits),
      weights: { alphabet: recipe.alphabet, rows, cols, trits: randomTrits(rows * cols, recipe, random) },
      bias: recipe.bias ? Int32Array.from({ length: rows }, () => random.below(401) - 200) : null,
      accumulator: signedFormatFor(0, 0),
      requantize: { kind: 'none' },
    };
    cols = rows;
    const { low, high } = accumulatorRange(bare);
    const layer = { ...bare, accumulator: signedFormatFor(low, high) };
    return { ...layer, requantize: requantizeOf(recipe, layer, i === recipe.outputs.length - 1, random) };
  });
  return validateNetwork({
    format: 'bitsim-network',
    version: 1,
    name: 'random-net',
    input: input,
    layers: [
      ...layers,
      {
        kind: 'argmax',
        name: 'argmax',
        inputs: cols,
        input: layers.at(-1)!.accumulator,
        ties: 'lowest-index',
      },
    ],
    classes: Array.from({ length: cols }, (_, i) => `class${i}`),
    provenance: { tool: 'test', seed },
  });
};

/** Images that reach the corners: all dark, all bright, then random ones, some sparse and some dense. */
export const randomImages = (network: Network, count: number, seed: number): Uint8Array[] => {
  const random = seededRandom(seed, 'images');
  const size = network.input.shape[0] * network.input.shape[1];
  return Array.from({ length: count }, (_, i) => {
    if (i < 2) return new Uint8Array(size).fill(i * 255);
    const share = random.unit();
    return Uint8Array.from({ length: size }, () => (random.unit() < share ? random.below(256) : 0));
  });
};

/** Golden vectors of random images. */
export const randomVectors = (network: Network, count: number, seed: number): GoldenVector[] =>
  randomImages(network, count, seed).map((pixels, image) => ({
    image,
    label: 0,
    pixels,
    trace: evaluate(network, pixels),
  }));
