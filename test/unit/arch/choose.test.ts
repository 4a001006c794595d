// Foldings chosen for a goal: they reach it, nothing smaller does, and what cannot be is refused with the nearest that can.
import { describe, expect, test } from 'vitest';
import { choosePlan, fits } from '../../../src/arch/folded/choose.ts';
import { estimate, estimateParts, sitesOf } from '../../../src/arch/folded/estimate.ts';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import type { DensePlan } from '../../../src/model/plan.ts';
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
const family = 'ice40' as const;
const network = randomNetwork(recipe, 1);
const adders = (plan: ReturnType<typeof planFolded>): number =>
  plan.layers.reduce((sum, { pe, simd }) => sum + pe * simd, 0);

const messageOf = (run: () => unknown): string => {
  try {
    run();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return (error as UserError).message;
  }
  throw new Error('nothing was refused');
};

describe('a rate', () => {
  test.each([1_000, 10_000, 30_000, 100_000, 400_000])('%i images a second at 100 MHz', (targetFps) => {
    const { plan, reason } = choosePlan(network, { family, clock: 100, targetFps });
    expect(100e6 / plan.initiationInterval).toBeGreaterThanOrEqual(targetFps);
    expect(reason).toContain(`within ${Math.floor(100e6 / targetFps)} cycles`);
  });

  test('more images a second never take fewer adders', () => {
    const rates = [500, 2_000, 8_000, 32_000, 128_000, 512_000];
    const counts = rates.map((targetFps) =>
      adders(choosePlan(network, { family, clock: 100, targetFps }).plan),
    );
    expect(counts).toEqual([...counts].sort((a, b) => a - b));
    expect(new Set(counts).size).toBeGreaterThan(4);
  });

  test('no layer is faster than the slowest needs it to be', () => {
    const { plan } = choosePlan(network, { family, clock: 100, targetFps: 30_000 });
    const slowest = Math.max(...plan.layers.map(({ cycles }) => cycles));
    for (const { pe, simd, cycles } of plan.layers) {
      expect(cycles).toBeLessThanOrEqual(slowest);
      // with half the adders the layer would be the bottleneck, or it has one adder only
      expect(pe * simd === 1 || cycles * 2 > slowest).toBe(true);
    }
  });

  test('within the same cycles, no folding of as many adders is smaller by the estimate', () => {
    const { plan } = choosePlan(network, { family, clock: 100, targetFps: 30_000 });
    const slowest = Math.max(...plan.layers.map(({ cycles }) => cycles));
    const sizes = plan.layers.map(({ pe, simd }) => [pe, simd] as const);
    const weigh = (layers: readonly DensePlan[]): number => {
      const area = estimate(network, layers, family);
      return area.luts + sitesOf(area, family) + 512 * area.blockRams;
    };
    const chosen = weigh(plan.layers);
    const [first] = sizes;
    for (const pe of [1, 2, 4, 8, 16, 32, 64])
      for (const simd of [1, 2, 4, 7, 8, 14, 16, 28]) {
        if ((64 / pe) * (784 / simd) > slowest || pe * simd > first![0] * first![1]) continue;
        const other = { pe: [pe, sizes[1]![0]], simd: [simd, sizes[1]![1]] };
        expect(weigh(planFolded(network, other).layers), `${pe} x ${simd}`).toBeGreaterThanOrEqual(chosen);
      }
  });

  test('base 3 as asked', () => {
    const { plan } = choosePlan(network, { family, clock: 100, targetFps: 30_000, packing: 'base3' });
    expect(plan.layers[0]!.rom.packing).toBe('base3');
  });

  test('one out of reach is refused with the one in reach', () => {
    const message = messageOf(() => choosePlan(network, { family, clock: 10, targetFps: 1e9 }));
    expect(message).toMatch(/--target-fps at 10 MHz must be at most \d+, what the fastest folding reaches/);
    const reach = Number(/at most (\d+)/.exec(message)![1]);
    expect(
      choosePlan(network, { family, clock: 10, targetFps: reach }).plan.initiationInterval,
    ).toBeGreaterThan(0);
    expect(() => choosePlan(network, { family, clock: 10, targetFps: reach + 1 })).toThrow(UserError);
  });
});

describe('limits', () => {
  const limits = { luts: 5280, sites: 5280, blockRams: 30, name: 'the part' };

  test('the fastest that fits', () => {
    const { plan, area, reason } = choosePlan(network, { family, clock: 48, limits });
    expect(area.luts).toBeLessThanOrEqual(limits.luts);
    expect(area.blockRams).toBeLessThanOrEqual(limits.blockRams);
    expect(plan.initiationInterval).toBeLessThan(planFolded(network).initiationInterval);
    expect(reason).toBe('the fastest that fits the part');
  });

  test('flip-flops that no LUT shares a cell with count', () => {
    const { area } = choosePlan(network, { family, clock: 48, limits: { ...limits, blockRams: 1000 } });
    expect(sitesOf(area, family)).toBeLessThanOrEqual(limits.sites);
    expect(sitesOf({ luts: 1000, flipFlops: 1000, blockRams: 0 }, 'ice40')).toBe(1650);
    expect(sitesOf({ luts: 1000, flipFlops: 3000, blockRams: 0 }, 'ecp5')).toBe(3000);
    expect(sitesOf({ luts: 1000, flipFlops: 3000, blockRams: 0 }, 'xilinx')).toBe(1500);
    expect(fits({ luts: 10, flipFlops: 9000, blockRams: 0 }, limits, family)).toBe(false);
  });

  test('layers are no faster than pixels come', () => {
    const pooled = randomNetwork({ ...recipe, pool: 2 }, 1);
    const { plan } = choosePlan(pooled, { family, clock: 48, limits });
    expect(plan.initiationInterval).toBe(784);
    // the fastest that would fit has 98 cycles a layer, and the same rate
    expect(Math.max(...plan.layers.map(({ cycles }) => cycles))).toBeGreaterThan(98);
  });

  test('a rate that does not fit is refused with the one that does, and that one works', () => {
    const message = messageOf(() => choosePlan(network, { family, clock: 48, targetFps: 400_000, limits }));
    expect(message).toMatch(/must fit the part, not about \d+ LUTs, \d+ flip-flops and \d+ block RAMs/);
    const possible = Number(/; (\d+) a second would fit/.exec(message)![1]);
    const { area } = choosePlan(network, { family, clock: 48, targetFps: possible, limits });
    expect(area.blockRams).toBeLessThanOrEqual(limits.blockRams);
  });

  test('a net that is too large for any folding is refused with its least', () => {
    const large = randomNetwork({ ...recipe, outputs: [1024, 10] }, 1);
    expect(messageOf(() => choosePlan(large, { family, clock: 48, limits }))).toMatch(
      /the design must fit the part, not about \d+ LUTs, \d+ flip-flops and \d+ block RAMs at least/,
    );
  });
});

describe('estimates', () => {
  test('parts add up, and every layer takes something', () => {
    const { layers } = planFolded(network);
    const parts = estimateParts(network, layers, family);
    const all = estimate(network, layers, family);
    expect(parts).toHaveLength(layers.length + 1);
    for (const key of ['luts', 'flipFlops', 'blockRams'] as const) {
      expect(parts.reduce((sum, part) => sum + part[key], 0)).toBe(all[key]);
    }
    for (const part of parts.slice(0, -1)) expect(part.luts).toBeGreaterThan(50);
  });

  test('more adders, wider codes and biases cost more', () => {
    const luts = (changes: Partial<NetworkRecipe>, pe = [4, 1]): number => {
      const changed = randomNetwork({ ...recipe, ...changes }, 1);
      return estimate(changed, planFolded(changed, { pe, simd: [4, 1] }).layers, family).luts;
    };
    const base = luts({});
    expect(luts({}, [8, 1])).toBeGreaterThan(base * 1.3);
    expect(luts({ inputBits: 1 })).toBeLessThan(base);
    expect(luts({ bias: true })).toBeGreaterThan(base);
    expect(luts({ shift: 'dynamic' })).toBeGreaterThan(base);
  });
});

describe('zeros', () => {
  const pruned = randomNetwork({ ...recipe, outputs: [128, 10], zeros: 0.9 }, 3);
  const up5k = { luts: 5280, sites: 5280, blockRams: 30, name: 'up5k' };
  const goal = { clock: 48, limits: up5k, family: 'ice40' as const };

  test('a pruned net that fits only when its zeros are skipped', () => {
    expect(() => choosePlan(pruned, goal)).toThrow(/must fit up5k.*--skip-zeros auto makes it fit/);
    const { plan, area } = choosePlan(pruned, { ...goal, skipZeros: ['auto'] });
    expect(plan.layers[0]!.sparse).toBeDefined();
    expect(area.blockRams).toBeLessThanOrEqual(30);
    expect(plan.initiationInterval).toBe(plan.layers[0]!.cycles);
  });

  test('a rate takes less hardware with zeros skipped, and never more', () => {
    const rate = { clock: 48, family: 'ice40' as const, targetFps: 5000 };
    const all = choosePlan(pruned, rate);
    const skipping = choosePlan(pruned, { ...rate, skipZeros: ['auto'] });
    expect(skipping.area.blockRams).toBeLessThan(all.area.blockRams);
    expect(skipping.plan.initiationInterval).toBeLessThanOrEqual(9600);
  });

  test('a net with the usual zeros is planned as without the option', () => {
    const usual = randomNetwork({ ...recipe, outputs: [64, 10] }, 3);
    const skipZeros = ['auto'] as const;
    expect(choosePlan(usual, { ...goal, skipZeros })).toEqual(choosePlan(usual, goal));
  });
});
