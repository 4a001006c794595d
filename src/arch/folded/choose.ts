// Chooses foldings for a goal: the smallest hardware that reaches a rate, or the fastest that fits. All layers share one
// budget of cycles, so none is faster than the slowest needs it to be.
import { type DenseLayer, denseLayers, inputsOf, type Network, outputsOf } from '../../model/network.ts';
import type { HardwarePlan } from '../../model/plan.ts';
import { UserError } from '../../util/errors.ts';
import { type Area, estimate, sitesOf } from './estimate.ts';
import { chooseFolding, everyFolding, type Folding } from './folding.ts';
import type { Family } from './memories.ts';
import { BASE3_LANES, type PackingChoice } from './packing.ts';
import { type FoldingRequest, layerFolder, planFolded } from './plan.ts';

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
  readonly fold: ReturnType<typeof layerFolder>;
}

/** LUTs that a block RAM weighs as much as, where no part says how many of each there are. */
const LUTS_A_BLOCK = 256;

const cyclesOf = (layer: DenseLayer, { pe, simd }: Folding): number =>
  (outputsOf(layer) / pe) * (inputsOf(layer) / simd);

const slowestOf = (layers: readonly DenseLayer[], foldings: readonly Folding[]): number =>
  Math.max(...foldings.map((folding, i) => cyclesOf(layers[i]!, folding)));

/** Cycle budgets that change something: what the layers can take, fewest cycles first. */
const budgetsOf = (layers: readonly DenseLayer[]): number[] => {
  const cycles = layers.flatMap((layer) => everyFolding(layer).map((folding) => cyclesOf(layer, folding)));
  return [...new Set(cycles)].sort((a, b) => a - b);
};

/** Foldings within `budget` cycles, none faster than the slowest needs it to be. */
const balanced = (layers: readonly DenseLayer[], budget: number): Folding[] => {
  const slowest = slowestOf(
    layers,
    layers.map((layer) => chooseFolding(layer, budget)),
  );
  return layers.map((layer) => chooseFolding(layer, slowest));
};

const requestOf = (foldings: readonly Folding[], { packing }: Goal): FoldingRequest => ({
  pe: foldings.map(({ pe }) => pe),
  simd: foldings.map(({ simd }) => simd),
  packing,
});

const areaOf = ({ network, goal, fold }: Search, foldings: readonly Folding[]): Area =>
  estimate(network, fold(requestOf(foldings, goal)), goal.family);

const weightOf = (area: Area, { limits, family }: Goal): number => {
  const perBlock = limits === undefined ? LUTS_A_BLOCK : limits.luts / limits.blockRams;
  return area.luts + sitesOf(area, family) + 2 * area.blockRams * perBlock;
};

/** Within the same cycles and with no more adders, the smallest by the estimate, a layer at a time. */
const shrunk = (search: Search, start: readonly Folding[]): Folding[] => {
  const slowest = slowestOf(search.layers, start);
  let best = { foldings: [...start], weight: weightOf(areaOf(search, start), search.goal) };
  for (const [i, layer] of search.layers.entries()) {
    const adders = start[i]!.pe * start[i]!.simd;
    for (const folding of everyFolding(layer)) {
      const lanes = folding.pe * folding.simd;
      if (cyclesOf(layer, folding) > slowest || lanes > adders) continue;
      if (search.goal.packing === 'base3' && lanes % BASE3_LANES !== 0) continue;
      const foldings = best.foldings.map((other, j) => (i === j ? folding : other));
      const weight = weightOf(areaOf(search, foldings), search.goal);
      if (weight < best.weight) best = { foldings, weight };
    }
  }
  return best.foldings;
};

const planOf = ({ network, goal }: Search, foldings: readonly Folding[]): HardwarePlan =>
  planFolded(network, requestOf(foldings, goal));

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
  const budgets = budgetsOf(search.layers).filter((budget) => budget <= most);
  for (const budget of budgets.reverse()) {
    const start = balanced(search.layers, budget);
    const plan = planOf(search, start);
    if (plan.initiationInterval > most) continue;
    const smaller = planOf(search, shrunk(search, start));
    return smaller.initiationInterval <= most ? smaller : plan;
  }
  return undefined;
};

/** The fastest that fits, and of equally fast ones the smallest; undefined when nothing fits. */
const forLimits = (search: Search): HardwarePlan | undefined => {
  const { network, goal, layers } = search;
  for (const budget of budgetsOf(layers)) {
    const foldings = shrunk(search, balanced(layers, budget));
    if (!fits(areaOf(search, foldings), goal.limits, goal.family)) continue;
    const plan = planOf(search, foldings);
    // where something else sets the rate (pixels come one a cycle), layers that fast are wasted
    const relaxed = forRate(search, plan.initiationInterval) ?? plan;
    return fits(estimate(network, relaxed.layers, goal.family), goal.limits, goal.family) ? relaxed : plan;
  }
  return undefined;
};

/** Smallest hardware that reaches `targetFps`. Throws UserError with the nearest possible when it cannot be reached or does not fit. */
const chooseForRate = (search: Search, targetFps: number): Chosen => {
  const { network, goal, layers } = search;
  const { clock, limits } = goal;
  const most = Math.floor((clock * 1e6) / targetFps);
  const plan = forRate(search, most);
  if (plan === undefined) {
    const fastest = planOf(search, balanced(layers, 1));
    return refuse(
      `--target-fps at ${clock} MHz`,
      `be at most ${rate(clock, fastest)}, what the fastest folding reaches`,
      targetFps,
      'raise --clock, or lower the target',
    );
  }
  const area = estimate(network, plan.layers, goal.family);
  if (!fits(area, limits, goal.family)) {
    const nearest = forLimits(search);
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
  const search: Search = { network, layers: denseLayers(network), goal, fold: layerFolder(network) };
  if (goal.targetFps !== undefined) return chooseForRate(search, goal.targetFps);
  if (goal.limits === undefined) {
    const plan = planFolded(network, { packing: goal.packing });
    return {
      plan,
      area: estimate(network, plan.layers, goal.family),
      reason: 'the default: about 4,000 cycles an image',
    };
  }
  const plan = forLimits(search);
  if (plan === undefined) {
    const area = areaOf(search, balanced(search.layers, Number.MAX_SAFE_INTEGER));
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
