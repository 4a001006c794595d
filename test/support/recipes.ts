// Random designs for RTL tests: shapes, foldings, bit widths, alphabets, both requantizations, both ROM styles.
import fc from 'fast-check';
import { divisorsOf, mostStages } from '../../src/arch/folded/folding.ts';
import { PACKINGS } from '../../src/arch/folded/packing.ts';
import { SKIP_CHOICES } from '../../src/arch/folded/skip-zeros.ts';
import type { RomStyle } from '../../src/codegen/bundle.ts';
import type { DesignRecipe } from './emitted.ts';
import { type NetworkRecipe, randomNetwork } from './networks.ts';

const pick = (n: number, choice: number): number => divisorsOf(n)[choice % divisorsOf(n).length]!;

const recipe: fc.Arbitrary<NetworkRecipe> = fc.record({
  shape: fc.constantFrom<[number, number][]>([2, 2], [3, 4], [4, 4], [1, 7], [5, 3], [6, 6]),
  outputs: fc.array(fc.constantFrom(1, 2, 3, 4, 5, 6, 8, 12), { minLength: 1, maxLength: 4 }),
  inputBits: fc.integer({ min: 1, max: 8 }),
  actBits: fc.integer({ min: 1, max: 8 }),
  alphabet: fc.constantFrom('ternary' as const, 'binary' as const),
  shift: fc.oneof(
    fc.integer({ min: 0, max: 6 }),
    fc.constant('dynamic' as const),
    fc.constant('thresholds' as const),
  ),
  bias: fc.boolean(),
  zeros: fc.constantFrom(0, 0.4, 0.8, 0.95, 1),
});

/** Crops and pools that fit some of the shapes; the others stay plain. */
const reductions: readonly (readonly [shape: string, crop: number, pool: number])[] = [
  ['4,4', 0, 2],
  ['4,4', 1, 1],
  ['4,4', 1, 2],
  ['4,4', 0, 4],
  ['6,6', 0, 3],
  ['6,6', 1, 2],
  ['6,6', 2, 1],
  ['5,3', 1, 1],
  ['2,2', 0, 2],
];

/** Thresholds give codes of at most 4 bits. */
const narrowed = (network: NetworkRecipe): NetworkRecipe =>
  network.shift === 'thresholds' ? { ...network, actBits: Math.ceil(network.actBits / 2) } : network;

const reduce = (network: NetworkRecipe, choice: number): NetworkRecipe => {
  const fitting = reductions.filter(([shape]) => shape === network.shape.join(','));
  const chosen = choice % 2 === 0 ? fitting[(choice / 2) % Math.max(1, fitting.length)] : undefined;
  return chosen === undefined ? network : { ...network, crop: chosen[1], pool: chosen[2] };
};

export interface LabelledRecipe extends DesignRecipe {
  /** All of it as text, for messages. */
  readonly label: string;
}

/** A random design. */
export const designRecipe = fc
  .record({
    recipe,
    seed: fc.nat(1000),
    choices: fc.array(fc.nat(11), { minLength: 8, maxLength: 8 }),
    rom: fc.constantFrom<RomStyle[]>('readmemh', 'case'),
    reduction: fc.nat(17),
    stages: fc.array(fc.nat(5), { minLength: 4, maxLength: 4 }),
    packing: fc.constantFrom(...PACKINGS),
    skips: fc.array(fc.constantFrom(...SKIP_CHOICES), { minLength: 4, maxLength: 4 }),
  })
  .map(({ recipe: base, seed, choices, rom, reduction, packing, stages, skips }): LabelledRecipe => {
    const network = reduce(narrowed(base), reduction);
    const [crop, pool] = [network.crop ?? 0, network.pool ?? 1];
    const windows = network.shape.map((side) => (side - 2 * crop) / pool);
    const inputs = [windows[0]! * windows[1]!, ...network.outputs];
    const folds = {
      pe: network.outputs.map((outputs, i) => pick(outputs, choices[i]!)),
      simd: network.outputs.map((_, i) => pick(inputs[i]!, choices[4 + i]!)),
    };
    const pipeline = folds.simd.map((simd, i) => stages[i]! % (mostStages(simd) + 1));
    const sides = { ...folds, pipeline };
    const skipZeros = skips.slice(0, network.outputs.length);
    const fours = sides.pe.some((pe, i) => (pe * sides.simd[i]!) % 4 === 0 && skipZeros[i] === 'off');
    const possible = fours && network.alphabet === 'ternary';
    const folding = {
      ...sides,
      packing: packing === 'base3' && !possible ? ('2bit' as const) : packing,
      skipZeros,
    };
    return {
      network: randomNetwork(network, seed),
      folding,
      rom,
      images: 6,
      seed,
      label: JSON.stringify({ network, folding, rom, seed }),
    };
  });
