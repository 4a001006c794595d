// Accuracy against fault rate: every bit of a place is inverted with the same probability, from a seed.
import { accumulatorRange } from '../../layers/dense/range.ts';
import { type DenseLayer, denseLayers, type Network } from '../../model/network.ts';
import { type Random, seededRandom } from '../../util/random.ts';
import { classesOf, engineFor } from '../engine/evaluate.ts';
import { FaultEvaluator, type Faults, type Flips } from './evaluator.ts';
import { type FaultPlace, type LayerSites, sitesOf, tritChanges } from './sites.ts';
import type { FaultState } from './state.ts';

export interface RateRequest {
  readonly place: FaultPlace;
  /** Dense layers, by index; absent: all. */
  readonly layers?: readonly number[];
  /** Probability that a bit is inverted, 0..1. */
  readonly rates: readonly number[];
  readonly trials: number;
  readonly seed: number;
}

export interface Trial {
  /** Bits inverted; of all images together where each image has its own. */
  readonly flipped: number;
  readonly accuracy: number;
  /** Images whose class is another than without faults. */
  readonly changed: number;
}

export interface RateResult {
  readonly rate: number;
  readonly trials: readonly Trial[];
}

/** Indices below `count` of which each is drawn with probability `rate`, ascending; work only for those drawn. */
export const drawSites = (count: number, rate: number, random: Random): number[] => {
  if (rate <= 0) return [];
  if (rate >= 1) return Array.from({ length: count }, (_, i) => i);
  const drawn: number[] = [];
  const scale = Math.log1p(-rate);
  for (let at = -1; ; ) {
    at += 1 + Math.floor(Math.log((random.u32() + 0.5) / 0x1_0000_0000) / scale);
    if (at >= count) return drawn;
    drawn.push(at);
  }
};

/** Drawn bits of one layer, put together by place. */
const masksOf = (
  { places, bits }: LayerSites,
  rate: number,
  random: Random,
): { flips: { place: number; mask: number }[]; flipped: number } => {
  const drawn = drawSites(places * bits, rate, random);
  const flips: { place: number; mask: number }[] = [];
  for (const site of drawn) {
    const [place, mask] = [Math.floor(site / bits), 1 << (site % bits)];
    const last = flips.at(-1);
    if (last?.place === place) last.mask |= mask;
    else flips.push({ place, mask });
  }
  return { flips, flipped: drawn.length };
};

interface Drawn {
  readonly faults: Faults;
  readonly flipped: number;
}

const drawRom = (state: FaultState, sites: readonly LayerSites[], rate: number, random: Random): Drawn => {
  const trits: (ReturnType<typeof tritChanges> | undefined)[] = state.layers.map(() => undefined);
  let flipped = 0;
  for (const site of sites) {
    const drawn = masksOf(site, rate, random);
    trits[site.layer] = tritChanges(state.layers[site.layer]!, drawn.flips);
    flipped += drawn.flipped;
  }
  return { faults: { trits }, flipped };
};

const drawTransient = (
  place: 'sums' | 'codes',
  layers: number,
  sites: readonly LayerSites[],
  rate: number,
  random: Random,
): Drawn => {
  const flips: (Flips | undefined)[] = Array.from({ length: layers }, () => undefined);
  let flipped = 0;
  for (const site of sites) {
    const drawn = masksOf(site, rate, random);
    if (drawn.flipped === 0) continue;
    flips[site.layer] = {
      at: drawn.flips.map(({ place: at }) => at),
      masks: drawn.flips.map(({ mask }) => mask),
    };
    flipped += drawn.flipped;
  }
  return { faults: { [place]: flips }, flipped };
};

/** `state`'s network with changed trits: what the ROM then says. */
const withTrits = ({ network, layers }: FaultState, { trits }: Faults): Network => {
  const changed = layers.map(({ layer, inputs }, i): DenseLayer => {
    const values = layer.weights.trits.slice();
    const { rows, cols, deltas } = trits![i] ?? tritChanges(layers[i]!, []);
    deltas.forEach((delta, c) => {
      values[rows[c]! * inputs + cols[c]!]! += delta;
    });
    return { ...layer, weights: { ...layer.weights, trits: values } };
  });
  return { ...network, layers: [...changed, ...network.layers.slice(changed.length)] };
};

/** Whether no sum of `network` can leave its register, which was made for other trits. */
const registersHold = (network: Network, { layers }: FaultState): boolean =>
  denseLayers(network).every((layer, i) => {
    const { bits, start } = layers[i]!.register;
    const { low, high } = accumulatorRange(layer);
    return low + start >= -(2 ** (bits - 1)) && high + start < 2 ** (bits - 1);
  });

/** Classes of all images with one faulty ROM: the fast simulator's where its wide accumulators are the registers' equal. */
const classesWithRom = (state: FaultState, evaluator: FaultEvaluator, faults: Faults): ArrayLike<number> => {
  const network = withTrits(state, faults);
  return registersHold(network, state)
    ? classesOf(engineFor(network, state.images), state.images)
    : Uint16Array.from({ length: state.count }, (_, i) => evaluator.classWithFaults(i, faults));
};

const judge = (state: FaultState, flipped: number, classOf: (image: number) => number): Trial => {
  let right = 0;
  let changed = 0;
  for (let i = 0; i < state.count; i++) {
    const result = classOf(i);
    if (result === state.labels[i]) right++;
    if (result !== state.classes[i]) changed++;
  }
  return { flipped, accuracy: right / state.count, changed };
};

const runTrial = (
  state: FaultState,
  evaluator: FaultEvaluator,
  sites: readonly LayerSites[],
  { place, seed }: RateRequest,
  rate: number,
  trial: number,
): Trial => {
  const random = seededRandom(seed, 'faults', place, rate, trial);
  if (place === 'rom') {
    const { faults, flipped } = drawRom(state, sites, rate, random);
    const classes = classesWithRom(state, evaluator, faults);
    return judge(state, flipped, (image) => classes[image]!);
  }
  let flipped = 0;
  const kind = place === 'accumulators' ? 'sums' : 'codes';
  const result = judge(state, 0, (image) => {
    const drawn = drawTransient(kind, state.layers.length, sites, rate, random);
    flipped += drawn.flipped;
    return drawn.flipped === 0 ? state.classes[image]! : evaluator.classWithFaults(image, drawn.faults);
  });
  return { ...result, flipped };
};

/** Runs every rate `trials` times. ROM faults are the same for all images of a trial; others are drawn for each image. */
export const faultRates = (
  state: FaultState,
  request: RateRequest,
  onTrial?: (done: number, total: number) => void,
): RateResult[] => {
  const evaluator = new FaultEvaluator(state);
  const sites = sitesOf(state, request.place, request.layers);
  const total = request.rates.length * request.trials;
  let done = 0;
  return request.rates.map((rate) => ({
    rate,
    trials: Array.from({ length: request.trials }, (_, trial) => {
      const result = runTrial(state, evaluator, sites, request, rate, trial);
      onTrial?.(++done, total);
      return result;
    }),
  }));
};
