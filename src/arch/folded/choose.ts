// Chooses foldings for a goal: the smallest hardware that reaches a rate, or the fastest that fits. All layers share one
// budget of cycles, so none is faster than the slowest needs it to be.
import { denseLayers, inputsOf, type Network, outputsOf } from '../../model/network.ts';
import type { HardwarePlan } from '../../model/plan.ts';
import { UserError } from '../../util/errors.ts';
import { type Area, estimate } from './estimate.ts';
import { chooseFolding, divisorsOf } from './folding.ts';
import type { Family } from './memories.ts';
import type { PackingChoice } from './packing.ts';
import { type FoldingRequest, foldLayers, planFolded } from './plan.ts';

/** What the hardware may take at most. */
export interface Limits {
  readonly luts: number;
  readonly blockRams: number;
  /** Whose limits they are, for messages. */
  readonly name: string;
}

export interface Goal {
  /** MHz. */
  readonly clock: number;
  /** Images a second at that clock. */
  readonly targetFps?: number | undefined;
  readonly limits?: Limits | undefined;
  readonly packing?: PackingChoice | undefined;
  /** Whose cells are estimated. */
  readonly family: Family;
}

export interface Chosen {
  readonly plan: HardwarePlan;
  readonly area: Area;
  /** Why these foldings, in a sentence. */
  readonly reason: string;
}

/** Cycle budgets that change something: what the layers can take, fewest cycles first. */
const budgetsOf = (network: Network): number[] => {
  const cycles = denseLayers(network).flatMap((layer) =>
    divisorsOf(outputsOf(layer)).flatMap((pe) =>
      divisorsOf(inputsOf(layer)).map((simd) => (outputsOf(layer) / pe) * (inputsOf(layer) / simd)),
    ),
  );
  return [...new Set(cycles)].sort((a, b) => a - b);
};

const foldingFor = (network: Network, budget: number, packing: Goal['packing']): FoldingRequest => {
  const layers = denseLayers(network);
  const first = layers.map((layer) => chooseFolding(layer, budget));
  const slowest = Math.max(
    ...first.map(({ pe, simd }, i) => (outputsOf(layers[i]!) / pe) * (inputsOf(layers[i]!) / simd)),
  );
  const all = layers.map((layer) => chooseFolding(layer, slowest));
  return { pe: all.map(({ pe }) => pe), simd: all.map(({ simd }) => simd), packing };
};

const fits = (area: Area, limits: Limits | undefined): boolean =>
  limits === undefined || (area.luts <= limits.luts && area.blockRams <= limits.blockRams);

const areaText = ({ luts, blockRams }: Area): string => `about ${luts} LUTs and ${blockRams} block RAMs`;

const refuse = (subject: string, rule: string, value: string | number, hint: string): never => {
  throw new UserError({ subject, rule, value, hint, code: 'BITSIM_PLAN_IMPOSSIBLE' });
};

const rate = (clock: number, plan: HardwarePlan): number =>
  Math.floor((clock * 1e6) / plan.initiationInterval);

/** The largest budget whose pipeline keeps within `most` cycles a frame. */
const forRate = (network: Network, most: number, packing: Goal['packing']): HardwarePlan | undefined => {
  const budgets = budgetsOf(network).filter((budget) => budget <= most);
  for (const budget of budgets.reverse()) {
    const plan = planFolded(network, foldingFor(network, budget, packing));
    if (plan.initiationInterval <= most) return plan;
  }
  return undefined;
};

/** The fastest that fits, and of equally fast ones the smallest; undefined when nothing fits. */
const forLimits = (network: Network, { limits, packing, family }: Goal): HardwarePlan | undefined => {
  for (const budget of budgetsOf(network)) {
    const request = foldingFor(network, budget, packing);
    if (!fits(estimate(network, foldLayers(network, request), family), limits)) continue;
    const plan = planFolded(network, request);
    // where something else sets the rate (pixels come one a cycle), layers that fast are wasted
    const relaxed = forRate(network, plan.initiationInterval, packing) ?? plan;
    return fits(estimate(network, relaxed.layers, family), limits) ? relaxed : plan;
  }
  return undefined;
};

const smallest = (network: Network, { packing, family }: Goal): Area =>
  estimate(network, foldLayers(network, foldingFor(network, Number.MAX_SAFE_INTEGER, packing)), family);

/** Smallest hardware that reaches `targetFps`. Throws UserError with the nearest possible when it cannot be reached or does not fit. */
const chooseForRate = (network: Network, goal: Goal, targetFps: number): Chosen => {
  const { clock, limits, packing } = goal;
  const most = Math.floor((clock * 1e6) / targetFps);
  const plan = forRate(network, most, packing);
  if (plan === undefined) {
    const fastest = planFolded(network, foldingFor(network, 1, packing));
    return refuse(
      `--target-fps at ${clock} MHz`,
      `be at most ${rate(clock, fastest)}, what the fastest folding reaches`,
      targetFps,
      'raise --clock, or lower the target',
    );
  }
  const area = estimate(network, plan.layers, goal.family);
  if (!fits(area, limits)) {
    const nearest = forLimits(network, goal);
    const possible =
      nearest === undefined ? 'nothing fits there' : `${rate(clock, nearest)} a second would fit`;
    return refuse(
      `hardware for ${targetFps} images a second`,
      `fit ${limits!.name}`,
      areaText(area),
      possible,
    );
  }
  return { plan, area, reason: `the smallest within ${most} cycles an image` };
};

/** Plans for `goal`. */
export const choosePlan = (network: Network, goal: Goal): Chosen => {
  if (goal.targetFps !== undefined) return chooseForRate(network, goal, goal.targetFps);
  if (goal.limits === undefined) {
    const plan = planFolded(network, { packing: goal.packing });
    return {
      plan,
      area: estimate(network, plan.layers, goal.family),
      reason: 'the default: about 4,000 cycles an image',
    };
  }
  const plan = forLimits(network, goal);
  if (plan === undefined) {
    const area = smallest(network, goal);
    return refuse(
      `the design`,
      `fit ${goal.limits.name}`,
      `${areaText(area)} at least`,
      'train a smaller net',
    );
  }
  return {
    plan,
    area: estimate(network, plan.layers, goal.family),
    reason: `the fastest that fits ${goal.limits.name}`,
  };
};
