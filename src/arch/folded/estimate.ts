// LUTs, flip-flops and block RAMs of a plan before synthesis: counts of what the modules are made of, weighted by what Yosys
// made of them in a sweep of designs (bench/estimates.ts fits the weights and measures the error).
import { isPlain } from '../../layers/input.ts';
import { denseLayers, type InputSpec, type Network } from '../../model/network.ts';
import type { DensePlan } from '../../model/plan.ts';
import { transferLanes } from './cycles.ts';
import { cutLevels } from './folding.ts';
import {
  blockRamsOf,
  type Family,
  inputMemories,
  layerMemories,
  type Memory,
  mapMemory,
  weightsOf,
} from './memories.ts';

/** Counts that LUTs and flip-flops grow with, over all layers of a design. */
export interface Features {
  /** Bits that trits select. */
  readonly select: number;
  /** Adder bits of the trees, and of the accumulators. */
  readonly tree: number;
  readonly accumulate: number;
  /** Bits chosen between block RAMs of a deep ROM, and bytes of base 3. */
  readonly choose: number;
  readonly bytes: number;
  /** Bits of weight and bias ROMs that become tables, of threshold ROMs, and of RAMs that become flip-flops. */
  readonly tables: number;
  readonly levels: number;
  readonly memories: number;
  /** LUTs that serve as memory. */
  readonly memoryLuts: number;
  /** Accumulator bits that are put in line, and that are requantized by each kind. */
  readonly serialize: number;
  readonly statics: number;
  readonly dynamics: number;
  readonly thresholds: number;
  readonly biases: number;
  /** Bits of the registers: words read, sums, results; of gathered codes. */
  readonly registers: number;
  readonly gather: number;
  /** Bits of the registers within the trees, and of what waits beside them. */
  readonly stages: number;
  /** Counter and address bits. */
  readonly counters: number;
  readonly logits: number;
  /** Bits of the running sums over windows of pixels. */
  readonly windows: number;
  readonly layers: number;
  readonly designs: number;
}

const NONE: Features = {
  select: 0,
  tree: 0,
  accumulate: 0,
  choose: 0,
  bytes: 0,
  tables: 0,
  levels: 0,
  memories: 0,
  memoryLuts: 0,
  serialize: 0,
  statics: 0,
  dynamics: 0,
  thresholds: 0,
  biases: 0,
  registers: 0,
  gather: 0,
  stages: 0,
  counters: 0,
  logits: 0,
  windows: 0,
  layers: 0,
  designs: 0,
};

const bitsOf = ({ words, width }: Memory): number => words * width;

const log2 = (n: number): number => Math.ceil(Math.log2(Math.max(2, n)));

/** Adder bits of one tree: pairs at each level, each a bit wider than the one below. */
const treeBits = (simd: number, inBits: number): number => {
  let bits = 0;
  let nodes = simd;
  for (let level = 1; nodes > 1; level++) {
    bits += Math.floor(nodes / 2) * (inBits + 1 + level);
    nodes = Math.ceil(nodes / 2);
  }
  return bits;
};

/** Bits of the registers within one tree: at each cut its sums, and for each the +1 that still waits for its adder. */
const stageBits = (simd: number, inBits: number, pipeline: number): number => {
  const cuts = cutLevels(simd, pipeline);
  return cuts.reduce((bits, level) => bits + Math.ceil(simd / 2 ** level) * (inBits + 1 + level + 1), 0);
};

/** A table of 16 words is a LUT a bit, whatever was to be a memory. */
const tableLuts = ({ words, width }: Memory): number => width * Math.max(1, words / 16);

/** What memories add to the logic. */
const memoryFeatures = (memories: readonly Memory[], family: Family) => {
  const mapped = memories.map((memory) => ({ memory, ...mapMemory(memory, family) }));
  const sum = (of: (one: (typeof mapped)[number]) => number): number =>
    mapped.reduce((total, one) => total + of(one), 0);
  return {
    choose: sum(({ memory, rows }) => (rows - 1) * memory.width),
    memoryLuts: sum(({ memoryLuts }) => memoryLuts),
    tables: sum(({ memory, into }) => (memory.kind === 'rom' && into === 'logic' ? tableLuts(memory) : 0)),
    memories: sum(({ memory, into }) => (memory.kind === 'ram' && into === 'logic' ? bitsOf(memory) : 0)),
  };
};

const windowBits = (input: InputSpec): number =>
  isPlain(input) || input.pool[0] * input.pool[1] === 1 ? 0 : input.code.bits + input.shift;

/** Bits of the registers that a ROM word goes through: one, or where zeros are skipped those of step, read and word. */
const codesHeld = ({ rom, sparse }: DensePlan): number =>
  sparse === undefined ? rom.width : 3 * (rom.width - 1 - sparse.distanceBits);

/** Bits of the counters that say which word is written, read and freed. */
const countersOf = ({ synapseFold, neuronFold, bufferWords, rom, sparse }: DensePlan): number => {
  const held = sparse === undefined ? 2 * log2(bufferWords + 1) : 0;
  return 2 * log2(synapseFold) + log2(neuronFold) + held + log2(rom.words);
};

const layerFeatures = (
  network: Network,
  plans: readonly DensePlan[],
  index: number,
  family: Family,
): Features => {
  const layer = denseLayers(network)[index]!;
  const plan = plans[index]!;
  const next = plans[index + 1];
  const lanes = transferLanes(plans, index);
  const memories = layerMemories(network, plans, index);
  const { pe, simd, pipeline, rom, neuronFold } = plan;
  const acc = plan.accumulator.bits;
  const inBits = layer.input.bits;
  const sum = inBits + 1 + Math.ceil(Math.log2(simd));
  const { kind } = layer.requantize;
  const searched = layer.requantize.kind === 'thresholds' ? layer.requantize.output.bits : 0;
  const outBits = layer.requantize.kind === 'none' ? 0 : layer.requantize.output.bits;
  return {
    ...NONE,
    select: pe * simd * inBits,
    tree: pe * treeBits(simd, inBits),
    accumulate: pe * acc,
    ...memoryFeatures([weightsOf(plan), ...memories.plain], family),
    levels: memoryFeatures(memories.thresholds, family).tables,
    bytes: rom.packing === 'base3' ? rom.width / 8 : 0,
    serialize: lanes * acc * (pe / lanes - 1),
    statics: kind === 'static-shift' ? lanes * acc : 0,
    dynamics: kind === 'dynamic-shift' ? lanes * acc : 0,
    thresholds: searched * acc * lanes,
    biases: layer.bias === null ? 0 : pe * acc,
    registers: codesHeld(plan) + simd * inBits + pe * (sum + 1) + 2 * pe * acc,
    gather: next === undefined ? 0 : next.simd * outBits,
    stages:
      pe * (stageBits(simd, inBits, pipeline) + (layer.bias === null ? 0 : pipeline * acc)) + 2 * pipeline,
    counters: countersOf(plan) + log2((neuronFold * pe) / lanes),
    logits: kind === 'none' ? acc : 0,
    layers: 1,
  };
};

const KEYS = Object.keys(NONE) as (keyof Features)[];

const add = (a: Features, b: Features): Features =>
  Object.fromEntries(KEYS.map((key) => [key, a[key] + b[key]])) as unknown as Features;

/** What each layer is made of, and in the last place what the design has once. */
const partsOf = (network: Network, plans: readonly DensePlan[], family: Family): Features[] => [
  ...plans.map((_, i) => layerFeatures(network, plans, i, family)),
  {
    ...NONE,
    ...memoryFeatures(inputMemories(network), family),
    windows: windowBits(network.input),
    designs: 1,
  },
];

/** What a design of these layers is made of. */
export const featuresOf = (network: Network, plans: readonly DensePlan[], family: Family): Features =>
  partsOf(network, plans, family).reduce(add);

export interface Area {
  readonly luts: number;
  readonly flipFlops: number;
  /** Of 4 kbit, weight ROMs and everything else. */
  readonly blockRams: number;
}

type Weights = Readonly<Partial<Record<keyof Features, number>>>;

/** Fitted by bench/estimates.ts --fit. */
const WEIGHTS: Readonly<Record<Family, { readonly luts: Weights; readonly flipFlops: Weights }>> = {
  ice40: {
    luts: {
      select: 1.65,
      tree: 0.52,
      accumulate: 1.49,
      choose: 0.39,
      bytes: 37.29,
      tables: 1.48,
      levels: 2.03,
      memories: 0.55,
      serialize: 0.71,
      statics: 0.51,
      dynamics: 4.91,
      thresholds: 0.9,
      counters: 2.41,
      windows: 4.91,
      designs: 62.87,
    },
    flipFlops: {
      select: 0.29,
      choose: 0.01,
      bytes: 8.19,
      tables: 0.29,
      levels: 0.04,
      memories: 1.21,
      serialize: 0.3,
      dynamics: 2.94,
      thresholds: 1.56,
      biases: 0.71,
      registers: 0.69,
      gather: 1.28,
      stages: 1,
      counters: 1.18,
      logits: 1.76,
      windows: 3.38,
      designs: 31.68,
    },
  },
  ecp5: {
    luts: {
      select: 1.13,
      tree: 1.09,
      choose: 0.98,
      bytes: 29.71,
      tables: 1.14,
      levels: 1.49,
      memoryLuts: 0.74,
      serialize: 4.03,
      statics: 3.39,
      dynamics: 10.04,
      thresholds: 7.45,
      biases: 0.16,
      gather: 0.1,
      counters: 5.06,
      windows: 8.6,
      designs: 96.82,
    },
    flipFlops: {
      select: 0.35,
      bytes: 6.03,
      tables: 0.27,
      levels: 0.24,
      memoryLuts: 0.37,
      serialize: 0.01,
      dynamics: 2.98,
      thresholds: 0.72,
      biases: 0.72,
      registers: 0.79,
      gather: 1.54,
      stages: 1,
      counters: 0.59,
      logits: 2.08,
      windows: 2.68,
      layers: 6.08,
      designs: 41.76,
    },
  },
  xilinx: {
    luts: {
      select: 1.44,
      tree: 0.18,
      choose: 0.66,
      bytes: 38.9,
      tables: 0.44,
      levels: 1.05,
      memoryLuts: 1.26,
      serialize: 0.42,
      statics: 1.52,
      dynamics: 6.46,
      thresholds: 2.74,
      biases: 1.71,
      registers: 0.42,
      gather: 1.25,
      windows: 8.95,
      layers: 18.76,
      designs: 145.12,
    },
    flipFlops: {
      select: 0.35,
      tree: 0.08,
      choose: 0.02,
      bytes: 7.89,
      tables: 0.08,
      levels: 0.14,
      memoryLuts: 0.71,
      serialize: 0.51,
      dynamics: 3.07,
      thresholds: 1.21,
      biases: 0.53,
      registers: 0.61,
      gather: 1.74,
      stages: 1,
      counters: 0.18,
      logits: 2.06,
      windows: 3.16,
      layers: 34.37,
      designs: 43.82,
    },
  },
};

const weighted = (features: Features, weights: Weights): number =>
  Math.round(
    Object.entries(weights).reduce((sum, [key, weight]) => sum + weight * features[key as keyof Features], 0),
  );

/** Estimated cells of each layer, and in the last place of what the design has once. */
export const estimateParts = (network: Network, plans: readonly DensePlan[], family: Family): Area[] => {
  const blocks = [
    ...plans.map((plan, i) => {
      const { plain, thresholds } = layerMemories(network, plans, i);
      return blockRamsOf([weightsOf(plan), ...plain, ...thresholds], family);
    }),
    blockRamsOf(inputMemories(network), family),
  ];
  const weights = WEIGHTS[family];
  return partsOf(network, plans, family).map((features, i) => ({
    luts: weighted(features, weights.luts),
    flipFlops: weighted(features, weights.flipFlops),
    blockRams: blocks[i]!,
  }));
};

/** Estimated cells of a design of these layers. */
export const estimate = (network: Network, plans: readonly DensePlan[], family: Family): Area =>
  estimateParts(network, plans, family).reduce((sum, part) => ({
    luts: sum.luts + part.luts,
    flipFlops: sum.flipFlops + part.flipFlops,
    blockRams: sum.blockRams + part.blockRams,
  }));

/** Flip-flops of an iCE40 design that share no logic cell with a LUT, as a share: 0.51 to 0.64 in what nextpnr placed. */
const ALONE = 0.65;

/** Sites of a part's logic that `area` fills, counted as LUTs: an iCE40 cell has one flip-flop, so has ECP5's, Xilinx's has two. */
export const sitesOf = ({ luts, flipFlops }: Area, family: Family): number => {
  if (family === 'ice40') return Math.ceil(luts + ALONE * flipFlops);
  return Math.max(luts, Math.ceil(flipFlops / (family === 'xilinx' ? 2 : 1)));
};

/** LUTs that a block RAM weighs as much as, where no part says how many of each there are. */
export const LUTS_A_BLOCK = 256;

/** One number for `area`, to compare designs by. */
export const weightOf = (area: Area, family: Family, lutsABlock = LUTS_A_BLOCK): number =>
  area.luts + sitesOf(area, family) + 2 * area.blockRams * lutsABlock;
