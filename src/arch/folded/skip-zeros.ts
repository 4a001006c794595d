// Which layers skip zeros. A compressed row costs an index beside every word's trits, and a second frame in the buffer; it pays
// where the pipeline gets faster by more than the design gets larger, or where memory is saved at the same speed.
import { isPlain } from '../../layers/input.ts';
import { type DenseLayer, denseLayers, type Network } from '../../model/network.ts';
import type { DensePlan } from '../../model/plan.ts';
import { codeBits } from '../../num/trit.ts';
import { type Area, estimate, weightOf } from './estimate.ts';
import { allWords, type Folding } from './folding.ts';
import { mapMemory } from './memories.ts';
import { countSteps } from './sparse-rows.ts';

/** `on` and `off`, or `auto`: where it pays. */
export const SKIP_CHOICES = ['off', 'on', 'auto'] as const;
export type SkipChoice = (typeof SKIP_CHOICES)[number];

/** Whose memories are counted: iCE40, whose block RAMs are the smallest. */
const FAMILY = 'ice40';

/** Most steps for each that there would be if words could be any distance apart. */
const MOST_FILLED = 1.1;

/** What the interval must fall to. */
const FASTER = 0.9;

interface Candidate {
  readonly distanceBits: number;
  /** Steps, and bits of each in the ROM. */
  readonly words: number;
  readonly width: number;
  readonly blocks: number;
}

/** The distance as wide as takes the fewest block RAMs without many steps that only bridge a gap. */
const chooseRows = (layer: DenseLayer, folding: Folding): Candidate => {
  const lanes = folding.pe * folding.simd * codeBits(layer.weights.alphabet);
  const synapseFold = layer.weights.cols / folding.simd;
  const indexBits = Math.max(1, Math.ceil(Math.log2(synapseFold)));
  const candidates = Array.from({ length: indexBits }, (_, i): Candidate => {
    const distanceBits = i + 1;
    const words = countSteps(layer, folding, 2 ** distanceBits);
    const width = lanes + distanceBits + 1;
    return { distanceBits, words, width, blocks: mapMemory({ words, width, kind: 'rom' }, FAMILY).blockRams };
  });
  const most = MOST_FILLED * candidates.at(-1)!.words;
  return candidates
    .filter(({ words }) => words <= most)
    .reduce((a, b) => (b.blocks < a.blocks || (b.blocks === a.blocks && b.words < a.words) ? b : a));
};

/** `plan` with compressed rows. */
export const sparsePlan = (layer: DenseLayer, plan: DensePlan): DensePlan => {
  const { distanceBits, words, width } = chooseRows(layer, plan);
  return {
    ...plan,
    cycles: words,
    rom: { ...plan.rom, words, width },
    sparse: { distanceBits },
    bufferWords: 2 * plan.synapseFold,
  };
};

/** Cycles of a layer in a folding under `choice`; `auto` counts on rows that are clearly fewer, and save more than their ROM grows. */
export const cyclesUnder = (choice: SkipChoice, layer: DenseLayer, folding: Folding): number => {
  const all = allWords(layer, folding);
  if (choice === 'off') return all;
  const { words, width } = chooseRows(layer, folding);
  if (choice === 'on') return words;
  const lanes = folding.pe * folding.simd * codeBits(layer.weights.alphabet);
  return words <= FASTER * all && words * words * width < all * all * lanes ? words : all;
};

/** Cycles from frame to frame that `plans` cannot go below. */
const slowest = ({ input }: Network, plans: readonly DensePlan[]): number => {
  const [height, width] = input.shape;
  const beats = isPlain(input) ? plans[0]!.synapseFold : height * width;
  return Math.max(beats, ...plans.map(({ cycles }) => cycles));
};

const areaOf = (network: Network, plans: readonly DensePlan[]): Area => estimate(network, plans, FAMILY);

const weigh = (network: Network, plans: readonly DensePlan[]): number =>
  weightOf(areaOf(network, plans), FAMILY);

/** The layers that hold the pipeline up, skipping zeros; as they were where that is no gain. */
const hastened = (network: Network, plans: readonly DensePlan[], skipping: readonly DensePlan[]) => {
  const least = slowest(
    network,
    plans.map((plan, i) => (skipping[i]!.cycles < plan.cycles ? skipping[i]! : plan)),
  );
  const fast = plans.map((plan, i) => (plan.cycles > least ? skipping[i]! : plan));
  const gain = slowest(network, fast) / slowest(network, plans);
  const cost = weigh(network, fast) / weigh(network, plans);
  return gain <= FASTER && gain * cost < 1 ? fast : plans;
};

/** Every layer that takes fewer block RAMs, and less in all, when it skips zeros. */
const lightened = (network: Network, plans: readonly DensePlan[], skipping: readonly DensePlan[]) => {
  let best = [...plans];
  for (const [i, plan] of skipping.entries()) {
    if (plan.cycles > slowest(network, best)) continue;
    const next = best.with(i, plan);
    const fewer = areaOf(network, next).blockRams < areaOf(network, best).blockRams;
    if (fewer && weigh(network, next) < weigh(network, best)) best = next;
  }
  return best;
};

/** `plans`, which read every word, with zeros skipped in the layers of `choices`. */
export const skipZeros = (
  network: Network,
  plans: readonly DensePlan[],
  choices: readonly SkipChoice[],
): DensePlan[] => {
  if (choices.every((choice) => choice === 'off')) return [...plans];
  const all = denseLayers(network).map((layer, i) => sparsePlan(layer, plans[i]!));
  const fixed = plans.map((plan, i) => (choices[i] === 'on' ? all[i]! : plan));
  if (!choices.includes('auto')) return fixed;
  const skipping = fixed.map((plan, i) => (choices[i] === 'auto' ? all[i]! : plan));
  return lightened(network, hastened(network, fixed, skipping), skipping);
};
