// Random designs for RTL tests: shapes, foldings, bit widths, alphabets, both requantizations, both ROM styles.
import fc from 'fast-check';
import { divisorsOf } from '../../src/arch/folded/folding.ts';
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
  shift: fc.oneof(fc.integer({ min: 0, max: 6 }), fc.constant('dynamic' as const)),
  bias: fc.boolean(),
  zeros: fc.constantFrom(0, 0.4, 1),
});

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
  })
  .map(({ recipe: network, seed, choices, rom }): LabelledRecipe => {
    const inputs = [network.shape[0] * network.shape[1], ...network.outputs];
    const folding = {
      pe: network.outputs.map((outputs, i) => pick(outputs, choices[i]!)),
      simd: network.outputs.map((_, i) => pick(inputs[i]!, choices[4 + i]!)),
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
