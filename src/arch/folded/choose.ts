// Chooses foldings for a goal: the smallest hardware that reaches a rate, or the fastest that fits. All layers share one
// budget of cycles, so none is faster than the slowest needs it to be.
import { type DenseLayer, denseLayers, type Network } from '../../model/network.ts';
import type { HardwarePlan } from '../../model/plan.ts';
import { UserError } from '../../util/errors.ts';
import { type Area, estimate, sitesOf, weightOf } from './estimate.ts';
import { allWords, type CyclesOf, chooseFolding, everyFolding, type Folding } from './folding.ts';
import type { Family } from './memories.ts';
import { BASE3_LANES, type PackingChoice } from './packing.ts';
import { cyclesUnderAll, type FoldingRequest, layerFolder, planFolded, skipsOf } from './plan.ts';
import type { SkipChoice } from './skip-zeros.ts';

/** What the hardware may take at most. */
export interface Limits {
  readonly luts: number;
  /** Logic sites, each a LUT with its flip-flops. */
  readonly sites: number;
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
  /** Whether zeros are skipped, one entry a dense layer or one for all; default `off`. */
  readonly skipZeros?: readonly SkipChoice[] | undefined;
  /** Whose cells are estimated. */
  readonly family: Family;
}

export interface Chosen {
  readonly plan: HardwarePlan;
  readonly area: Area;
  /** Why these foldings, in a sentence. */
  readonly reason: string;
}

/** What a search goes back to again and again. */
interface Search {
  readonly network: Network;
  readonly layers: readonly DenseLayer[];
  readonly goal: Goal;
  readonly skips: readonly SkipChoice[];
  /** Cycles of a layer in a folding, zeros skipped or not. */
  readonly cyclesOf: CyclesOf;
  readonly fold: ReturnType<typeof layerFolder>;
}

const slowestOf = ({ layers, cyclesOf }: Search, foldings: readonly Folding[]): number =>
  Math.max(...foldings.map((folding, i) => cyclesOf(layers[i]!, folding)));

/** Cycle budgets that change something: what the layers can take, fewest cycles first. */
const budgetsOf = ({ layers, cyclesOf }: Search): number[] => {
  const cycles = layers.flatMap((layer) => everyFolding(layer).map((folding) => cyclesOf(layer, folding)));
  return [...new Set(cycles)].sort((a, b) => a - b);
};

/** Foldings within `budget` cycles, none faster than the slowest needs it to be. */
const balanced = (search: Search, budget: number): Folding[] => {
  const within = (cycles: number): Folding[] =>
    search.layers.map((layer) => chooseFolding(layer, cycles, search.cyclesOf));
  return within(slowestOf(search, within(budget)));
};

/** Zeros are skipped where the rate asks for it; elsewhere `auto` sees to memory alone. */
const requestOf = (search: Search, foldings: readonly Folding[]): FoldingRequest => {
  const slowest = slowestOf(search, foldings);
  const needed = (i: number): boolean => allWords(search.layers[i]!, foldings[i]!) > slowest;
  return {
    pe: foldings.map(({ pe }) => pe),
    simd: foldings.map(({ simd }) => simd),
    packing: search.goal.packing,
    skipZeros: search.skips.map((choice, i) => (choice === 'auto' && needed(i) ? 'on' : choice)),
  };
};

const areaOf = (search: Search, foldings: readonly Folding[]): Area =>
  estimate(search.network, search.fold(requestOf(search, foldings)), search.goal.family);

const weigh = (area: Area, { limits, family }: Goal): number =>
  weightOf(area, family, limits === undefined ? undefined : limits.luts / limits.blockRams);

/** Within the same cycles and with no more adders, the smallest by the estimate, a layer at a time. */
const shrunk = (search: Search, start: readonly Folding[]): Folding[] => {
  const { cyclesOf } = search;
  const slowest = slowestOf(search, start);
  let best = { foldings: [...start], weight: weigh(areaOf(search, start), search.goal) };
  for (const [i, layer] of search.layers.entries()) {
    const adders = start[i]!.pe * start[i]!.simd;
    for (const folding of everyFolding(layer)) {
      const lanes = folding.pe * folding.simd;
      if (cyclesOf(layer, folding) > slowest || lanes > adders) continue;
      if (search.goal.packing === 'base3' && lanes % BASE3_LANES !== 0) continue;
      const foldings = best.foldings.map((other, j) => (i === j ? folding : other));
      const weight = weigh(areaOf(search, foldings), search.goal);
      if (weight < best.weight) best = { foldings, weight };
    }
  }
  return best.foldings;
};

const planOf = (search: Search, foldings: readonly Folding[]): HardwarePlan =>
  planFolded(search.network, requestOf(search, foldings));

/** Whether `area` is within what there is. */
export const fits = (area: Area, limits: Limits | undefined, family: Family): boolean =>
  limits === undefined ||
  (area.luts <= limits.luts && area.blockRams <= limits.blockRams && sitesOf(area, family) <= limits.sites);

const areaText = ({ luts, flipFlops, blockRams }: Area): string =>
  `about ${luts} LUTs, ${flipFlops} flip-flops and ${blockRams} block RAMs`;

const refuse = (subject: string, rule: string, value: string | number, hint: string): never => {
  throw new UserError({ subject, rule, value, hint, code: 'BITSIM_PLAN_IMPOSSIBLE' });
};

const rate = (clock: number, plan: HardwarePlan): number =>
  Math.floor((clock * 1e6) / plan.initiationInterval);

/** The largest budget whose pipeline keeps within `most` cycles a frame. */
const forRate = (search: Search, most: number): HardwarePlan | undefined => {
  const budgets = budgetsOf(search).filter((budget) => budget <= most);
  for (const budget of budgets.reverse()) {
    const start = balanced(search, budget);
    const plan = planOf(search, start);
    if (plan.initiationInterval > most) continue;
    const smaller = planOf(search, shrunk(search, start));
    return smaller.initiationInterval <= most ? smaller : plan;
  }
  return undefined;
};

/** The fastest that fits, and of equally fast ones the smallest; undefined when nothing fits. */
const forLimits = (search: Search): HardwarePlan | undefined => {
  const { network, goal } = search;
  for (const budget of budgetsOf(search)) {
    const foldings = shrunk(search, balanced(search, budget));
    if (!fits(areaOf(search, foldings), goal.limits, goal.family)) continue;
    const plan = planOf(search, foldings);
    // where something else sets the rate (pixels come one a cycle), layers that fast are wasted
    const relaxed = forRate(search, plan.initiationInterval) ?? plan;
    return fits(estimate(network, relaxed.layers, goal.family), goal.limits, goal.family) ? relaxed : plan;
  }
  return undefined;
};

const searchOf = (network: Network, goal: Goal): Search => {
  const layers = denseLayers(network);
  const skips = skipsOf(goal, layers.length);
  const cyclesOf = cyclesUnderAll(layers, skips);
  return { network, layers, goal, skips, cyclesOf, fold: layerFolder(network) };
};

/** `search`, and where `auto` is to decide, also the one in which that reads every word: it may be the smaller. */
const alternatives = (search: Search): Search[] => {
  const { network, goal, skips } = search;
  if (!skips.includes('auto')) return [search];
  const skipZeros = skips.map((choice) => (choice === 'auto' ? 'off' : choice));
  return [search, searchOf(network, { ...goal, skipZeros })];
};

/** The plan with the least `cost` of those that there are. */
const least = (
  plans: readonly (HardwarePlan | undefined)[],
  cost: (plan: HardwarePlan) => number,
): HardwarePlan | undefined =>
  plans
    .filter((plan) => plan !== undefined)
    .reduce<HardwarePlan | undefined>((a, b) => (a === undefined || cost(b) < cost(a) ? b : a), undefined);

const smallestForRate = (search: Search, most: number): HardwarePlan | undefined => {
  const { network, goal } = search;
  return least(
    alternatives(search).map((one) => forRate(one, most)),
    ({ layers }) => weigh(estimate(network, layers, goal.family), goal),
  );
};

const fastestWithin = (search: Search): HardwarePlan | undefined =>
  least(alternatives(search).map(forLimits), ({ initiationInterval }) => initiationInterval);

/** Smallest hardware that reaches `targetFps`. Throws UserError with the nearest possible when it cannot be reached or does not fit. */
const chooseForRate = (search: Search, targetFps: number): Chosen => {
  const { network, goal } = search;
  const { clock, limits } = goal;
  const most = Math.floor((clock * 1e6) / targetFps);
  const plan = smallestForRate(search, most);
  if (plan === undefined) {
    const fastest = planOf(search, balanced(search, 1));
    return refuse(
      `--target-fps at ${clock} MHz`,
      `be at most ${rate(clock, fastest)}, what the fastest folding reaches`,
      targetFps,
      'raise --clock, or lower the target',
    );
  }
  const area = estimate(network, plan.layers, goal.family);
  if (!fits(area, limits, goal.family)) {
    const nearest = fastestWithin(search);
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

/** What might help a design that fits in no folding. */
const smallerHint = ({ network, goal, skips }: Search): string => {
  const skipping = searchOf(network, { ...goal, skipZeros: ['auto'] });
  const smallest = areaOf(skipping, balanced(skipping, Number.MAX_SAFE_INTEGER));
  const helps = skips.every((choice) => choice === 'off') && fits(smallest, goal.limits, goal.family);
  return helps ? '--skip-zeros auto makes it fit' : 'train a smaller net';
};

/** Plans for `goal`. */
export const choosePlan = (network: Network, goal: Goal): Chosen => {
  const search = searchOf(network, goal);
  if (goal.targetFps !== undefined) return chooseForRate(search, goal.targetFps);
  if (goal.limits === undefined) {
    const plan = planFolded(network, { packing: goal.packing, skipZeros: goal.skipZeros });
    return {
      plan,
      area: estimate(network, plan.layers, goal.family),
      reason: 'the default: about 4,000 cycles an image',
    };
  }
  const plan = fastestWithin(search);
  if (plan === undefined) {
    const area = areaOf(search, balanced(search, Number.MAX_SAFE_INTEGER));
    return refuse(`the design`, `fit ${goal.limits.name}`, `${areaText(area)} at least`, smallerHint(search));
  }
  return {
    plan,
    area: estimate(network, plan.layers, goal.family),
    reason: `the fastest that fits ${goal.limits.name}`,
  };
};
