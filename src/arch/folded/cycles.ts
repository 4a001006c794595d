// Predicted cycles: the control model run with a source that is always valid and a sink that is always ready.
// Nothing is fitted or estimated, so the prediction equals the emitted design to the cycle (the testbench checks it).
import { isPlain, windowSize, windowTable } from '../../layers/input.ts';
import { type DenseLayer, denseLayers, type InputSpec, type Network } from '../../model/network.ts';
import type { DensePlan } from '../../model/plan.ts';
import { SparseMvuStage } from './sparse-stage.ts';
import {
  ArgmaxStage,
  DynamicStage,
  GatherStage,
  InputSumStage,
  MvuStage,
  SerializeStage,
  type Stage,
  type UnitStage,
} from './stages.ts';
import { stepsOfFolds } from './steps.ts';

export interface CyclePrediction {
  /** Cycles from the first accepted input beat to the last output beat of the first frame. */
  readonly latency: number;
  /** Cycles from frame to frame once the pipeline is full. */
  readonly initiationInterval: number;
  /** Index of the first frame that comes initiationInterval cycles after the one before it. */
  readonly steadyFrom: number;
}

const gcd = (a: number, b: number): number => (b === 0 ? a : gcd(b, a % b));

/** Codes in one transfer between layer `i` and the next: what PE and the next SIMD have in common (1 for logits). */
export const transferLanes = (plans: readonly DensePlan[], i: number): number => {
  const next = plans[i + 1];
  return next === undefined ? 1 : gcd(plans[i]!.pe, next.simd);
};

/** For each pixel of the image, whether it is the last of its window. */
const completingPixels = (input: InputSpec): boolean[] => {
  const [table, size] = [windowTable(input), windowSize(input)];
  const last = new Set(
    Array.from({ length: table.length / size }, (_, window) => table[(window + 1) * size - 1]!),
  );
  return Array.from({ length: input.shape[0] * input.shape[1] }, (_, pixel) => last.has(pixel));
};

const unitStage = (layer: DenseLayer, plan: DensePlan): UnitStage =>
  plan.sparse === undefined ? new MvuStage(plan) : new SparseMvuStage(plan, stepsOfFolds(layer, plan));

/** The stages of the whole pipeline in stream order. */
export const pipelineStages = (network: Network, plans: readonly DensePlan[]): Stage[] => {
  const stages: Stage[] = [];
  if (!isPlain(network.input)) {
    stages.push(new InputSumStage(completingPixels(network.input)));
    stages.push(new GatherStage(plans[0]!.simd));
  }
  denseLayers(network).forEach((layer, i) => {
    const plan = plans[i]!;
    const lanes = transferLanes(plans, i);
    stages.push(unitStage(layer, plan));
    stages.push(new SerializeStage(plan.pe / lanes));
    if (layer.requantize.kind === 'dynamic-shift') stages.push(new DynamicStage(plan.outputs / lanes));
    const next = plans[i + 1];
    stages.push(next === undefined ? new ArgmaxStage(plan.outputs) : new GatherStage(next.simd / lanes));
  });
  return stages;
};

/** One clock cycle: settles `valid` and `ready` (entry i: between stage i - 1 and stage i), then clocks every stage. */
export const step = (stages: readonly Stage[], valid: boolean[], ready: boolean[]): void => {
  const count = stages.length;
  for (let i = 0; i < count; i++) valid[i + 1] = stages[i]!.outValid(valid[i]!);
  for (let i = count - 1; i >= 0; i--) ready[i] = stages[i]!.inReady(ready[i + 1]!);
  for (let i = 0; i < count; i++) stages[i]!.clock(valid[i]!, ready[i + 1]!);
};

/** Cycle numbers at which each of the first `frames` frames is complete, counted from the first accepted beat. */
export const completionCycles = (network: Network, plans: readonly DensePlan[], frames: number): number[] => {
  const stages = pipelineStages(network, plans);
  const argmax = stages.at(-1) as ArgmaxStage;
  const valid = Array.from({ length: stages.length + 1 }, () => true);
  const ready = Array.from({ length: stages.length + 1 }, () => true);
  const done: number[] = [];
  for (let cycle = 0; done.length < frames; cycle++) {
    if (argmax.outValid() && argmax.outLast()) done.push(cycle);
    step(stages, valid, ready);
  }
  return done;
};

/** Frames simulated: enough for every buffer of the pipeline to fill and the interval to settle. */
const framesFor = (plans: readonly DensePlan[]): number => 4 * plans.length + 4;

/** Latency and initiation interval of a pipeline. */
export const predictCycles = (network: Network, plans: readonly DensePlan[]): CyclePrediction => {
  const done = completionCycles(network, plans, framesFor(plans));
  const intervals = done.slice(1).map((cycle, i) => cycle - done[i]!);
  const initiationInterval = intervals.at(-1)!;
  const unsettled = intervals.findLastIndex((interval) => interval !== initiationInterval);
  return { latency: done[0]!, initiationInterval, steadyFrom: unsettled + 2 };
};
