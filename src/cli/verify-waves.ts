// The waveform around the first difference between RTL and simulator: the same testbench run again in Icarus, with the
// same stalls, up to a little after the cycle in question. Whichever simulator found it, the cycle is the same.
import { copyFileSync, existsSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { buildTestbench, runTestbench } from '../synth/simulate.ts';
import { findTool, installHint } from '../synth/tools.ts';
import type { Context } from './command.ts';

/** Cycles before and after the difference. */
const BEFORE = 48;
const AFTER = 8;

/** A run of the testbench, and the cycle that went wrong in it. */
export interface FailedRun {
  /** Emitted folder. */
  readonly folder: string;
  readonly images: number;
  readonly stalls: boolean;
  readonly cycle: number;
}

export interface WaveWindow {
  /** Name in the run's folder. */
  readonly file: string;
  readonly from: number;
  readonly to: number;
}

/** Writes the window to `target`/`file`, where an older one goes. null: nothing failed, or (with a warning) no Icarus. */
export const dumpWaves = async (
  failed: FailedRun | null,
  { target, file }: { readonly target: string; readonly file: string },
  { terminal }: Pick<Context, 'terminal'>,
): Promise<WaveWindow | null> => {
  rmSync(join(target, file), { force: true });
  if (failed === null) return null;
  if ((await findTool('iverilog')) === undefined || (await findTool('vvp')) === undefined) {
    terminal.warn(`no waveform: iverilog and vvp write it (${installHint('iverilog')})`);
    return null;
  }
  const { folder, images, stalls, cycle } = failed;
  const [from, to] = [Math.max(0, cycle - BEFORE), cycle + AFTER];
  const plusargs = ['+vcd=1', `+from=${from}`, `+to=${to}`];
  const built = await buildTestbench(folder, 'icarus');
  const { reason } = await runTestbench(built, { images, stall: stalls, plusargs });
  const dump = join(folder, 'build/tb.vcd');
  if (!existsSync(dump)) {
    terminal.warn(`no waveform: ${reason}`);
    return null;
  }
  copyFileSync(dump, join(target, file));
  return { file, from, to };
};
