// Registers for a clock: as few as the estimate asks for, refused where none would do, and what they do to cycles.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CLOCK_PARTS, chooseStages, estimateClock } from '../../../src/arch/folded/clock.ts';
import { featuresOf } from '../../../src/arch/folded/estimate.ts';
import { cutLevels, mostStages } from '../../../src/arch/folded/folding.ts';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import { UserError } from '../../../src/util/errors.ts';
import { type NetworkRecipe, randomNetwork } from '../../support/networks.ts';

const SEED = 31;

const recipe: NetworkRecipe = {
  shape: [28, 28],
  outputs: [64, 10],
  inputBits: 8,
  actBits: 8,
  alphabet: 'ternary',
  shift: 5,
  bias: false,
};
const network = randomNetwork(recipe, 1);
const folding = { pe: [4, 1], simd: [16, 2], packing: '2bit' } as const;
const layersWith = (pipeline: readonly number[]) => planFolded(network, { ...folding, pipeline }).layers;
const plain = layersWith([0, 0]);

describe.each(CLOCK_PARTS)('%s', (part) => {
  const reached = (pipeline: readonly number[]): number =>
    estimateClock(network, layersWith(pipeline), part).fmax;
  const most = reached([4, 1]);

  test('without registers the trees are what a register can shorten, with all of them something else limits', () => {
    expect(estimateClock(network, plain, part).limit).toMatchObject({ layer: 'fc0', kind: 'tree' });
    expect(estimateClock(network, layersWith([4, 1]), part).limit.kind).not.toBe('tree');
    expect(most).toBeGreaterThan(reached([0, 0]));
  });

  test(`the choice reaches the clock, and one register less in any layer does not (seed ${SEED})`, () => {
    fc.assert(
      fc.property(fc.double({ min: 1, max: most, noNaN: true }), (clock) => {
        const chosen = chooseStages(network, plain, { clock, part });
        expect(reached(chosen)).toBeGreaterThanOrEqual(clock);
        chosen.forEach((stages, i) => {
          if (stages > 0) expect(reached(chosen.with(i, stages - 1))).toBeLessThan(clock);
        });
      }),
      { seed: SEED },
    );
  });

  test('a clock that no register reaches is refused with the nearest, which is taken', () => {
    const clock = Math.floor(most) + 1;
    const refused = () => chooseStages(network, plain, { clock, part });
    expect(refused).toThrow(UserError);
    expect(refused).toThrow(
      `must be at most ${Math.floor(most)} MHz with this folding, by the estimate, not`,
    );
    expect(refused).toThrow(/limits it, which no register in the adder trees shortens/);
    expect(() => chooseStages(network, plain, { clock: clock - 1, part })).not.toThrow();
  });
});

test('registers cut a tree into parts that differ by at most one level', () => {
  for (const simd of [1, 2, 3, 4, 5, 7, 8, 16, 28, 64])
    for (let pipeline = 0; pipeline <= mostStages(simd); pipeline++) {
      const cuts = cutLevels(simd, pipeline);
      expect(cuts).toHaveLength(pipeline);
      const ends = [-1, ...cuts, mostStages(simd)];
      const parts = ends.slice(1).map((end, i) => end - ends[i]!);
      expect(Math.max(...parts) - Math.min(...parts)).toBeLessThanOrEqual(1);
    }
});

test('each register is a cycle of latency and none of the interval', () => {
  const before = planFolded(network, folding);
  const after = planFolded(network, { ...folding, pipeline: [3, 1] });
  expect(after.latency).toBe(before.latency + 4);
  expect(after.initiationInterval).toBe(before.initiationInterval);
});

test('flip-flops of the registers: sums, signs that wait, valid and last', () => {
  const bits = (pipeline: number[]) => featuresOf(network, layersWith(pipeline), 'ice40').stages;
  expect(bits([0, 0])).toBe(0);
  // after the selection of 16 inputs of 8 bits: 16 signed bytes and 16 signs for each PE
  expect(bits([4, 0]) - bits([3, 0])).toBeGreaterThan(0);
  // one register: after two levels of adders, 4 sums of 11 bits and 4 signs
  expect(bits([1, 0])).toBe(4 * (4 * 12) + 2);
});

test.each([[[5, 0]], [[-1, 0]], [[0.5, 0]], [[0, 2]]])('%j registers are refused', (pipeline) => {
  expect(() => planFolded(network, { ...folding, pipeline })).toThrow(/pipeline must be 0 to \d, the levels/);
});

test('one number for each layer', () => {
  expect(() => planFolded(network, { ...folding, pipeline: [1] })).toThrow(
    /--pipeline must have one number for each of the 2 dense layers/,
  );
});
