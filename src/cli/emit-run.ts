// Emission of a run: its network, golden vectors from its own test images, and the folder they are written to.
import { join } from 'node:path';
import type { Bundle, RomStyle } from '../codegen/bundle.ts';
import { targetNames, targetOf } from '../codegen/emit.ts';
import type { Target } from '../codegen/targets/target.ts';
import { readNetwork } from '../layers/validate.ts';
import type { Network } from '../model/network.ts';
import type { HardwarePlan } from '../model/plan.ts';
import { UserError } from '../util/errors.ts';
import type { Context } from './command.ts';
import { laneCycles, leastImages, makeDesign } from './design.ts';
import { checkReplaceable, writeBundle } from './emitted-folder.ts';
import type { FoldingChoice } from './folding-choice.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { readManifest } from './run-manifest.ts';
import { nearestName } from './suggest.ts';

export interface EmitRequest extends FoldingChoice {
  readonly run?: string | undefined;
  readonly target: string;
  readonly out?: string | undefined;
  readonly data?: string | undefined;
  readonly rom: RomStyle;
  readonly flows?: readonly string[] | undefined;
  readonly vectors?: number | undefined;
  readonly force: boolean;
}

export interface EmitResult {
  readonly run: RunPaths;
  readonly folder: string;
  readonly network: Network;
  readonly plan: HardwarePlan;
  readonly bundle: Bundle;
  readonly target: Target;
  /** Number of golden vectors. */
  readonly vectors: number;
}

/** Icarus needs about this many seconds a lane-cycle (measured: 4e-6 small designs, 16e-6 large ones). */
export const ICARUS_SECONDS = 12e-6;
const EMIT_SECONDS = 12;
const MOST_VECTORS = 64;

/** Images that Icarus runs in about EMIT_SECONDS, at least what the interval needs. */
export const defaultVectors = (plan: HardwarePlan, available: number): number => {
  const affordable = Math.floor(EMIT_SECONDS / (ICARUS_SECONDS * laneCycles(plan)));
  return Math.min(Math.max(leastImages(plan), Math.min(affordable, MOST_VECTORS)), available);
};

const findTarget = (target: string): Target => {
  const names = targetNames();
  if (names.includes(target)) return targetOf(target);
  const near = nearestName(target, names);
  throw new UserError({
    subject: '--target',
    rule: `be one that this version emits (${names.join(', ')})`,
    value: target,
    hint: near === undefined ? `use --target ${names[0]}` : `did you mean ${near}?`,
    code: 'BITSIM_EMIT_TARGET',
  });
};

/** Emits a run and writes the folder. */
export const emitRun = (request: EmitRequest, { terminal }: Pick<Context, 'terminal'>): EmitResult => {
  const target = findTarget(request.target);
  const run = findRun(request.run);
  const folder = request.out ?? join(run.folder, request.target);
  checkReplaceable(folder, request.force);
  const network = readNetwork(run.network);
  terminal.note(`run: ${run.folder}`);
  const manifest = request.data === undefined ? readManifest(run) : undefined;
  const images = loadRunData(manifest, request.data, ['test']).test;
  const vectors = (plan: HardwarePlan) => request.vectors ?? defaultVectors(plan, images.count);
  const design = makeDesign({ ...request, network, images, vectors });
  writeBundle(folder, design.bundle, request.force);
  const { plan, bundle } = design;
  return { run, folder, network, plan, bundle, target, vectors: design.vectors.length };
};

/** The JSON object of `--json`. */
export const emitJson = ({ run, folder, network, plan, bundle, vectors }: EmitResult): object => ({
  command: 'emit',
  run: run.folder,
  network: network.name,
  folder,
  target: bundle.manifest.target,
  top: bundle.manifest.top,
  plan,
  vectors,
  files: [...bundle.files.keys()].sort(),
});
