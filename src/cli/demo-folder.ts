// The demo's last proof: the emitted folder, copied elsewhere, passes its own `make lint sim synth` there.
import { cpSync, existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { type CellCounts, parseCells } from '../report/cells.ts';
import { seconds } from '../report/format.ts';
import { run } from '../synth/run.ts';
import { findTool, installHint, type ToolName } from '../synth/tools.ts';
import type { Context } from './command.ts';

const TARGETS: Readonly<Record<string, readonly ToolName[]>> = {
  lint: ['verilator', 'iverilog'],
  'sim-icarus': ['iverilog', 'vvp'],
  'sim-verilator': ['verilator', 'g++'],
  synth: ['yosys'],
};

export interface FolderProof {
  /** Targets of the folder's Makefile that were made. */
  readonly targets: readonly string[];
  readonly passed: boolean;
  /** Tools that were not found, with how to get them. */
  readonly missing: readonly string[];
  /** Of synthesis for iCE40; null when it was not run. */
  readonly cells: CellCounts | null;
  readonly seconds: number;
}

const missingOf = async (tools: readonly ToolName[]): Promise<ToolName[]> => {
  const found = await Promise.all(tools.map(findTool));
  return tools.filter((_, i) => found[i] === undefined);
};

const chooseTargets = async (): Promise<{ targets: string[]; missing: string[] }> => {
  const targets: string[] = [];
  const missing = new Set(await missingOf(['make']));
  for (const [target, tools] of Object.entries(TARGETS)) {
    const absent = await missingOf(tools);
    for (const tool of absent) missing.add(tool);
    if (absent.length === 0 && !missing.has('make')) targets.push(target);
  }
  return { targets, missing: [...missing].map((tool) => `${tool} (${installHint(tool)})`) };
};

/** All four targets by the names that people type. */
const spoken = (targets: readonly string[]): string[] =>
  targets.length === Object.keys(TARGETS).length ? ['lint', 'sim', 'synth'] : [...targets];

const cellsOf = (folder: string): CellCounts | null => {
  const stat = join(folder, 'build/synth/stat.json');
  return existsSync(stat) ? parseCells(readFileSync(stat, 'utf8')) : null;
};

/** Copies `folder` to a temporary place and makes there what the installed tools allow. */
export const proveFolder = async (folder: string, context: Context): Promise<FolderProof> => {
  const { terminal } = context;
  const { targets, missing } = await chooseTargets();
  if (targets.length === 0) return { targets, passed: true, missing, cells: null, seconds: 0 };
  const copy = join(context.interrupts.temporaryFolder('elsewhere'), 'design');
  cpSync(folder, copy, { recursive: true, filter: (source) => source !== join(folder, 'build') });
  const names = spoken(targets);
  const progress = terminal.progress(`make ${names.join(' ')}`);
  const began = performance.now();
  const timer = setInterval(
    () => progress.update(0.5, `in a copy, ${seconds((performance.now() - began) / 1000)}`),
    500,
  );
  const result = await run('make', ['-j2', ...names], { cwd: copy }).finally(() => clearInterval(timer));
  const passed = result.code === 0;
  progress.done(passed ? `passed in a copy of the folder (${seconds(result.seconds)})` : 'FAILED');
  if (!passed) terminal.note(`${result.stdout}\n${result.stderr}`.trim().split('\n').slice(-30).join('\n'));
  return { targets: names, passed, missing, cells: cellsOf(copy), seconds: result.seconds };
};
