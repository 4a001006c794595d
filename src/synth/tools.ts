// Finds the external tools and their versions. A tool that cannot say its version is as good as missing.
// BITSIM_<NAME>=path overrides the search, e.g. BITSIM_VERILATOR=/opt/verilator/bin/verilator.
import { accessSync, constants, statSync } from 'node:fs';
import { delimiter, resolve } from 'node:path';
import { ToolMissingError } from '../util/errors.ts';
import { run } from './run.ts';

interface ToolSpec {
  readonly args: readonly string[];
  readonly version: RegExp;
  readonly purpose: string;
  readonly debian: string;
}

const TOOLS = {
  iverilog: {
    args: ['-V'],
    version: /Icarus Verilog version (\S+)/,
    purpose: 'RTL simulation',
    debian: 'iverilog',
  },
  vvp: {
    args: ['-V'],
    version: /Icarus Verilog runtime version (\S+)/,
    purpose: 'RTL simulation',
    debian: 'iverilog',
  },
  verilator: {
    args: ['--version'],
    version: /Verilator (\S+)/,
    purpose: 'RTL simulation and lint',
    debian: 'verilator',
  },
  yosys: { args: ['-V'], version: /Yosys (\S+)/, purpose: 'synthesis', debian: 'yosys' },
  make: {
    args: ['--version'],
    version: /GNU Make (\S+)/,
    purpose: "the emitted folder's own targets",
    debian: 'make',
  },
  'g++': {
    args: ['--version'],
    version: /\) (\d+\.\d+\S*)/,
    purpose: 'Verilator models and C simulation of the HLS target',
    debian: 'g++',
  },
  'nextpnr-ice40': {
    args: ['--version'],
    version: /Version (?:nextpnr-)?(\d[^)\s]*)/,
    purpose: 'place and route for iCE40',
    debian: 'nextpnr-ice40',
  },
  // it knows no version: its usage stands for one
  icepack: {
    args: ['-h'],
    version: /(Usage|usage)/,
    purpose: 'bitstreams for iCE40',
    debian: 'fpga-icestorm',
  },
  'clang++': {
    args: ['--version'],
    version: /version (\d+\.\d+\S*)/,
    purpose: 'C simulation of the HLS target with a second compiler',
    debian: 'clang',
  },
  gcc: {
    args: ['--version'],
    version: /\) (\d+\.\d+\S*)/,
    purpose: 'the test of the C target',
    debian: 'gcc',
  },
  clang: {
    args: ['--version'],
    version: /version (\d+\.\d+\S*)/,
    purpose: 'the test of the C target with a second compiler',
    debian: 'clang',
  },
  chromium: {
    args: ['--version'],
    version: /Chromium (\S+)/,
    purpose: "bitsim's own tests of report and page; any browser shows them",
    debian: 'chromium',
  },
} as const satisfies Record<string, ToolSpec>;

export type ToolName = keyof typeof TOOLS;

export const toolNames = (): ToolName[] => Object.keys(TOOLS) as ToolName[];

/** What a tool is for. */
export const purposeOf = (name: ToolName): string => TOOLS[name].purpose;

export interface Tool {
  readonly name: ToolName;
  /** Absolute. */
  readonly path: string;
  readonly version: string;
}

/** How to get a tool on Debian and its relatives. */
export const installHint = (name: ToolName): string => `apt-get install ${TOOLS[name].debian}`;

/** Environment variable that overrides where a tool is found. */
export const overrideOf = (name: ToolName): string =>
  `BITSIM_${name.replace('++', 'XX').replace('-', '_').toUpperCase()}`;

/** Arguments that make a tool say its version. */
export const versionArgs = (name: ToolName): readonly string[] => TOOLS[name].args;

/** The version in what a tool said. */
export const versionIn = (name: ToolName, output: string): string | undefined =>
  TOOLS[name].version.exec(output)?.[1];

/** What a search came to: the tool, or why it does not count as there. */
export type ToolSearch = { readonly tool: Tool } | { readonly tool: undefined; readonly problem: string };

const isProgram = (path: string): boolean => {
  try {
    accessSync(path, constants.X_OK);
    return statSync(path).isFile();
  } catch {
    return false;
  }
};

/** Absolute, because programs are started in other folders than this one. */
const locate = (command: string): string | undefined => {
  const folders = command.includes('/') ? [''] : (process.env.PATH ?? '').split(delimiter);
  return folders.map((folder) => resolve(folder, command)).find(isProgram);
};

const firstLine = (text: string): string => text.trim().split('\n')[0]!.slice(0, 200);

const askVersion = async (name: ToolName, path: string): Promise<ToolSearch> => {
  const broken = (why: string): ToolSearch => ({
    tool: undefined,
    problem: `${path} does not say its version (${why})`,
  });
  try {
    const { code, signal, stdout, stderr, timedOut } = await run(path, versionArgs(name), {
      timeoutMs: 20_000,
    });
    const found = versionIn(name, `${stdout}\n${stderr}`);
    if (found !== undefined) return { tool: { name, path, version: found } };
    if (timedOut) return broken('no answer in 20 s');
    const said = firstLine(stderr) || firstLine(stdout) || 'it said nothing';
    return broken(`${signal ?? `exit code ${code}`}: ${said}`);
  } catch (error) {
    return broken((error as NodeJS.ErrnoException).code ?? String(error));
  }
};

/** Looks for a tool and asks it for its version; says why when it does not count as there. */
export const searchTool = async (name: ToolName): Promise<ToolSearch> => {
  const override = process.env[overrideOf(name)];
  const path = locate(override ?? name);
  if (path !== undefined) return askVersion(name, path);
  const problem =
    override === undefined
      ? `no ${name} on PATH`
      : `${overrideOf(name)} must name a program, not "${override}"`;
  return { tool: undefined, problem };
};

/** The tool, or undefined when it is missing or cannot say its version. */
export const findTool = async (name: ToolName): Promise<Tool | undefined> => (await searchTool(name)).tool;

/** The tool, or a ToolMissingError (exit 3) that says why and how to get it. */
export const requireTool = async (name: ToolName): Promise<Tool> => {
  const search = await searchTool(name);
  if (search.tool !== undefined) return search.tool;
  const mend = `${installHint(name)}, or set ${overrideOf(name)}`;
  throw new ToolMissingError(name, TOOLS[name].purpose, `${search.problem}: ${mend}`);
};
