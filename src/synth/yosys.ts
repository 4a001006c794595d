// Which Yosys there is: the system's, else the WebAssembly build that npm installs along (@yowasp/yosys), slower and of another
// version, which is enough for cell counts.
import { fileURLToPath } from 'node:url';
import { type RunOptions, type RunResult, run } from './run.ts';
import { overrideOf, requireTool, searchTool } from './tools.ts';

export interface YosysTool {
  readonly path: string;
  /** Arguments before Yosys's own. */
  readonly prefix: readonly string[];
  readonly version: string;
}

const SCRIPT = fileURLToPath(new URL('../../dist/synth/yowasp-main.js', import.meta.url));

/** The npm package's Yosys; undefined when it is not installed or does not run. */
const packaged = async (): Promise<YosysTool | undefined> => {
  const prefix = [SCRIPT];
  const { code, stdout } = await run(process.execPath, [...prefix, '-V'], { timeoutMs: 60_000 });
  const version = /Yosys (\S+)/.exec(stdout)?.[1];
  if (code !== 0 || version === undefined) return undefined;
  return { path: process.execPath, prefix, version: `${version} (WebAssembly)` };
};

/** The system's Yosys or, where none is on PATH, the package's; undefined without either. */
export const findYosys = async (): Promise<YosysTool | undefined> => {
  const { tool } = await searchTool('yosys');
  if (tool !== undefined) return { ...tool, prefix: [] };
  // whoever names a Yosys wants that one
  return process.env[overrideOf('yosys')] === undefined ? packaged() : undefined;
};

/** As findYosys; throws ToolMissingError without either. */
export const requireYosys = async (): Promise<YosysTool> =>
  (await findYosys()) ?? { ...(await requireTool('yosys')), prefix: [] };

export const runYosys = (
  { path, prefix }: YosysTool,
  args: readonly string[],
  options: RunOptions,
): Promise<RunResult> => run(path, [...prefix, ...args], options);
