// Verification of a target whose testbench is a program: emits it into a temporary folder, compiles it and runs it on real images.
import type { RomStyle } from '../codegen/bundle.ts';
import type { LabelledImages } from '../model/dataset.ts';
import { denseLayers, type Network } from '../model/network.ts';
import type { Mismatch } from '../model/trace.ts';
import { simulateProgram } from '../synth/csim.ts';
import type { Context } from './command.ts';
import { makeDesign } from './design.ts';
import { writeFolder } from './emitted-folder.ts';
import type { FoldingChoice } from './folding-choice.ts';
import { countsPerImage } from './verify-rtl.ts';

export interface ProgramRequest extends FoldingChoice {
  /** Images; undefined: MOST_IMAGES. */
  readonly images?: number | undefined;
  readonly rom: RomStyle;
}

export interface ProgramResult {
  readonly compiler: string;
  readonly version: string;
  readonly equal: boolean;
  /** Why not, in the testbench's words. */
  readonly reason: string | null;
  readonly images: number;
  readonly codes: number;
  readonly logits: number;
  readonly classes: number;
  readonly first: Mismatch | null;
  readonly seconds: number;
}

const MOST_IMAGES = 200;

const whatOf = (network: Network, layer: string): Mismatch['what'] => {
  if (layer === 'argmax') return 'class';
  return denseLayers(network).at(-1)!.name === layer ? 'logit' : 'code';
};

/** Emits `target`, compiles, runs. */
export const verifyProgram = async (
  network: Network,
  images: LabelledImages,
  target: string,
  request: ProgramRequest,
  context: Context,
): Promise<ProgramResult> => {
  const began = performance.now();
  const count = request.images ?? Math.min(MOST_IMAGES, images.count);
  const { bundle, plan, vectors } = makeDesign({
    ...request,
    network,
    images,
    target,
    vectors: () => count,
  });
  const folder = context.interrupts.temporaryFolder(target);
  writeFolder(folder, bundle.files);
  const progress = context.terminal.progress(target);
  progress.update(0, 'compiling and running');
  const report = await simulateProgram(folder, {
    ...bundle.program!,
    images: count,
    perImage: countsPerImage(plan),
  });
  progress.done(report.passed ? 'done' : 'different');
  const found = report.mismatches[0];
  const first: Mismatch | null =
    found === undefined
      ? null
      : {
          image: vectors[found.image]?.image ?? found.image,
          layer: found.layer,
          what: whatOf(network, found.layer),
          neuron: found.neuron,
          expected: found.expected,
          got: found.got,
        };
  return {
    compiler: report.compiler,
    version: report.version,
    equal: report.passed,
    reason: report.reason,
    images: report.images,
    codes: report.codes,
    logits: report.logits,
    classes: report.classes,
    first,
    seconds: (performance.now() - began) / 1000,
  };
};
