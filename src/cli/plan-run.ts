// Planning without emission: chooses a folding for a goal, or judges a given one, and writes it as a file to edit.
import { existsSync } from 'node:fs';
import { type Chosen, choosePlan, fits, type Limits } from '../arch/folded/choose.ts';
import {
  type ClockEstimate,
  type ClockPart,
  chooseStages,
  estimateClock,
  isClockPart,
  pathName,
} from '../arch/folded/clock.ts';
import { type Area, estimate, estimateParts, sitesOf } from '../arch/folded/estimate.ts';
import type { Family } from '../arch/folded/memories.ts';
import { foldLayers, planFolded } from '../arch/folded/plan.ts';
import { readNetwork } from '../layers/validate.ts';
import { FOLDING_FORMAT, FOLDING_VERSION, formatFolding } from '../model/folding-file.ts';
import type { Network } from '../model/network.ts';
import type { HardwarePlan } from '../model/plan.ts';
import type { Device } from '../synth/devices.ts';
import { UserError } from '../util/errors.ts';
import { writeFileWhole } from '../util/files.ts';
import type { Context } from './command.ts';
import { deviceOf } from './device-option.ts';
import { type FoldingChoice, resolveFolding } from './folding-choice.ts';
import { findRun, type RunPaths } from './run-folder.ts';

export interface PlanRequest extends FoldingChoice {
  readonly run?: string | undefined;
  /** MHz. */
  readonly clock: number;
  /** --clock was given: registers are chosen for it where the part was measured. */
  readonly clockAsked: boolean;
  readonly targetFps?: number | undefined;
  readonly maxLuts?: number | undefined;
  readonly device?: string | undefined;
  /** Folding file to write. */
  readonly out?: string | undefined;
  readonly force: boolean;
}

export interface PlanResult {
  readonly run: RunPaths;
  readonly network: Network;
  readonly plan: HardwarePlan;
  /** What each layer takes, and in the last place what the design has once. */
  readonly parts: readonly Area[];
  readonly area: Area;
  readonly device: Device | null;
  /** Logic sites filled, and whether the design is within the part; null without one. */
  readonly sites: number | null;
  readonly fits: boolean | null;
  /** Whose cells were estimated. */
  readonly family: Family;
  readonly clock: number;
  /** The clock that the part is estimated to reach; null where it was not measured. */
  readonly reaches: ClockEstimate | null;
  readonly imagesPerSecond: number;
  readonly bottleneck: string;
  readonly reason: string;
  /** What skipping zeros would bring; null where it would not, or was decided. */
  readonly hint: string | null;
  readonly out: string | null;
}

const limitsOf = (device: Device | null, maxLuts: number | undefined): Limits | undefined => {
  if (device === null && maxLuts === undefined) return undefined;
  const names = [
    ...(device === null ? [] : [`${device.name} (${device.luts} LUTs, ${device.blockRams} block RAMs)`]),
    ...(maxLuts === undefined ? [] : [`--max-luts ${maxLuts}`]),
  ];
  return {
    luts: Math.min(device?.luts ?? Number.POSITIVE_INFINITY, maxLuts ?? Number.POSITIVE_INFINITY),
    sites: device?.luts ?? Number.POSITIVE_INFINITY,
    blockRams: device?.blockRams ?? Number.POSITIVE_INFINITY,
    name: names.join(' and '),
  };
};

const isExplicit = ({ pe, simd, pipeline, planFile }: PlanRequest): boolean =>
  pe !== undefined || simd !== undefined || pipeline !== undefined || planFile !== undefined;

/** The folding that was given, judged. */
const given = (network: Network, request: PlanRequest, family: Family): Chosen => {
  const goal = request.targetFps === undefined ? '--max-luts' : '--target-fps';
  if (request.targetFps !== undefined || request.maxLuts !== undefined)
    throw new UserError({
      subject: `${goal} and a given folding`,
      rule: 'not be given together: the one chooses what the other says',
      hint: 'leave --pe, --simd, --pipeline and --plan out',
      code: 'BITSIM_CLI_CONFLICT',
    });
  const plan = planFolded(network, resolveFolding(request));
  return { plan, area: estimate(network, plan.layers, family), reason: 'as given' };
};

/** `chosen` with the registers that the clock asks for, where it was asked for and nothing else says them. */
const pipelined = (network: Network, request: PlanRequest, chosen: Chosen, part: ClockPart): Chosen => {
  const { clock, clockAsked, pipeline: given, planFile } = request;
  if (!clockAsked || given !== undefined || planFile !== undefined) return chosen;
  const { layers } = chosen.plan;
  const pipeline = chooseStages(network, layers, { clock, part });
  const plan = planFolded(network, {
    pe: layers.map(({ pe }) => pe),
    simd: layers.map(({ simd }) => simd),
    pipeline,
    packing: resolveFolding(request).packing,
    skipZeros: layers.map(({ sparse }) => (sparse === undefined ? 'off' : 'on')),
  });
  const needed = pipeline.some((stages) => stages > 0)
    ? `registers in the adder trees (${pipeline.join(', ')}) for ${clock} MHz`
    : `no registers in the adder trees: ${clock} MHz needs none`;
  const area = estimate(network, plan.layers, 'ice40');
  return { plan, area, reason: `${chosen.reason}; ${needed}` };
};

/** What sets the interval: the slowest layer, the input, or the hand-over between frames. */
const bottleneckOf = (network: Network, { layers, initiationInterval }: HardwarePlan): string => {
  const slowest = layers.reduce((a, b) => (b.cycles > a.cycles ? b : a));
  const [height, width] = network.input.shape;
  if (initiationInterval === slowest.cycles) return `layer ${slowest.layer}: ${slowest.cycles} cycles`;
  if (initiationInterval === height * width) return `the input stream: ${height * width} pixels, one a cycle`;
  return `layer ${slowest.layer}: ${slowest.cycles} cycles, and ${initiationInterval - slowest.cycles} that frames wait for each other`;
};

/** What `--skip-zeros auto` would change at the same folding. */
const skipHint = (network: Network, { layers }: HardwarePlan, request: PlanRequest): string | null => {
  if (request.skipZeros !== undefined || request.planFile !== undefined) return null;
  const [pe, simd] = [layers.map((layer) => layer.pe), layers.map((layer) => layer.simd)];
  const skipping = foldLayers(network, { pe, simd, packing: request.packing, skipZeros: ['auto'] });
  const changed = skipping.filter(({ sparse }) => sparse !== undefined);
  if (changed.length === 0) return null;
  const words = changed.map(
    ({ layer, cycles, neuronFold, synapseFold }) =>
      `${layer} would read ${cycles} of ${neuronFold * synapseFold} words`,
  );
  return `with --skip-zeros auto ${words.join(', ')}`;
};

const checkFree = (path: string, force: boolean): void => {
  if (force || !existsSync(path)) return;
  throw new UserError({
    subject: `--out ${path}`,
    rule: 'not exist yet',
    hint: '--force replaces it',
    code: 'BITSIM_FILE_EXISTS',
  });
};

const write = (
  path: string,
  network: Network,
  { layers }: HardwarePlan,
  packing: PlanRequest['packing'],
): void =>
  writeFileWhole(
    path,
    formatFolding({
      format: FOLDING_FORMAT,
      version: FOLDING_VERSION,
      network: network.name,
      layers: layers.map(({ layer, pe, simd, pipeline, sparse }) => ({
        layer,
        pe,
        simd,
        pipeline,
        skipZeros: sparse === undefined ? 'off' : 'on',
      })),
      packing: packing ?? 'auto',
    }),
  );

/** Plans, and writes the folding file when one was asked for. */
export const planRun = (request: PlanRequest, { terminal }: Pick<Context, 'terminal'>): PlanResult => {
  const { clock, targetFps, packing, skipZeros, out } = request;
  const device = request.device === undefined ? null : deviceOf(request.device);
  const family = device?.family ?? 'ice40';
  const run = findRun(request.run);
  const network = readNetwork(run.network);
  terminal.note(`run: ${run.folder} (${network.name})`);
  if (out !== undefined) checkFree(out, request.force);
  const limits = limitsOf(device, request.maxLuts);
  const folded = isExplicit(request)
    ? given(network, request, family)
    : choosePlan(network, { clock, targetFps, limits, packing, skipZeros, family });
  const part = device !== null && isClockPart(device.name) ? device.name : null;
  const { plan, area, reason } = part === null ? folded : pipelined(network, request, folded, part);
  if (out !== undefined) write(out, network, plan, resolveFolding(request).packing);
  return {
    run,
    network,
    plan,
    parts: estimateParts(network, plan.layers, family),
    area,
    device,
    sites: device && sitesOf(area, family),
    fits: device && fits(area, limitsOf(device, undefined), family),
    family,
    clock,
    reaches: part === null ? null : estimateClock(network, plan.layers, part),
    imagesPerSecond: (clock * 1e6) / plan.initiationInterval,
    bottleneck: bottleneckOf(network, plan),
    reason,
    hint: skipHint(network, plan, request),
    out: out ?? null,
  };
};

/** The JSON object of `--json`. */
export const planJson = (result: PlanResult): object => {
  const {
    run,
    network,
    plan,
    parts,
    area,
    device,
    family,
    clock,
    imagesPerSecond,
    bottleneck,
    reason,
    hint,
    out,
  } = result;
  return {
    command: 'plan',
    run: run.folder,
    network: network.name,
    device: device?.name ?? null,
    fits: result.fits,
    clock,
    reaches:
      result.reaches === null
        ? null
        : { mhz: Math.floor(result.reaches.fmax), limit: pathName(result.reaches.limit) },
    imagesPerSecond,
    bottleneck,
    reason,
    hint,
    estimate: { family, ...area, layers: plan.layers.map(({ layer }, i) => ({ layer, ...parts[i]! })) },
    plan,
    out,
  };
};
