// The memories of a design, and what synthesis makes of each: block RAMs, LUT RAMs, or logic. The rules are those of Yosys's
// memory_libmap with the libraries of its synth commands: the cheapest by their costs, a bit in logic costing 1 (RAM) or 1/16 (ROM).
import { isPlain } from '../../layers/input.ts';
import { type DenseLayer, denseLayers, type InputSpec, type Network } from '../../model/network.ts';
import type { DensePlan } from '../../model/plan.ts';
import { transferLanes } from './cycles.ts';

/** FPGA families that cells are estimated for. */
export type Family = 'ice40' | 'ecp5' | 'xilinx';

/** Words and bits of a memory. */
export interface Memory {
  readonly words: number;
  readonly width: number;
  readonly kind: 'rom' | 'ram';
}

/** A shape that a memory cell can take. */
interface Mode {
  readonly words: number;
  readonly width: number;
  readonly cost: number;
  /** Block RAMs, or LUTs, of one cell. */
  readonly takes: number;
}

interface Cells {
  readonly blocks: readonly Mode[];
  /** LUTs as memory; they hold no ROMs. */
  readonly luts: readonly Mode[];
}

/** Modes from `deepest` words of `narrowest` bits to `widest` bits; from 9 bits on parity bits are used where there are any. */
const modes = (bits: number, widths: readonly number[], cost: number, takes: number): Mode[] =>
  widths.map((width) => ({ words: bits / 2 ** Math.floor(Math.log2(width)), width, cost, takes }));

const CELLS: Readonly<Record<Family, Cells>> = {
  ice40: { blocks: modes(4096, [16, 8, 4, 2], 64, 1), luts: [] },
  ecp5: {
    blocks: modes(16_384, [36, 18, 9, 4, 2, 1], 128, 1),
    luts: [{ words: 16, width: 4, cost: 4, takes: 4 }],
  },
  xilinx: {
    blocks: [
      ...modes(16_384, [36, 18, 9, 4, 2, 1], 129, 0.5),
      ...modes(32_768, [72, 36, 18, 9, 4, 2, 1], 257, 1),
    ],
    luts: [
      { words: 32, width: 6, cost: 8, takes: 4 },
      { words: 64, width: 3, cost: 8, takes: 4 },
    ],
  },
};

/** Cost of a bit in logic; a LUT of six inputs holds four times as many of a ROM. */
const ROM_COST: Readonly<Record<Family, number>> = { ice40: 1 / 16, ecp5: 1 / 16, xilinx: 1 / 64 };

/** Of choosing a bit between two rows of LUT RAMs. */
const CHOICE_COST = 1 / 2;

export interface Mapped {
  readonly into: 'blocks' | 'luts' | 'logic';
  /** Block RAMs; 0 where it is not made of those. */
  readonly blockRams: number;
  /** LUTs as memory. */
  readonly memoryLuts: number;
  /** Rows of cells, between which every bit is chosen. */
  readonly rows: number;
}

const LOGIC: Mapped = { into: 'logic', blockRams: 0, memoryLuts: 0, rows: 1 };

/** `memory` in cells of `mode`, and what that costs. */
const inMode = (
  { words, width }: Memory,
  into: 'blocks' | 'luts',
  mode: Mode,
): { readonly cost: number; readonly mapped: Mapped } => {
  const rows = Math.ceil(words / mode.words);
  const cells = rows * Math.ceil(width / mode.width);
  const choice = into === 'luts' ? (rows - 1) * width * CHOICE_COST : 0;
  const taken = cells * mode.takes;
  const [blockRams, memoryLuts] = into === 'blocks' ? [taken, 0] : [0, taken];
  return { cost: cells * mode.cost + choice, mapped: { into, rows, blockRams, memoryLuts } };
};

/** What `memory` becomes. A column of one bit is read as two where no mode is that narrow. */
export const mapMemory = (memory: Memory, family: Family): Mapped => {
  const { blocks, luts } = CELLS[family];
  const narrow = memory.width === 1 && blocks.every(({ width }) => width > 1);
  const shaped = narrow ? { ...memory, words: Math.ceil(memory.words / 2), width: 2 } : memory;
  const candidates = [
    ...blocks.map((mode) => inMode(shaped, 'blocks', mode)),
    ...(memory.kind === 'ram' ? luts.map((mode) => inMode(shaped, 'luts', mode)) : []),
  ];
  // of equal ones the last, which has the fewest rows; where logic costs the same it stays logic
  const best = candidates.reduce((a, b) => (b.cost <= a.cost ? b : a));
  const bitCost = memory.kind === 'rom' ? ROM_COST[family] : 1;
  return memory.words * memory.width * bitCost <= best.cost ? LOGIC : best.mapped;
};

const powerOfTwo = (n: number): number => 2 ** Math.ceil(Math.log2(n));

/** bitsim_replay_buffer: two frames lie in two halves. */
const bufferOf = (layer: DenseLayer, { synapseFold, bufferWords, simd }: DensePlan): Memory => ({
  words: bufferWords === synapseFold ? synapseFold : 2 * powerOfTwo(Math.max(2, synapseFold)),
  width: simd * layer.input.bits,
  kind: 'ram',
});

/** bitsim_requantize_dynamic: two frames of magnitudes. */
const framesOf = (plan: DensePlan, lanes: number): Memory => ({
  words: 2 * powerOfTwo(Math.max(2, plan.outputs / lanes)),
  width: lanes * (plan.accumulator.bits - 1),
  kind: 'ram',
});

/** Biases, one word for each pass. */
const biasesOf = ({ neuronFold, pe, accumulator }: DensePlan): Memory => ({
  words: neuronFold,
  width: pe * accumulator.bits,
  kind: 'rom',
});

/** Thresholds of a word of accumulators in each word. */
const thresholdsOf = (plan: DensePlan, outputBits: number, lanes: number): Memory => ({
  words: plan.outputs / lanes,
  width: lanes * (2 ** outputBits - 1) * plan.accumulator.bits,
  kind: 'rom',
});

/** bitsim_input_sum: one running sum for each column of windows. */
const lineOf = (input: InputSpec): Memory => ({
  words: input.crop[3] / input.pool[1],
  width: input.code.bits + input.shift,
  kind: 'ram',
});

/** The weight ROM of a layer. */
export const weightsOf = ({ rom: { words, width } }: DensePlan): Memory => ({ words, width, kind: 'rom' });

/** The memories of dense layer `index` beside its weight ROM; thresholds apart, whose few words become other logic. */
export const layerMemories = (
  network: Network,
  plans: readonly DensePlan[],
  index: number,
): { readonly plain: readonly Memory[]; readonly thresholds: readonly Memory[] } => {
  const layer = denseLayers(network)[index]!;
  const plan = plans[index]!;
  const lanes = transferLanes(plans, index);
  const { requantize } = layer;
  return {
    plain: [
      bufferOf(layer, plan),
      ...(layer.bias === null ? [] : [biasesOf(plan)]),
      ...(requantize.kind === 'dynamic-shift' ? [framesOf(plan, lanes)] : []),
    ],
    thresholds: requantize.kind === 'thresholds' ? [thresholdsOf(plan, requantize.output.bits, lanes)] : [],
  };
};

/** The memories that make input codes. */
export const inputMemories = ({ input }: Network): readonly Memory[] =>
  isPlain(input) || input.pool[0] === 1 ? [] : [lineOf(input)];

export const blockRamsOf = (memories: readonly Memory[], family: Family): number =>
  memories.reduce((sum, memory) => sum + mapMemory(memory, family).blockRams, 0);
