// Verification against real RTL simulators: emits the design into a temporary folder, runs it on real digits with
// random stalls (every code, logit and class) and without (predicted cycles against measured ones).
import type { RomStyle } from '../codegen/bundle.ts';
import type { LabelledImages } from '../model/dataset.ts';
import type { Network } from '../model/network.ts';
import type { HardwarePlan } from '../model/plan.ts';
import type { Mismatch } from '../model/trace.ts';
import type { GoldenVector } from '../model/vectors.ts';
import type { CountsPerImage, RtlMismatch } from '../synth/report.ts';
import { buildTestbench, runTestbench, type SimulationReport, type Simulator } from '../synth/simulate.ts';
import type { Context } from './command.ts';
import { type Design, laneCycles, leastImages, makeDesign } from './design.ts';
import { ICARUS_SECONDS } from './emit-run.ts';
import { writeFolder } from './emitted-folder.ts';
import type { FoldingChoice } from './folding-choice.ts';
import { dumpWaves, type WaveWindow } from './verify-waves.ts';

export interface RtlRequest extends FoldingChoice {
  readonly simulators: readonly Simulator[];
  /** Images with stalls; undefined: what takes seconds. */
  readonly images?: number | undefined;
  readonly rom: RomStyle;
  /** Folder for the waveform around a first difference; undefined: none is written. */
  readonly waves?: string | undefined;
}

/** A difference with its clock cycle. */
export interface RtlDifference extends Mismatch {
  readonly cycle: number;
  /** Whether it was the run with random stalls. Without them cycles are those of `bitsim trace`. */
  readonly stalls: boolean;
}

export interface Cycles {
  readonly latency: number;
  readonly interval: number | null;
}

export interface RtlResult {
  readonly simulator: Simulator;
  readonly version: string;
  /** Every value and every cycle count agreed. */
  readonly equal: boolean;
  /** Why not, in the testbench's words. */
  readonly reason: string | null;
  readonly images: number;
  readonly codes: number;
  readonly logits: number;
  readonly classes: number;
  readonly first: RtlDifference | null;
  readonly waves: WaveWindow | null;
  readonly predicted: Cycles;
  /** Without stalls; null when that run did not get so far. */
  readonly measured: Cycles | null;
  readonly seconds: number;
}

const STALL_SECONDS = 10;
const MOST_IMAGES = 200;
/** Verilator is this much faster than Icarus (measured: 300 to 1,000 times). */
const VERILATOR_SPEEDUP = 300;

/** Images that `simulator` runs in about STALL_SECONDS, at least 2. */
export const affordableImages = (plan: HardwarePlan, simulator: Simulator): number => {
  const icarus = STALL_SECONDS / (ICARUS_SECONDS * laneCycles(plan));
  const count = simulator === 'icarus' ? icarus : icarus * VERILATOR_SPEEDUP;
  return Math.min(Math.max(2, Math.floor(count)), MOST_IMAGES);
};

interface Counts {
  readonly stall: number;
  readonly flow: number;
}

/** The interval takes leastImages; a simulator that is slow on this design leaves it to a fast one beside it. */
const countsOf = (plan: HardwarePlan, simulator: Simulator, request: RtlRequest): Counts => {
  const affordable = affordableImages(plan, simulator);
  const stall = request.images ?? affordable;
  const others = request.simulators.length > 1;
  const slow = simulator === 'icarus' && affordable < leastImages(plan);
  return { stall, flow: slow && others ? 1 : leastImages(plan) };
};

const whatOf = (network: Network, layer: string): Mismatch['what'] => {
  if (layer === 'argmax') return 'class';
  return network.layers.at(-2)!.name === layer ? 'logit' : 'code';
};

interface Reports {
  readonly stall: SimulationReport;
  readonly flow: SimulationReport;
}

/** The first difference, of the run without stalls where it shows there. */
const firstOf = (
  network: Network,
  vectors: readonly GoldenVector[],
  { stall, flow }: Reports,
): RtlDifference | null => {
  const stalls = flow.mismatches.length === 0;
  const found: RtlMismatch | undefined = (stalls ? stall : flow).mismatches[0];
  if (found === undefined) return null;
  const image = vectors[found.image]?.image ?? found.image;
  // an RTL testbench names the cycle of every difference
  return { ...found, cycle: found.cycle ?? 0, image, what: whatOf(network, found.layer), stalls };
};

const cycleFault = (plan: HardwarePlan, measured: Cycles | null): string | null => {
  if (measured === null) return 'the run without stalls measured no cycles';
  if (measured.latency !== plan.latency)
    return `latency ${measured.latency} cycles, predicted ${plan.latency}`;
  if (measured.interval === null || measured.interval === plan.initiationInterval) return null;
  return `interval ${measured.interval} cycles, predicted ${plan.initiationInterval}`;
};

const resultOf = (
  network: Network,
  { plan, vectors }: Design,
  { stall, flow }: Reports,
): Omit<RtlResult, 'waves' | 'seconds'> => {
  const measured = flow.cycles;
  const reason = stall.reason ?? flow.reason ?? cycleFault(plan, measured);
  return {
    simulator: stall.simulator,
    version: stall.version,
    equal: stall.passed && flow.passed && reason === null,
    reason,
    images: stall.images,
    codes: stall.codes,
    logits: stall.logits,
    classes: stall.classes,
    first: firstOf(network, vectors, { stall, flow }),
    predicted: { latency: plan.latency, interval: plan.initiationInterval },
    measured,
  };
};

/** What the testbench must count for each image: a check it leaves out is then a fault. */
export const countsPerImage = ({ layers }: HardwarePlan): CountsPerImage => {
  const outputs = layers.map((layer) => layer.outputs);
  const all = outputs.reduce((sum, count) => sum + count, 0);
  return { codes: all - outputs.at(-1)!, logits: outputs.at(-1)! };
};

/** Says now and then what is running, as long as `work` takes. */
const watched = async <T>(
  context: Context,
  running: ReadonlyMap<string, string>,
  steps: { done: number; total: number },
  work: Promise<T>,
): Promise<T> => {
  const progress = context.terminal.progress('rtl');
  const tick = (): void =>
    progress.update(
      steps.done / steps.total,
      [...running].map(([name, what]) => `${name}: ${what}`).join(', '),
    );
  tick();
  const timer = setInterval(tick, 500);
  try {
    return await work;
  } finally {
    clearInterval(timer);
    progress.done(steps.done === steps.total ? 'done' : 'stopped');
  }
};

/** The design that every simulator runs. Throws UserError for foldings and counts that do not work. */
export const prepareRtl = (network: Network, images: LabelledImages, request: RtlRequest): Design => {
  const vectors = (plan: HardwarePlan): number => {
    const counts = request.simulators.map((simulator) => countsOf(plan, simulator, request));
    const wanted = Math.max(...counts.flatMap(({ stall, flow }) => [stall, flow]));
    return request.images === undefined || request.images <= images.count
      ? Math.min(wanted, images.count)
      : wanted;
  };
  return makeDesign({ ...request, network, images, target: 'verilog', vectors });
};

/** Runs every simulator of the request, side by side. */
export const verifyRtl = (
  network: Network,
  design: Design,
  request: RtlRequest,
  context: Context,
): Promise<RtlResult[]> => {
  const running = new Map<string, string>();
  const steps = { done: 0, total: 3 * request.simulators.length };
  const step = <T>(simulator: Simulator, what: string, work: Promise<T>): Promise<T> => {
    running.set(simulator, what);
    return work.finally(() => {
      running.delete(simulator);
      steps.done++;
    });
  };
  const one = async (simulator: Simulator): Promise<RtlResult> => {
    const began = performance.now();
    const folder = context.interrupts.temporaryFolder(simulator);
    writeFolder(folder, design.bundle.files);
    const count = countsOf(design.plan, simulator, request);
    const available = design.vectors.length;
    const [stalled, flowing] = [Math.min(count.stall, available), Math.min(count.flow, available)];
    const built = await step(simulator, 'building', buildTestbench(folder, simulator));
    const perImage = countsPerImage(design.plan);
    const run = (n: number, stall: boolean) => runTestbench(built, { images: n, stall, perImage });
    const stall = await step(simulator, `${stalled} image(s) with stalls`, run(stalled, true));
    const flow = await step(simulator, `${flowing} image(s) without`, run(flowing, false));
    const result = resultOf(network, design, { stall, flow });
    const seconds = (performance.now() - began) / 1000;
    if (request.waves === undefined) return { ...result, waves: null, seconds };
    const { first } = result;
    const failed = first && { ...first, folder, images: first.stalls ? stalled : flowing };
    const path = { target: request.waves, file: `waves-${simulator}.vcd` };
    return { ...result, waves: await dumpWaves(failed, path, context), seconds };
  };
  return watched(context, running, steps, Promise.all(request.simulators.map(one)));
};
