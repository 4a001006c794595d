// Programs that npm has as WebAssembly, for machines without the system's: slower, and of other versions than in docs/results.md. Yosys
// comes along with bitsim (@yowasp/yosys); nextpnr and icepack are used where somebody installed @yowasp/nextpnr-ice40 (220 MB).
import { fileURLToPath } from 'node:url';
import { type RunOptions, type RunResult, run } from './run.ts';
import { overrideOf, requireTool, searchTool, versionArgs, versionIn } from './tools.ts';

/** Packages by the program they hold; the names are the tools'. */
export const PACKAGES = {
  yosys: '@yowasp/yosys',
  'nextpnr-ice40': '@yowasp/nextpnr-ice40',
  icepack: '@yowasp/nextpnr-ice40',
} as const;

export type PackagedName = keyof typeof PACKAGES;

export const isPackaged = (name: string): name is PackagedName => Object.hasOwn(PACKAGES, name);

export interface Program {
  readonly path: string;
  /** Arguments before the program's own. */
  readonly prefix: readonly string[];
  readonly version: string;
}

const SCRIPT = fileURLToPath(new URL('../../dist/synth/yowasp-main.js', import.meta.url));

/** The npm package's program; undefined when it is not installed or does not run. */
const packaged = async (name: PackagedName): Promise<Program | undefined> => {
  const prefix = [SCRIPT, PACKAGES[name], name];
  const { stdout, stderr } = await run(process.execPath, [...prefix, ...versionArgs(name)], {
    timeoutMs: 60_000,
  });
  const version = versionIn(name, `${stdout}\n${stderr}`);
  if (version === undefined) return undefined;
  return { path: process.execPath, prefix, version: `${version} (WebAssembly)` };
};

/** The system's program or, where none is on PATH, the package's; undefined without either. */
export const findProgram = async (name: PackagedName): Promise<Program | undefined> => {
  const { tool } = await searchTool(name);
  if (tool !== undefined) return { ...tool, prefix: [] };
  // whoever names a program wants that one
  return process.env[overrideOf(name)] === undefined ? packaged(name) : undefined;
};

/** As findProgram; throws ToolMissingError without either. */
export const requireProgram = async (name: PackagedName): Promise<Program> =>
  (await findProgram(name)) ?? { ...(await requireTool(name)), prefix: [] };

export const runProgram = (
  { path, prefix }: Program,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> => run(path, [...prefix, ...args], options);
