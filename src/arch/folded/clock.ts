// The clock that a plan reaches on an iCE40, before place and route: the longest path of each kind, as levels of logic, carry bits and
// what memories take, times delays that were fitted to what nextpnr reached (bench/clock.ts fits them and measures the error). And
// the registers that a clock asks for.
import { denseLayers, type Network } from '../../model/network.ts';
import type { DensePlan } from '../../model/plan.ts';
import { UserError } from '../../util/errors.ts';
import { transferLanes } from './cycles.ts';
import { cutLevels, mostStages } from './folding.ts';
import { mapMemory, weightsOf } from './memories.ts';

/** Parts that were measured. */
export type ClockPart = 'up5k' | 'hx8k';

export const CLOCK_PARTS: readonly ClockPart[] = ['up5k', 'hx8k'];

export const isClockPart = (name: string): name is ClockPart =>
  (CLOCK_PARTS as readonly string[]).includes(name);

/** What a path is made of, register to register. */
export interface Path {
  /** Layer, or null for what the design has once. */
  readonly layer: string | null;
  readonly kind: 'tree' | 'accumulate' | 'rom' | 'handshake' | 'requantize' | 'argmax';
  /** LUTs in a row, each with the way to it. */
  readonly levels: number;
  /** Carry bits in a row. */
  readonly carries: number;
  /** Reads of a block RAM: 0 or 1. */
  readonly reads: number;
  /** Doublings of the flip-flops that one enable reaches. */
  readonly spread: number;
}

/** Nanoseconds of each, and of what every path has: clock to output, the way, set-up. */
export interface Delays {
  readonly path: number;
  readonly levels: number;
  readonly carries: number;
  readonly reads: number;
  readonly spread: number;
}

/** Fitted by bench/clock.ts --fit. */
export const DELAYS: Readonly<Record<ClockPart, Delays>> = {
  up5k: { path: 3.385, levels: 3, carries: 0.28, reads: 2.883, spread: 0.36 },
  hx8k: { path: 1.507, levels: 1.1, carries: 0.22, reads: 2.085, spread: 0.093 },
};

const NAMES: Readonly<Record<Path['kind'], string>> = {
  tree: 'select and add',
  accumulate: 'the accumulator',
  rom: 'the choice between the block RAMs of its ROM',
  handshake: 'the handshake that holds it',
  requantize: 'its requantizer',
  argmax: 'the comparison of logits',
};

/** `layer fc0: select and add`. */
export const pathName = ({ layer, kind }: Path): string =>
  layer === null ? NAMES[kind] : `layer ${layer}: ${NAMES[kind]}`;

const log2 = (n: number): number => Math.ceil(Math.log2(Math.max(1, n)));

/** The longest part of a select-add tree between its registers: levels of adders, and the carry bits of the last of them. */
const treePath = (inBits: number, { layer, simd, pipeline }: DensePlan): Path => {
  const ends = [...cutLevels(simd, pipeline), mostStages(simd)];
  const parts = ends.map((end, i) => {
    const from = i === 0 ? 0 : ends[i - 1]! + 1;
    // an adder hands its low bits on before its high ones: of a row of adders one has its whole carry chain in the path
    return { levels: end - from + 1, carries: end === 0 ? 0 : inBits + 1 + end };
  });
  const longest = parts.reduce((a, b) => (b.levels * 12 + b.carries > a.levels * 12 + a.carries ? b : a));
  return { layer, kind: 'tree', ...longest, reads: 0, spread: 0 };
};

/** Serialized accumulators become codes in one cycle, but for dynamic shifts, which have registers within. */
const requantizePath = (network: Network, plans: readonly DensePlan[], index: number): Path | null => {
  const { requantize } = denseLayers(network)[index]!;
  const { layer, pe, accumulator } = plans[index]!;
  const chosen = log2(pe / transferLanes(plans, index));
  const common = { layer, kind: 'requantize', reads: 0, spread: 0 } as const;
  switch (requantize.kind) {
    case 'none':
      return null;
    case 'static-shift':
      return { ...common, levels: chosen + 3, carries: 0 };
    case 'dynamic-shift':
      return { ...common, levels: log2(accumulator.bits) + 1, carries: requantize.output.bits };
    case 'thresholds':
      return {
        ...common,
        levels: chosen + 3 * requantize.output.bits,
        carries: requantize.output.bits * accumulator.bits,
      };
  }
};

const layerPaths = (network: Network, plans: readonly DensePlan[], index: number): Path[] => {
  const plan = plans[index]!;
  const layer = denseLayers(network)[index]!;
  const { pe, simd, rom, accumulator, sparse, synapseFold } = plan;
  const rows = mapMemory(weightsOf(plan), 'ice40').rows;
  const requantize = requantizePath(network, plans, index);
  const held = rom.width + simd * layer.input.bits + 2 * pe * accumulator.bits;
  const common = { layer: plan.layer, carries: 0, reads: 0, spread: 0 };
  return [
    treePath(layer.input.bits, plan),
    { ...common, kind: 'accumulate', levels: layer.bias === null ? 1 : 2, carries: accumulator.bits },
    // two levels of LUTs choose between four; a distance is added to the index at once
    {
      ...common,
      kind: 'rom',
      levels: log2(rows) + (sparse ? 1 : 0),
      carries: sparse ? log2(synapseFold) : 0,
      reads: 1,
    },
    { ...common, kind: 'handshake', levels: 4, spread: log2(held) },
    ...(requantize === null ? [] : [requantize]),
  ];
};

/** The longest path of each kind. */
export const pathsOf = (network: Network, plans: readonly DensePlan[]): Path[] => [
  ...plans.flatMap((_, i) => layerPaths(network, plans, i)),
  {
    layer: null,
    kind: 'argmax',
    levels: 2,
    carries: plans.at(-1)!.accumulator.bits,
    reads: 0,
    spread: log2(plans.at(-1)!.accumulator.bits),
  },
];

/** Nanoseconds of a path. */
export const delayOf = (path: Path, delays: Delays): number =>
  delays.path +
  path.levels * delays.levels +
  path.carries * delays.carries +
  path.reads * delays.reads +
  path.spread * delays.spread;

export interface ClockEstimate {
  /** MHz. */
  readonly fmax: number;
  /** The path that limits it. */
  readonly limit: Path;
}

const longestOf = (paths: readonly Path[], delays: Delays): ClockEstimate => {
  const limit = paths.reduce((a, b) => (delayOf(b, delays) > delayOf(a, delays) ? b : a));
  return { fmax: 1000 / delayOf(limit, delays), limit };
};

/** The clock that a design of these layers reaches on `part`. */
export const estimateClock = (
  network: Network,
  plans: readonly DensePlan[],
  part: ClockPart,
): ClockEstimate => longestOf(pathsOf(network, plans), DELAYS[part]);

/** The fewest registers with which the trees of a layer keep up with `clock`; as many as there is room for when none do. */
const stagesFor = (inBits: number, plan: DensePlan, clock: number, delays: Delays): number => {
  const most = mostStages(plan.simd);
  for (let pipeline = 0; pipeline < most; pipeline++)
    if (1000 / delayOf(treePath(inBits, { ...plan, pipeline }), delays) >= clock) return pipeline;
  return most;
};

/** Registers of each layer for `clock` MHz on `part`. Throws UserError when no number of them reaches it. */
export const chooseStages = (
  network: Network,
  plans: readonly DensePlan[],
  { clock, part }: { readonly clock: number; readonly part: ClockPart },
): number[] => {
  const delays = DELAYS[part];
  const layers = denseLayers(network);
  const stages = plans.map((plan, i) => stagesFor(layers[i]!.input.bits, plan, clock, delays));
  const { fmax, limit } = longestOf(
    pathsOf(
      network,
      plans.map((plan, i) => ({ ...plan, pipeline: stages[i]! })),
    ),
    delays,
  );
  if (fmax >= clock) return stages;
  throw new UserError({
    subject: `--clock on ${part}`,
    rule: `be at most ${Math.floor(fmax)} MHz with this folding, by the estimate`,
    value: clock,
    hint: `${pathName(limit)} limits it, which no register in the adder trees shortens`,
    code: 'BITSIM_PLAN_CLOCK',
  });
};
