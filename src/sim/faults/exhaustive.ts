// Every bit of a layer inverted, one at a time, in every image: which bits matter, and by how much.
import { FaultEvaluator } from './evaluator.ts';
import { type FaultPlace, sitesOf, tritWithFlips } from './sites.ts';
import { disturbed, type FaultState, held, type LayerState } from './state.ts';

export interface CriticalBit {
  /** Row for the ROM and accumulators; for activations the index of the code. */
  readonly neuron: number;
  /** Column of the trit; absent outside the ROM. */
  readonly input?: number;
  readonly bit: number;
  /** Trit before and after; absent outside the ROM. */
  readonly from?: number;
  readonly to?: number;
  /** Images whose class changes. */
  readonly changed: number;
  readonly accuracy: number;
}

export interface BitSummary {
  readonly bit: number;
  readonly places: number;
  /** Bits of that position that change no image's class. */
  readonly harmless: number;
  /** Images changed, mean over the places and most. */
  readonly mean: number;
  readonly most: number;
}

export interface ExhaustiveResult {
  readonly place: FaultPlace;
  readonly layer: string;
  readonly sites: number;
  readonly images: number;
  readonly harmless: number;
  readonly byBit: readonly BitSummary[];
  /** The most critical first. */
  readonly top: readonly CriticalBit[];
}

/** Images changed and right of each site. */
interface Counts {
  readonly changed: Uint32Array;
  readonly right: Uint32Array;
}

/** Tries a site on images: gives every image on which something changes to `tell`, with its class. */
type Trier = (place: number, bit: number, tell: (image: number, result: number) => void) => void;

/** Images in which each code is not zero: elsewhere a changed trit changes nothing. */
const litImages = ({ codes, inputs }: LayerState, count: number): Int32Array[] => {
  const lists: number[][] = Array.from({ length: inputs }, () => []);
  for (let i = 0; i < count; i++) {
    for (let c = 0; c < inputs; c++) if (codes[i * inputs + c] !== 0) lists[c]!.push(i);
  }
  return lists.map((list) => Int32Array.from(list));
};

const romTrier = (state: FaultState, at: number, evaluator: FaultEvaluator): Trier => {
  const layer = state.layers[at]!;
  const { inputs, outputs, codes, accumulators, register } = layer;
  const { trits, alphabet } = layer.layer.weights;
  const lit = litImages(layer, state.count);
  return (place, bit, tell) => {
    const before = trits[place]!;
    const delta = tritWithFlips(before, 1 << bit, alphabet) - before;
    if (delta === 0) return;
    const row = Math.floor(place / inputs);
    const column = place % inputs;
    for (const image of lit[column]!) {
      const code = codes[image * inputs + column]!;
      const step = delta > 1 || delta < -1 ? code + code : code;
      const sum = accumulators[image * outputs + row]! + (delta > 0 ? step : -step);
      tell(image, evaluator.classWithSum(image, at, row, held(sum, register)));
    }
  };
};

const accumulatorTrier = (state: FaultState, at: number, evaluator: FaultEvaluator): Trier => {
  const { outputs, accumulators, register } = state.layers[at]!;
  return (row, bit, tell) => {
    for (let image = 0; image < state.count; image++) {
      const sum = disturbed(accumulators[image * outputs + row]!, 1 << bit, register);
      tell(image, evaluator.classWithSum(image, at, row, sum));
    }
  };
};

const activationTrier = (state: FaultState, at: number, evaluator: FaultEvaluator): Trier => {
  const { inputs, codes } = state.layers[at]!;
  return (index, bit, tell) => {
    for (let image = 0; image < state.count; image++) {
      const code = codes[image * inputs + index]! ^ (1 << bit);
      tell(image, evaluator.classWithCode(image, at, index, code));
    }
  };
};

const TRIERS = { rom: romTrier, accumulators: accumulatorTrier, activations: activationTrier };

const summarize = (bits: number, { changed }: Counts): BitSummary[] =>
  Array.from({ length: bits }, (_, bit) => {
    const own = changed.filter((_, site) => site % bits === bit);
    return {
      bit,
      places: own.length,
      harmless: own.filter((images) => images === 0).length,
      mean: own.reduce((sum, images) => sum + images, 0) / own.length,
      most: own.reduce((most, images) => Math.max(most, images), 0),
    };
  });

const describe = (
  { layer, inputs }: LayerState,
  place: FaultPlace,
  site: number,
  bits: number,
): Omit<CriticalBit, 'changed' | 'accuracy'> => {
  const [index, bit] = [Math.floor(site / bits), site % bits];
  if (place !== 'rom') return { neuron: index, bit };
  const { trits, alphabet } = layer.weights;
  const from = trits[index]!;
  const to = tritWithFlips(from, 1 << bit, alphabet);
  return { neuron: Math.floor(index / inputs), input: index % inputs, bit, from, to };
};

/** Inverts each bit of `place` in dense layer `at`. `most`: how many of the most critical are listed. */
export const exhaustiveFaults = (
  state: FaultState,
  place: FaultPlace,
  at: number,
  most: number,
  onProgress?: (done: number, total: number) => void,
): ExhaustiveResult => {
  const layer = state.layers[at]!;
  const { places, bits } = sitesOf(state, place, [at])[0]!;
  const counts: Counts = { changed: new Uint32Array(places * bits), right: new Uint32Array(places * bits) };
  const rightAlready = state.classes.reduce((sum, c, i) => sum + (c === state.labels[i] ? 1 : 0), 0);
  const tryOne = TRIERS[place](state, at, new FaultEvaluator(state));
  for (let index = 0; index < places; index++) {
    for (let bit = 0; bit < bits; bit++) {
      let changed = 0;
      let right = rightAlready;
      tryOne(index, bit, (image, result) => {
        const before = state.classes[image]!;
        if (result === before) return;
        changed++;
        const label = state.labels[image]!;
        if (before === label) right--;
        else if (result === label) right++;
      });
      counts.changed[index * bits + bit] = changed;
      counts.right[index * bits + bit] = right;
    }
    if (index % 256 === 0) onProgress?.(index, places);
  }
  onProgress?.(places, places);
  const order = Array.from(counts.changed.keys()).sort(
    (a, b) => counts.changed[b]! - counts.changed[a]! || a - b,
  );
  const top = order
    .slice(0, most)
    .filter((site) => counts.changed[site]! > 0)
    .map((site) => ({
      ...describe(layer, place, site, bits),
      changed: counts.changed[site]!,
      accuracy: counts.right[site]! / state.count,
    }));
  const byBit = summarize(bits, counts);
  const harmless = byBit.reduce((sum, b) => sum + b.harmless, 0);
  return { place, layer: layer.layer.name, sites: places * bits, images: state.count, harmless, byBit, top };
};
