// Tracing of a run: test images through the folded schedule of its design, in the window that was asked for.
import { planFolded } from '../arch/folded/plan.ts';
import { type LayerCycle, traceFrames } from '../arch/folded/trace.ts';
import { traceWaves } from '../codegen/targets/verilog/waves.ts';
import { readNetwork } from '../layers/validate.ts';
import { type LabelledImages, pixelsOf } from '../model/dataset.ts';
import { tritChar } from '../num/trit.ts';
import type { TraceWindow } from '../report/trace.ts';
import { UserError } from '../util/errors.ts';
import { writeFileWhole } from '../util/files.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { type FoldingChoice, resolveFolding } from './folding-choice.ts';
import { layerIndex } from './layer-option.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { readManifest } from './run-manifest.ts';

export interface TraceRequest extends FoldingChoice {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  /** Test images, as frames back to back. */
  readonly images: readonly number[];
  readonly layer?: string | undefined;
  readonly from?: number | undefined;
  readonly cycles?: number | undefined;
  readonly onlyPe?: readonly number[] | undefined;
  readonly vcd?: string | undefined;
}

export interface TraceResult extends TraceWindow {
  readonly run: RunPaths;
  readonly vcd: { readonly path: string; readonly from: number; readonly cycles: number } | null;
}

const CYCLES = 16;

const outOf = (subject: string, rule: string, value: string | number, hint?: string): UserError =>
  new UserError({ subject, rule, value, hint, code: 'BITSIM_CLI_VALUE' });

const checkImages = (indices: readonly number[], images: LabelledImages): void => {
  const wrong = indices.find((index) => index >= images.count);
  if (wrong !== undefined) throw outOf('--image', `be from 0 to ${images.count - 1}, the test images`, wrong);
};

const checkPes = (pes: readonly number[], pe: number): void => {
  const wrong = pes.find((index) => index >= pe);
  if (wrong === undefined) return;
  throw outOf('--only-pe', `be from 0 to ${pe - 1}, the PEs of this layer`, wrong, '--pe sets their number');
};

/** Traces, and writes the waveform when one was asked for. */
export const traceRun = (request: TraceRequest, { terminal }: Pick<Context, 'terminal'>): TraceResult => {
  const run = findRun(request.run);
  const network = readNetwork(run.network);
  terminal.note(`run: ${run.folder} (${network.name})`);
  const plan = planFolded(network, resolveFolding(request));
  const layer = layerIndex(network, request.layer ?? '0');
  checkPes(request.onlyPe ?? [], plan.layers[layer]!.pe);
  const manifest = request.data === undefined ? readManifest(run) : undefined;
  const images = loadRunData(manifest, request.data, ['test']).test;
  checkShape(network, images);
  checkImages(request.images, images);
  const trace = traceFrames(
    network,
    plan,
    request.images.map((index) => pixelsOf(images, index)),
  );
  const last = trace.schedule.cycles - 1;
  const from = request.from ?? trace.schedule.units[layer]!.adds.indexOf(1) - 1;
  if (from > last) throw outOf('--from', `be at most ${last}, the last cycle`, from);
  const cycles = Math.min(request.cycles ?? CYCLES, last - from + 1);
  const labels = request.images.map((index) => images.labels[index]!);
  const window = { trace, images: request.images, labels, layer, from, cycles, pes: request.onlyPe };
  if (request.vcd === undefined) return { ...window, run, vcd: null };
  const whole = request.from === undefined && request.cycles === undefined;
  const part = whole ? { from: 0, cycles: last + 1 } : { from, cycles };
  writeFileWhole(request.vcd, traceWaves(trace, part));
  return { ...window, run, vcd: { path: request.vcd, ...part } };
};

/** One cycle as plain data: per PE its trits as text, what they select, and the sums. */
const cycleJson = (cycle: LayerCycle, pes: readonly number[]): object => {
  const { add, accumulators, ...rest } = cycle;
  const shown = { ...rest, accumulators: pes.map((p) => accumulators[p]!) };
  if (add === null) return { ...shown, add };
  const simd = add.inputs.length;
  const { end, inputs, trits, selected, sums, totals, ...at } = add;
  const units = pes.map((p) => ({
    pe: p,
    trits: Array.from(trits.subarray(p * simd, (p + 1) * simd), tritChar).join(''),
    selected: [...selected.subarray(p * simd, (p + 1) * simd)],
    sum: sums[p]!,
    total: totals[p]!,
    end: end && {
      neuron: end.neurons[p]!,
      accumulator: end.accumulators[p]!,
      code: end.codes[p]!,
      leaves: end.leaves[p]!,
    },
  }));
  return { ...shown, add: { ...at, inputs: [...inputs], units } };
};

/** The JSON object of `--json`. */
export const traceJson = (result: TraceResult): object => {
  const { run, trace, images, labels, layer, from, cycles, vcd } = result;
  const { plan, schedule, frames } = trace;
  const pes = result.pes ?? Array.from({ length: plan.layers[layer]!.pe }, (_, p) => p);
  return {
    command: 'trace',
    run: run.folder,
    network: trace.network.name,
    plan,
    cycles: schedule.cycles,
    frames: frames.map((frame, i) => ({
      image: images[i],
      label: labels[i],
      class: frame.class,
      logits: [...frame.logits],
      shift: frame.layers[layer]!.shift,
    })),
    layer: plan.layers[layer]!.layer,
    window: { from, cycles },
    pes,
    trace: Array.from({ length: cycles }, (_, i) => cycleJson(trace.cycle(layer, from + i), pes)),
    vcd,
  };
};
