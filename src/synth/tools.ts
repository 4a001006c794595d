// Finds the external tools and their versions. A tool that cannot say its version is as good as missing.
// BITSIM_<NAME>=path overrides the search, e.g. BITSIM_VERILATOR=/opt/verilator/bin/verilator.
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
    purpose: 'building Verilator models',
    debian: 'g++',
  },
} as const satisfies Record<string, ToolSpec>;

export type ToolName = keyof typeof TOOLS;
export const TOOL_NAMES = Object.keys(TOOLS) as ToolName[];

export interface Tool {
  readonly name: ToolName;
  readonly path: string;
  readonly version: string;
}

/** How to get a tool on Debian and its relatives. */
export const installHint = (name: ToolName): string => `apt-get install ${TOOLS[name].debian}`;

/** Environment variable that overrides where a tool is found. */
export const overrideOf = (name: ToolName): string => `BITSIM_${name.replace('++', 'XX').toUpperCase()}`;

/** The tool, or undefined when it is missing or cannot say its version. */
export const findTool = async (name: ToolName): Promise<Tool | undefined> => {
  const path = process.env[overrideOf(name)] ?? name;
  const { args, version } = TOOLS[name];
  try {
    const { stdout, stderr } = await run(path, args, { timeoutMs: 20_000 });
    const found = version.exec(`${stdout}\n${stderr}`)?.[1];
    return found === undefined ? undefined : { name, path, version: found };
  } catch {
    return undefined;
  }
};

/** The tool, or a ToolMissingError (exit 3) that says how to get it. */
export const requireTool = async (name: ToolName): Promise<Tool> => {
  const tool = await findTool(name);
  if (tool !== undefined) return tool;
  throw new ToolMissingError(name, TOOLS[name].purpose, `${installHint(name)}, or set ${overrideOf(name)}`);
};
