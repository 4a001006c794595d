// Folding choices, refusals and plan contents.
import { expect, test } from 'vitest';
import { divisorsOf } from '../../../src/arch/folded/folding.ts';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import { UserError } from '../../../src/util/errors.ts';
import { type NetworkRecipe, randomNetwork } from '../../support/networks.ts';

const recipe: NetworkRecipe = {
  shape: [28, 28],
  outputs: [64, 10],
  inputBits: 7,
  actBits: 8,
  alphabet: 'ternary',
  shift: 5,
  bias: false,
};

test('784-64-10 is folded 4 x 4 by default, and the small layer costs one adder', () => {
  const plan = planFolded(randomNetwork(recipe, 1));
  expect(plan.layers.map(({ pe, simd, cycles }) => ({ pe, simd, cycles }))).toEqual([
    { pe: 4, simd: 4, cycles: 3136 },
    { pe: 1, simd: 1, cycles: 640 },
  ]);
  expect(plan.initiationInterval).toBe(3136);
});

test('784-1024-10 at 16 x 16 has no bubbles: the interval is the first layer alone', () => {
  const plan = planFolded(randomNetwork({ ...recipe, outputs: [1024, 10] }, 1), {
    pe: [16, 2],
    simd: [16, 2],
  });
  expect(plan.initiationInterval).toBe(3136);
});

test.each([
  [{ pe: [24, 1] }, /layer fc0: PE must divide 64 outputs, not 24; try 16 or 32/],
  [{ simd: [5, 1] }, /layer fc0: SIMD must divide 784 inputs, not 5; try 4 or 7/],
  [{ pe: [Number.NaN, 1] }, /PE must divide 64 outputs, not NaN/],
  [{ pe: [4] }, /--pe must have one number for each of the 2 dense layers, not 1/],
  [{ pe: [0, 1] }, /PE must divide 64 outputs, not 0/],
  [{ simd: [-4, 1] }, /SIMD must divide 784 inputs, not -4/],
])('refuses %j', (folding, message) => {
  expect(() => planFolded(randomNetwork(recipe, 1), folding)).toThrow(message);
  expect(() => planFolded(randomNetwork(recipe, 1), folding)).toThrow(UserError);
});

test('divisors are complete', () => {
  expect(divisorsOf(28)).toEqual([1, 2, 4, 7, 14, 28]);
});

test('the accumulator makes room for the rounding constant it starts from', () => {
  const network = randomNetwork({ ...recipe, shape: [1, 1], outputs: [1, 1], shift: 20 }, 1);
  expect(planFolded(network).layers[0]!.accumulator.bits).toBeGreaterThan(20);
});
