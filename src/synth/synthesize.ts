// Yosys and nextpnr on an emitted folder: cell counts of the design alone, then place and route behind a few pins.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { makeFolder } from '../util/files.ts';
import type { Device } from './devices.ts';
import { findProgram, requireProgram, runProgram } from './packaged.ts';
import type { RunOptions, RunResult } from './run.ts';

export interface SynthesisRequest {
  /** Emitted Verilog folder. */
  readonly folder: string;
  readonly top: string;
  /** Text of the pin wrapper, module `TOP_pins`; for place and route. */
  readonly wrapper: string;
  readonly device: Device;
  /** Clock asked of nextpnr, MHz. */
  readonly clock: number;
  readonly seed: number;
  readonly onStep?: (step: string) => void;
  readonly limits?: Pick<RunOptions, 'timeoutMs' | 'signal'>;
}

export interface Synthesis {
  readonly yosys: string;
  /** `stat -json` of the design alone. */
  readonly stat: string;
  readonly seconds: number;
}

export interface Placement {
  readonly nextpnr: string;
  /** MHz reached. */
  readonly fmax: number;
  /** Logic cells and block RAMs used, the pin wrapper's among them, and there are. */
  readonly cells: readonly [used: number, available: number];
  readonly rams: readonly [used: number, available: number];
  /** Path of the bitstream, or why there is none. */
  readonly bitstream: string | null;
  readonly seconds: number;
}

/** A tool that failed: what it said, and what that means for the user. */
export class SynthesisError extends Error {}

/** nextpnr had no site left for a cell: a finding about the design, not a failure. */
export class NoRoomError extends SynthesisError {}

const NO_ROOM = /Unable to place cell .*, (no BELs remaining .*)/;

const quoted = (text: string): string => text.trim().split('\n').slice(-6).join('\n');

const checked = (what: string, result: RunResult): RunResult => {
  if (result.timedOut) throw new SynthesisError(`${what} ran out of time`);
  if (result.code === 0) return result;
  const room = NO_ROOM.exec(`${result.stderr}${result.stdout}`)?.[1];
  if (room !== undefined) throw new NoRoomError(`${what}: ${room}`);
  throw new SynthesisError(`${what} failed: ${quoted(result.stderr || result.stdout)}`);
};

const sourcesOf = (folder: string): string =>
  readFileSync(join(folder, 'files.f'), 'utf8')
    .split('\n')
    .filter((line) => line !== '')
    .map((line) => `read_verilog ${line}`)
    .join('\n');

/** No multiplier goes in, no DSP comes out. */
const script = (
  folder: string,
  top: string,
  { flow, dspCells }: Device,
  last: string,
): string => `${sourcesOf(folder)}
hierarchy -check -top ${top}
proc
select -assert-none t:$mul t:$macc t:$div t:$mod t:$pow
${flow} -top ${top}
select -assert-none ${dspCells}
${last}
`;

const yosys = async (request: SynthesisRequest, name: string, text: string): Promise<RunResult> => {
  const tool = await requireProgram('yosys');
  const file = `build/synth/${name}.ys`;
  writeFileSync(join(request.folder, file), text);
  return checked(
    'Yosys',
    await runProgram(tool, ['-q', '-s', file], { ...request.limits, cwd: request.folder }),
  );
};

/** Cell counts of the design. Throws ToolMissingError without any Yosys, SynthesisError when it fails. */
export const synthesize = async (request: SynthesisRequest): Promise<Synthesis> => {
  const { folder, top, device, onStep } = request;
  const { version } = await requireProgram('yosys');
  makeFolder(join(folder, 'build/synth'));
  onStep?.('Yosys');
  const stat = `build/synth/${device.name}.json`;
  const text = script(folder, top, device, `tee -q -o ${stat} stat -top ${top} -json`);
  const { seconds } = await yosys(request, device.name, text);
  return { yosys: version, stat: readFileSync(join(folder, stat), 'utf8'), seconds };
};

interface Report {
  readonly fmax: Readonly<Record<string, { readonly achieved: number }>>;
  readonly utilization: Readonly<Record<string, { readonly used: number; readonly available: number }>>;
}

const pack = async ({ folder, limits }: SynthesisRequest): Promise<string | null> => {
  const icepack = await findProgram('icepack');
  if (icepack === undefined) return null;
  const options = { ...limits, cwd: folder };
  checked('icepack', await runProgram(icepack, ['build/synth/pins.asc', 'build/synth/pins.bin'], options));
  return join(folder, 'build/synth/pins.bin');
};

/** Place and route of the wrapped design. Throws ToolMissingError without nextpnr. */
export const placeAndRoute = async (request: SynthesisRequest): Promise<Placement> => {
  const { folder, top, device, clock, seed, onStep, limits, wrapper } = request;
  const tool = await requireProgram('nextpnr-ice40');
  makeFolder(join(folder, 'build/synth'));
  const began = performance.now();
  onStep?.('Yosys with pins');
  writeFileSync(join(folder, 'build/synth/pins.v'), wrapper);
  const read = `read_verilog build/synth/pins.v\n`;
  await yosys(
    request,
    'pins',
    read + script(folder, `${top}_pins`, device, 'write_json build/synth/pins.json'),
  );
  onStep?.('nextpnr');
  const files = ['--json', 'build/synth/pins.json', '--asc', 'build/synth/pins.asc'];
  const goal = ['--freq', String(clock), '--seed', String(seed), '--timing-allow-fail'];
  const args = [...device.nextpnr!, ...files, '--report', 'build/synth/report.json', ...goal];
  checked('nextpnr', await runProgram(tool, ['-q', ...args], { ...limits, cwd: folder }));
  const report = JSON.parse(readFileSync(join(folder, 'build/synth/report.json'), 'utf8')) as Report;
  const used = (kind: string): readonly [number, number] => {
    const { used: count = 0, available = 0 } = report.utilization[kind] ?? {};
    return [count, available];
  };
  const bitstream = await pack(request);
  return {
    nextpnr: tool.version,
    fmax: Math.min(...Object.values(report.fmax).map(({ achieved }) => achieved)),
    cells: used('ICESTORM_LC'),
    rams: used('ICESTORM_RAM'),
    bitstream,
    seconds: (performance.now() - began) / 1000,
  };
};
