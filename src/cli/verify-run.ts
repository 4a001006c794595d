// Verification of a run: training graph against simulator on all test images, then RTL simulators against the
// simulator on some. Missing tools are found before the long work starts.
import { planFolded } from '../arch/folded/plan.ts';
import { checkHlsPlan } from '../codegen/targets/hls/index.ts';
import { readNetwork } from '../layers/validate.ts';
import type { LabelledImages } from '../model/dataset.ts';
import { denseLayers, type Network } from '../model/network.ts';
import type { BackendName } from '../model/training.ts';
import { describeWeights } from '../sim/compare-weights.ts';
import { SIMULATORS, type Simulator } from '../synth/simulate.ts';
import { findTool, installHint, requireTool, type ToolName } from '../synth/tools.ts';
import { UserError } from '../util/errors.ts';
import { writeFileWhole } from '../util/files.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { resolveFolding } from './folding-choice.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { fileDigest, type RunManifest, readManifest } from './run-manifest.ts';
import { type GraphResult, verifyGraph } from './verify-graph.ts';
import { type ProgramResult, verifyProgram } from './verify-program.ts';
import { prepareRtl, type RtlRequest, type RtlResult, verifyRtl } from './verify-rtl.ts';
import { toolName } from './version.ts';

export const RTL_CHOICES = [...SIMULATORS, 'all', 'none'] as const;

export interface VerifyRequest extends Omit<RtlRequest, 'simulators' | 'waves'> {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  readonly backend: BackendName | 'auto';
  /** Undefined: whatever is installed. */
  readonly rtl?: (typeof RTL_CHOICES)[number] | undefined;
  /** Compile and run the HLS target too. */
  readonly hls?: boolean;
  /** Compile and run the C target too. */
  readonly c?: boolean;
  /** Write the waveform around a first difference into the run's folder. */
  readonly waves?: boolean;
}

export interface VerifyResult {
  readonly run: RunPaths;
  readonly network: Network;
  readonly networkDigest: string;
  readonly images: LabelledImages;
  readonly graph: GraphResult;
  readonly rtl: readonly RtlResult[];
  /** null when it was not asked for. */
  readonly hls: ProgramResult | null;
  /** null when it was not asked for. */
  readonly c: ProgramResult | null;
  /** Simulators that were left out because they are not installed. */
  readonly missing: readonly Simulator[];
  readonly equal: boolean;
}

const NEEDED: Readonly<Record<Simulator, readonly ToolName[]>> = {
  icarus: ['iverilog', 'vvp'],
  verilator: ['verilator', 'make', 'g++'],
};

const missingTools = async (simulator: Simulator): Promise<ToolName[]> => {
  const found = await Promise.all(NEEDED[simulator].map(findTool));
  return NEEDED[simulator].filter((_, i) => found[i] === undefined);
};

interface Chosen {
  readonly simulators: readonly Simulator[];
  readonly missing: readonly Simulator[];
}

const chooseInstalled = async ({ terminal }: Context): Promise<Chosen> => {
  const simulators: Simulator[] = [];
  const missing: Simulator[] = [];
  for (const simulator of SIMULATORS) {
    const absent = await missingTools(simulator);
    (absent.length === 0 ? simulators : missing).push(simulator);
    if (absent.length > 0) {
      const hints = [...new Set(absent.map(installHint))].join(', ');
      terminal.warn(`${simulator} is left out: ${absent.join(', ')} not found (${hints})`);
    }
  }
  return { simulators, missing };
};

const chooseSimulators = async (choice: VerifyRequest['rtl'], context: Context): Promise<Chosen> => {
  if (choice === undefined) return chooseInstalled(context);
  if (choice === 'none') return { simulators: [], missing: [] };
  const simulators = choice === 'all' ? SIMULATORS : [choice];
  for (const tool of simulators.flatMap((simulator) => NEEDED[simulator])) await requireTool(tool);
  return { simulators, missing: [] };
};

type Verdicts = Pick<VerifyResult, 'graph' | 'rtl' | 'hls' | 'c'>;

const isEqual = ({ graph, rtl, hls, c }: Verdicts): boolean =>
  (hls === null || hls.equal) &&
  (c === null || c.equal) &&
  (graph.comparison === null || graph.comparison.mismatches === 0) &&
  (graph.reference === null || graph.reference.mismatches === 0) &&
  (graph.weights === null || describeWeights(graph.weights) === undefined) &&
  rtl.every((result) => result.equal);

const checkUnaltered = (manifest: RunManifest | undefined, digest: string, { terminal }: Context): void => {
  const recorded = manifest?.files['network.json'];
  if (recorded !== undefined && recorded !== digest) {
    terminal.warn(
      'network.json is not the file that training wrote (its SHA-256 differs from manifest.json)',
    );
  }
};

const graphRecord = ({ comparison, reason, from, backend, operations, ...rest }: GraphResult): object => ({
  from,
  reason,
  backend: backend === null ? null : `tfjs ${backend.version} ${backend.name}`,
  ...(comparison ?? {}),
  engine: rest.engine,
  reference: rest.reference,
  operations,
});

/** verify.json and the JSON object of `--json`; times only in the latter. */
export const verifyRecord = (result: VerifyResult, withSeconds: boolean): object => {
  const { run, network, networkDigest, graph, rtl, hls, c, missing, equal } = result;
  const timed = <T extends object>(record: T, seconds: number) =>
    withSeconds ? { ...record, seconds } : record;
  const program = (of: ProgramResult | null): object | null => {
    if (of === null) return null;
    const { seconds, ...record } = of;
    return timed(record, seconds);
  };
  return {
    format: 'bitsim-verification',
    version: 1,
    tool: toolName(),
    ...(withSeconds ? { command: 'verify', run: run.folder } : {}),
    network: { name: network.name, sha256: networkDigest },
    equal,
    weights: graph.weights,
    graph: timed(graphRecord(graph), graph.seconds),
    rtl: rtl.map(({ seconds, ...record }) => timed(record, seconds)),
    hls: program(hls),
    c: program(c),
    missing,
  };
};

const requireSomething = (
  network: Network,
  images: LabelledImages,
  graph: GraphResult,
  rtl: number,
): void => {
  if (graph.comparison !== null || rtl > 0) return;
  throw new UserError({
    subject: `verification of ${network.name}`,
    rule: `compare something on its ${images.count} images`,
    value: 'nothing: no training graph and no RTL simulator',
    hint: `${graph.reason}; install a simulator (${installHint('iverilog')})`,
    code: 'BITSIM_VERIFY_NOTHING',
  });
};

/** Verifies a run and writes its verify.json. */
export const verifyRun = async (request: VerifyRequest, context: Context): Promise<VerifyResult> => {
  const run = findRun(request.run);
  const network = readNetwork(run.network);
  const networkDigest = fileDigest(run.network);
  context.terminal.note(`run: ${run.folder} (${network.name}, ${denseLayers(network).length} dense layers)`);
  const manifest = readManifest(run);
  checkUnaltered(manifest, networkDigest, context);
  const images = loadRunData(request.data === undefined ? manifest : undefined, request.data, ['test']).test;
  checkShape(network, images);
  const { simulators, missing } = await chooseSimulators(request.rtl, context);
  context.terminal.note(`rtl: ${simulators.length === 0 ? 'none' : simulators.join(', ')}`);
  const rtlRequest = { ...request, simulators, waves: request.waves === true ? run.folder : undefined };
  if (request.hls) {
    await requireTool('g++');
    checkHlsPlan(planFolded(network, resolveFolding(request)));
  }
  if (request.c) await requireTool('gcc');
  const design = simulators.length === 0 ? undefined : prepareRtl(network, images, rtlRequest);
  const graph = await verifyGraph(network, run, images, request.backend, context);
  requireSomething(network, images, graph, simulators.length + (request.hls ? 1 : 0) + (request.c ? 1 : 0));
  const rtl = design === undefined ? [] : await verifyRtl(network, design, rtlRequest, context);
  const programOf = (target: string): Promise<ProgramResult> =>
    verifyProgram(network, images, target, request, context);
  const hls = request.hls ? await programOf('hls') : null;
  const c = request.c ? await programOf('c') : null;
  const equal = isEqual({ graph, rtl, hls, c });
  const result = { run, network, networkDigest, images, graph, rtl, hls, c, missing, equal };
  writeFileWhole(run.verification, `${JSON.stringify(verifyRecord(result, false), null, 2)}\n`);
  return result;
};
