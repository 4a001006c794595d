// Tests that need external tools: skipped with a loud reason where they are missing, failing in CI.
import { findTool, installHint, type ToolName } from '../../src/synth/tools.ts';

/** True when every tool is there. In CI a missing tool is an error; elsewhere the caller skips. */
export const haveTools = async (...names: ToolName[]): Promise<boolean> => {
  const found = await Promise.all(names.map(findTool));
  const missing = names.filter((_, i) => found[i] === undefined);
  if (missing.length === 0) return true;
  const reason = `missing tools: ${missing.map((name) => `${name} (${installHint(name)})`).join(', ')}`;
  if (process.env.CI !== undefined) throw new Error(reason);
  console.warn(`SKIPPED: ${reason}`);
  return false;
};
