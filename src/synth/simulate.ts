// Builds and runs an emitted folder's testbench in a real simulator. Warnings fail the build: emitted RTL is meant to
// be taken in silence.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../util/files.ts';
import { type CountsPerImage, parseTestbench, SILENT, type TestbenchReport } from './report.ts';
import { type RunOptions, type RunResult, run } from './run.ts';
import { overrideOf, requireTool } from './tools.ts';

export const SIMULATORS = ['icarus', 'verilator'] as const;
export type Simulator = (typeof SIMULATORS)[number];

export interface BuiltTestbench {
  readonly simulator: Simulator;
  /** Version of the simulator. */
  readonly version: string;
  readonly folder: string;
  readonly command: string;
  readonly args: readonly string[];
  readonly buildSeconds: number;
  /** What went wrong with the build, warnings included; null when it was silent. */
  readonly problem: string | null;
}

export interface SimulationRequest {
  /** First N images of the vector files. */
  readonly images: number;
  /** Random stalls on both sides, or none (then cycles are compared with the prediction). */
  readonly stall: boolean;
  readonly seed?: number | undefined;
  /** Exact counts, where they are known; otherwise they only have to be whole per image. */
  readonly perImage?: CountsPerImage | undefined;
  /** Of the build's steps and of the run, each. */
  readonly timeoutMs?: number | undefined;
  /** Stops the build or the run, which then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Further plusargs, e.g. `+tlast=1`. */
  readonly plusargs?: readonly string[] | undefined;
}

/** Limits on one program. */
export type Limits = Pick<RunOptions, 'timeoutMs' | 'signal'>;

export interface SimulationReport extends TestbenchReport {
  readonly simulator: Simulator;
  readonly version: string;
  readonly seconds: number;
}

const sources = (folder: string): string[] =>
  readFileSync(join(folder, 'files.f'), 'utf8')
    .split('\n')
    .filter((line) => line !== '');

const ending = ({ code, signal }: RunResult): string =>
  signal === null ? `exit code ${code}` : `signal ${signal}`;

const problemOf = (result: RunResult, silentStdout: boolean): string | null => {
  if (result.timedOut) return 'the build ran out of time';
  const said = `${result.stderr}${silentStdout || result.code !== 0 ? result.stdout : ''}`.trim();
  if (result.code !== 0) return `the build failed: ${said || ending(result)}`;
  return said === '' ? null : `the build was not silent: ${said}`;
};

const buildIcarus = async (folder: string, limits: Limits): Promise<BuiltTestbench> => {
  const [compiler, runner] = [await requireTool('iverilog'), await requireTool('vvp')];
  makeFolder(join(folder, 'build/icarus'));
  const output = 'build/icarus/tb.vvp';
  const args = ['-g2005', '-Wall', '-o', output, '-s', 'tb', ...sources(folder), 'tb/tb.v'];
  const result = await run(compiler.path, args, { ...limits, cwd: folder });
  return {
    simulator: 'icarus',
    version: compiler.version,
    folder,
    command: runner.path,
    args: ['-n', output],
    buildSeconds: result.seconds,
    problem: problemOf(result, true),
  };
};

const buildVerilator = async (folder: string, limits: Limits): Promise<BuiltTestbench> => {
  const compiler = await requireTool('verilator');
  const make = await requireTool('make');
  const cxx = await requireTool('g++');
  const [model, prefix, options] = ['build/verilator', 'Vtb', { ...limits, cwd: folder }];
  makeFolder(join(folder, model));
  const args = ['--cc', '--main', '--exe', '--timing', '-Wall', '--top-module', 'tb', '-Mdir', model];
  const translated = await run(compiler.path, [...args, ...sources(folder), 'tb/tb.v'], options);
  const problem = problemOf(translated, true);
  const chosen = process.env[overrideOf('g++')] === undefined ? [] : [`CXX=${cxx.path}`, `LINK=${cxx.path}`];
  const compiled =
    problem === null
      ? await run(make.path, ['-s', '-C', model, '-f', `${prefix}.mk`, ...chosen], options)
      : undefined;
  return {
    simulator: 'verilator',
    version: compiler.version,
    folder,
    command: `./${model}/${prefix}`,
    args: [],
    buildSeconds: translated.seconds + (compiled?.seconds ?? 0),
    problem: problem ?? problemOf(compiled!, false),
  };
};

/** Builds the testbench of an emitted folder. Throws ToolMissingError when the simulator is not there. */
export const buildTestbench = (
  folder: string,
  simulator: Simulator,
  limits: Limits = {},
): Promise<BuiltTestbench> =>
  simulator === 'icarus' ? buildIcarus(folder, limits) : buildVerilator(folder, limits);

const failed = (reason: string): TestbenchReport => ({ ...parseTestbench('', 0), passed: false, reason });

/** Why a run whose testbench said PASS has not passed all the same. */
const faultOf = (result: RunResult): string | null => {
  if (result.timedOut) return 'the simulation ran out of time';
  if (result.truncated) return 'the simulation said more than is kept';
  if (result.code !== 0) return `the simulator ended with ${ending(result)}`;
  return result.stderr === '' ? null : `the simulation was not silent: ${result.stderr.trim()}`;
};

const judge = (result: RunResult, request: SimulationRequest): TestbenchReport => {
  const report = parseTestbench(result.stdout, request.images, request.perImage);
  const crash = report.reason === SILENT ? result.stderr.trim() || faultOf(result) : null;
  const reason = result.timedOut ? faultOf(result) : (crash ?? report.reason ?? faultOf(result));
  return { ...report, passed: reason === null, reason };
};

/** Runs a built testbench. */
export const runTestbench = async (
  built: BuiltTestbench,
  request: SimulationRequest,
): Promise<SimulationReport> => {
  const { simulator, version } = built;
  if (built.problem !== null) return { ...failed(built.problem), simulator, version, seconds: 0 };
  const plusargs = [
    `+images=${request.images}`,
    `+stall=${request.stall ? 1 : 0}`,
    `+seed=${request.seed ?? 1}`,
  ];
  const result = await run(built.command, [...built.args, ...plusargs, ...(request.plusargs ?? [])], {
    cwd: built.folder,
    timeoutMs: request.timeoutMs,
    signal: request.signal,
  });
  return { ...judge(result, request), simulator, version, seconds: result.seconds };
};

/** Builds and runs in one go. */
export const simulate = async (
  folder: string,
  simulator: Simulator,
  request: SimulationRequest,
): Promise<SimulationReport> => {
  const { timeoutMs, signal } = request;
  return runTestbench(await buildTestbench(folder, simulator, { timeoutMs, signal }), request);
};
