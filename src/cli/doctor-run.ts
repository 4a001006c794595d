// What is on this machine: Node, backends, tools, and what each of them enables.
import { availableParallelism } from 'node:os';
import { hasSimd } from '../sim/engine/engine.ts';
import { findProgram, isPackaged } from '../synth/packaged.ts';
import { installHint, purposeOf, searchTool, toolNames } from '../synth/tools.ts';
import { selectBackend } from '../train/backend.ts';
import { toolName } from './version.ts';

export interface Finding {
  readonly name: string;
  readonly enables: string;
  /** Version, or whatever was found; null when it is missing. */
  readonly found: string | null;
  /** Why it does not count as there, and how to get it; null when it is there. */
  readonly mend: string | null;
}

export interface Diagnosis {
  readonly tool: string;
  readonly node: string;
  readonly backend: string;
  /** Backends that were tried before it, and why they were passed over. */
  readonly skipped: readonly string[];
  readonly simd: boolean;
  readonly threads: number;
  readonly tools: readonly Finding[];
}

const findingOf = async (name: ReturnType<typeof toolNames>[number]): Promise<Finding> => {
  const search = await searchTool(name);
  const enables = purposeOf(name);
  const instead = isPackaged(name) && search.tool === undefined ? await findProgram(name) : undefined;
  if (instead !== undefined) {
    const does = name === 'yosys' ? 'cell counts' : enables;
    return { name, enables: does, found: instead.version.replace(/^usage/i, 'found'), mend: null };
  }
  if (search.tool === undefined)
    return { name, enables, found: null, mend: `${search.problem}: ${installHint(name)}` };
  const { version } = search.tool;
  return { name, enables, found: /\d/.test(version) ? version : 'found', mend: null };
};

/** Asks every tool for its version. */
export const diagnose = async (): Promise<Diagnosis> => {
  const [tools, backend] = await Promise.all([
    Promise.all(toolNames().map(findingOf)),
    selectBackend('auto'),
  ]);
  return {
    tool: toolName(),
    node: process.version,
    backend: `tfjs ${backend.version} ${backend.name}`,
    skipped: backend.skipped,
    simd: hasSimd(),
    threads: availableParallelism(),
    tools,
  };
};
