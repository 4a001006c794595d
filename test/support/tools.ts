// Tests that need external tools: skipped with a loud reason where they are missing, failing in CI.
import { installHint, searchTool, type ToolName } from '../../src/synth/tools.ts';

/** Tools that another one starts. */
const BEHIND: Partial<Record<ToolName, readonly ToolName[]>> = {
  iverilog: ['vvp'],
  verilator: ['make', 'g++'],
};

const inCi = (): boolean => !['', '0', 'false'].includes(process.env.CI ?? '');

/** True when every tool, and what it starts, is there. In CI a missing tool is an error; elsewhere the caller skips. */
export const haveTools = async (...names: ToolName[]): Promise<boolean> => {
  const all = [...new Set(names.flatMap((name) => [name, ...(BEHIND[name] ?? [])]))];
  const searches = await Promise.all(all.map(async (name) => ({ name, search: await searchTool(name) })));
  const missing = searches.flatMap(({ name, search }) =>
    search.tool === undefined ? [`${name}: ${search.problem} (${installHint(name)})`] : [],
  );
  if (missing.length === 0) return true;
  const reason = `missing tools: ${missing.join(', ')}`;
  if (inCi()) throw new Error(reason);
  console.warn(`SKIPPED: ${reason}`);
  return false;
};
