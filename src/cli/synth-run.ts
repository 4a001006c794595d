// Synthesis of a run for a device: emits the design, counts its cells, places and routes it, keeps report and bitstream.
import { copyFileSync } from 'node:fs';
import { join } from 'node:path';
import type { RomStyle } from '../codegen/bundle.ts';
import { pinWrapper } from '../codegen/targets/verilog/pins.ts';
import { readNetwork } from '../layers/validate.ts';
import type { LabelledImages } from '../model/dataset.ts';
import { classificationMetrics } from '../model/metrics.ts';
import type { Network } from '../model/network.ts';
import type { HardwarePlan } from '../model/plan.ts';
import { type CellCounts, parseCells } from '../report/cells.ts';
import { classesOf, engineFor } from '../sim/engine/evaluate.ts';
import type { Device } from '../synth/devices.ts';
import { findProgram, PACKAGES } from '../synth/packaged.ts';
import {
  NoRoomError,
  type Placement,
  placeAndRoute,
  SynthesisError,
  type SynthesisRequest,
  synthesize,
} from '../synth/synthesize.ts';
import { installHint } from '../synth/tools.ts';
import { UserError } from '../util/errors.ts';
import { makeFolder, writeFileWhole } from '../util/files.ts';
import type { Context } from './command.ts';
import { makeDesign } from './design.ts';
import { deviceOf } from './device-option.ts';
import { writeFolder } from './emitted-folder.ts';
import { checkLabels } from './eval-run.ts';
import type { FoldingChoice } from './folding-choice.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { fileDigest, readManifest } from './run-manifest.ts';
import { toolName } from './version.ts';

export interface SynthRequest extends FoldingChoice {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  readonly device: string;
  /** MHz asked of place and route. */
  readonly clock: number;
  readonly seed: number;
  readonly pnr: boolean;
  readonly rom: RomStyle;
}

export interface SynthResult {
  readonly run: RunPaths;
  readonly folder: string;
  readonly network: string;
  /** SHA-256 of network.json. */
  readonly digest: string;
  readonly device: Device;
  /** What the design answers rightly, a share of the test images. */
  readonly test: { readonly accuracy: number; readonly images: number };
  readonly plan: HardwarePlan;
  readonly cells: CellCounts;
  readonly yosys: string;
  readonly placement: Omit<Placement, 'bitstream'> | null;
  readonly bitstream: string | null;
  /** Why there is no placement or bitstream, or null. */
  readonly without: string | null;
  readonly seconds: number;
}

const tooLarge = (cells: CellCounts, { luts, blockRams, name }: Device): string | null => {
  const misses = [
    ...(cells.luts > luts ? [`${cells.luts} LUTs of ${luts}`] : []),
    ...(cells.blockRams > blockRams ? [`${cells.blockRams} block RAMs of ${blockRams}`] : []),
  ];
  return misses.length === 0 ? null : `the design does not fit ${name}: ${misses.join(', ')}`;
};

const whyNot = async (request: SynthRequest, device: Device, cells: CellCounts): Promise<string | null> => {
  if (!request.pnr) return 'left out (--no-pnr)';
  if (device.nextpnr === undefined) return `bitsim places and routes iCE40 parts only, not ${device.name}`;
  if ((await findProgram('nextpnr-ice40')) === undefined)
    return `nextpnr-ice40 not found (${installHint('nextpnr-ice40')}, or npm install ${PACKAGES['nextpnr-ice40']})`;
  return tooLarge(cells, device);
};

/** Places and routes where nothing speaks against it; says why where nothing was placed. */
const placeWhere = async (
  reason: string | null,
  request: SynthesisRequest,
): Promise<{ readonly placed: Placement | null; readonly reason: string | null }> => {
  if (reason !== null) return { placed: null, reason };
  try {
    return { placed: await placeAndRoute(request), reason: null };
  } catch (error) {
    if (!(error instanceof NoRoomError)) throw error;
    return { placed: null, reason: `the design does not fit ${request.device.name}: ${error.message}` };
  }
};

/** Makes the folder of a synthesis and puts the bitstream there. */
const keep = (
  folder: string,
  placed: Placement | null,
): Pick<SynthResult, 'folder' | 'placement' | 'bitstream' | 'without'> => {
  makeFolder(folder);
  if (placed === null) return { folder, placement: null, bitstream: null, without: null };
  const { bitstream, ...placement } = placed;
  if (bitstream === null) {
    const without = `icepack not found (${installHint('icepack')})`;
    return { folder, placement, bitstream, without };
  }
  const target = join(folder, 'bitstream.bin');
  copyFileSync(bitstream, target);
  return { folder, placement, bitstream: target, without: null };
};

const testAccuracy = (network: Network, images: LabelledImages): SynthResult['test'] => {
  checkLabels(images.labels, network.classes.length);
  const predicted = classesOf(engineFor(network, images), images);
  const { accuracy } = classificationMetrics(images.labels, predicted, network.classes);
  return { accuracy, images: images.count };
};

/** Synthesizes and writes RUN/synth-DEVICE/{report.json,bitstream.bin}. */
export const synthRun = async (request: SynthRequest, context: Context): Promise<SynthResult> => {
  const began = performance.now();
  const device = deviceOf(request.device);
  const run = findRun(request.run);
  const network = readNetwork(run.network);
  const manifest = request.data === undefined ? readManifest(run) : undefined;
  const images = loadRunData(manifest, request.data, ['test']).test;
  context.terminal.note(`run: ${run.folder} (${network.name}), device ${device.name}`);
  const design = makeDesign({ ...request, network, images, target: 'verilog', vectors: () => 1 });
  const work = context.interrupts.temporaryFolder('synth');
  writeFolder(work, design.bundle.files);
  const progress = context.terminal.progress('synth');
  const steps = ['Yosys', 'Yosys with pins', 'nextpnr'];
  const common = {
    folder: work,
    top: design.bundle.manifest.top.module,
    wrapper: pinWrapper(design.bundle.manifest),
    device,
    clock: request.clock,
    seed: request.seed,
    onStep: (step: string) => progress.update(steps.indexOf(step) / steps.length, step),
  };
  try {
    const { stat, yosys } = await synthesize(common);
    const cells = parseCells(stat);
    const { placed, reason } = await placeWhere(await whyNot(request, device, cells), common);
    progress.done('done');
    const kept = keep(join(run.folder, `synth-${device.name}`), placed);
    const result: SynthResult = {
      ...kept,
      run,
      network: network.name,
      digest: fileDigest(run.network),
      device,
      test: testAccuracy(network, images),
      plan: design.plan,
      cells,
      yosys,
      without: reason ?? kept.without,
      seconds: (performance.now() - began) / 1000,
    };
    writeFileWhole(join(kept.folder, 'report.json'), `${JSON.stringify(synthRecord(result), null, 2)}\n`);
    return result;
  } catch (error) {
    if (!(error instanceof SynthesisError)) throw error;
    throw new UserError({
      subject: `synthesis of ${network.name} for ${device.name}`,
      rule: 'go through',
      value: error.message,
      code: 'BITSIM_SYNTH_FAILED',
    });
  }
};

/** Images a second at a clock in MHz. */
export const imagesPerSecond = (plan: HardwarePlan, mhz: number): number =>
  (mhz * 1e6) / plan.initiationInterval;

/** report.json and the JSON object of `--json`. */
export const synthRecord = (result: SynthResult): object => {
  const { network, digest, device, test, plan, cells, yosys, placement, bitstream, without } = result;
  const mhz = placement?.fmax ?? null;
  return {
    format: 'bitsim-synthesis',
    version: 1,
    tool: toolName(),
    command: 'synth',
    network,
    networkSha256: digest,
    device: device.name,
    test,
    folding: plan.layers.map(({ layer, pe, simd, pipeline, rom, sparse }) => ({
      layer,
      pe,
      simd,
      pipeline,
      packing: rom.packing,
      skipZeros: sparse === undefined ? 'off' : 'on',
    })),
    cycles: { interval: plan.initiationInterval, latency: plan.latency },
    cells,
    fmax: mhz,
    imagesPerSecond: mhz === null ? null : imagesPerSecond(plan, mhz),
    placement: placement && { cells: placement.cells, rams: placement.rams },
    bitstream,
    without,
    tools: { yosys, nextpnr: placement?.nextpnr ?? null },
  };
};
