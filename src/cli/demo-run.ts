// The whole way, once: train, verify, emit, the emitted folder proved by itself, the report. Each step is the verb's own code.
import { join } from 'node:path';
import { percent, thousands } from '../report/format.ts';
import { ExitCode } from '../util/errors.ts';
import type { Context } from './command.ts';
import { type FolderProof, proveFolder } from './demo-folder.ts';
import { type EmitResult, emitRun } from './emit-run.ts';
import { checkReplaceable } from './emitted-folder.ts';
import { type TrainResult, trainRun } from './train-run.ts';
import { type VerifyResult, verifyRun } from './verify-run.ts';

export interface DemoRequest {
  readonly data?: string | undefined;
  readonly out: string;
  /** Replace an emitted folder although its files were changed. */
  readonly force: boolean;
}

export interface DemoResult {
  readonly trained: TrainResult;
  readonly verified: VerifyResult;
  /** null when verification failed: nothing is emitted then. */
  readonly emitted: EmitResult | null;
  readonly proof: FolderProof | null;
  /** The report's page; null when verification failed. */
  readonly report: string | null;
  readonly seconds: number;
  readonly exitCode: number;
}

/** Runs every step; stops at the first that fails. */
export const demoRun = async (request: DemoRequest, context: Context): Promise<DemoResult> => {
  const began = performance.now();
  const { terminal, interrupts } = context;
  const verilog = join(request.out, 'verilog');
  const elapsed = (): number => (performance.now() - began) / 1000;
  checkReplaceable(verilog, request.force);
  terminal.note('1/5 train');
  const options = { options: {}, preset: 'demo', backend: 'auto', force: true } as const;
  const trained = await trainRun({ ...options, data: request.data, out: request.out, name: 'demo' }, context);
  interrupts.advise(() => `the trained net is in ${request.out}; go on with: bitsim verify ${request.out}`);
  terminal.note('2/5 verify');
  const common = { run: request.out, rom: 'readmemh' } as const;
  const verified = await verifyRun({ ...common, backend: 'auto' }, context);
  if (!verified.equal) {
    const exitCode = ExitCode.difference;
    return { trained, verified, emitted: null, proof: null, report: null, seconds: elapsed(), exitCode };
  }
  terminal.note('3/5 emit');
  const emitted = emitRun({ ...common, target: 'verilog', out: verilog, force: request.force }, context);
  terminal.note('4/5 the emitted folder by itself, in another place');
  const proof = await proveFolder(verilog, context);
  terminal.note('5/5 report');
  const { reportRun } = await import('./report-run.ts');
  const { page: report } = await reportRun({ run: request.out }, context);
  const exitCode = proof.passed ? ExitCode.ok : ExitCode.difference;
  return { trained, verified, emitted, proof, report, seconds: elapsed(), exitCode };
};

const rtlLine = ({ rtl }: VerifyResult): string =>
  rtl.length === 0
    ? 'no RTL simulator is installed'
    : rtl
        .map((r) => `${r.simulator} ${r.version}: ${r.images} images ${r.equal ? 'equal' : 'DIFFERENT'}`)
        .join(', ');

const cellsLine = (proof: FolderProof | null): string => {
  const cells = proof?.cells;
  if (cells === null || cells === undefined) return 'not run';
  const { luts, flipFlops, blockRams, dsps } = cells;
  return `iCE40: ${thousands(luts)} LUTs, ${thousands(flipFlops)} flip-flops, ${blockRams} block RAMs, ${dsps} DSPs`;
};

/** The demo's figures, name and value. */
export const demoFigures = ({ trained, verified, emitted, proof }: DemoResult): [string, string][] => {
  const { comparison } = verified.graph;
  const graph =
    comparison === null
      ? 'not compared'
      : `${thousands(comparison.values)} values of ${thousands(comparison.images)} images: ` +
        (comparison.mismatches === 0 ? 'equal' : `${thousands(comparison.mismatches)} DIFFERENT`);
  const figures: [string, string][] = [
    ['test accuracy', `${percent(trained.metrics.accuracy)} of ${thousands(trained.metrics.images)} images`],
    ['training graph = simulator', graph],
    ['RTL = simulator', rtlLine(verified)],
  ];
  if (emitted === null) return figures;
  const made = proof === null || proof.targets.length === 0 ? 'not run' : `make ${proof.targets.join(' ')}`;
  return [
    ...figures,
    [
      'cycles',
      `${thousands(emitted.plan.initiationInterval)} an image, latency ${thousands(emitted.plan.latency)}`,
    ],
    [
      'the folder by itself',
      proof?.passed === false ? `${made}: FAILED` : `${made}${made === 'not run' ? '' : ': passed'}`,
    ],
    ['synthesis (yosys)', cellsLine(proof)],
  ];
};

/** The JSON object of `--json`. */
export const demoJson = (result: DemoResult): object => ({
  command: 'demo',
  run: result.trained.start.paths.folder,
  accuracy: result.trained.metrics.accuracy,
  equal: result.verified.equal,
  images: result.verified.graph.comparison?.images ?? 0,
  values: result.verified.graph.comparison?.values ?? 0,
  rtl: result.verified.rtl.map(({ simulator, version, images, equal }) => ({
    simulator,
    version,
    images,
    equal,
  })),
  folder: result.emitted?.folder ?? null,
  report: result.report,
  cycles:
    result.emitted === null
      ? null
      : { latency: result.emitted.plan.latency, interval: result.emitted.plan.initiationInterval },
  make: result.proof,
  seconds: result.seconds,
});
