// What emission returns: a map from path to text, and the manifest that describes it. Nothing is written here.
import type { Network } from '../model/network.ts';
import type { HardwarePlan } from '../model/plan.ts';
import type { GoldenVector } from '../model/vectors.ts';

export const EMISSION_FORMAT = 'bitsim-emission';
export const EMISSION_VERSION = 1;

/** How weight ROMs get their contents: `$readmemh` images or constants in the source. */
export const ROM_STYLES = ['readmemh', 'case'] as const;
export type RomStyle = (typeof ROM_STYLES)[number];

export interface EmitRequest {
  readonly network: Network;
  readonly plan: HardwarePlan;
  readonly target: string;
  readonly rom: RomStyle;
  /** Projects for other tools beside the design; default: those that the target writes unasked. `all`: every one. */
  readonly flows?: readonly string[] | undefined;
  /** Images that the testbench runs, at least one. */
  readonly vectors: readonly GoldenVector[];
  /** Version of bitsim, for the headers. */
  readonly toolVersion: string;
}

export interface Port {
  readonly name: string;
  readonly direction: 'in' | 'out';
  readonly bits: number;
}

export interface DataFile {
  readonly file: string;
  readonly words: number;
  readonly width: number;
  /** bitsim's streaming checksum (docs/rtl-library.md), 8 hex digits: what the testbench holds the file against. */
  readonly checksum: string;
}

export interface EmissionManifest {
  readonly format: typeof EMISSION_FORMAT;
  readonly version: typeof EMISSION_VERSION;
  readonly tool: string;
  readonly target: string;
  readonly network: { readonly name: string; readonly sha256: string };
  readonly options: { readonly rom: RomStyle; readonly flows: readonly string[] };
  readonly top: {
    readonly module: string;
    /** null where nothing is clocked. */
    readonly clock: string | null;
    readonly reset: string | null;
    readonly ports: readonly Port[];
  };
  readonly plan: HardwarePlan;
  readonly roms: readonly (DataFile & { readonly layer: string })[];
  readonly vectors: {
    readonly images: readonly number[];
    readonly labels: readonly number[];
    readonly files: readonly DataFile[];
  };
  /** SHA-256 of every other file of the folder. */
  readonly files: Readonly<Record<string, string>>;
}

/** A testbench that is a program: built by a plain compiler in the emitted folder, and run there. */
export interface HostProgram {
  readonly language: 'c' | 'c++';
  /** What the compiler is given, every other file being included. */
  readonly sources: readonly string[];
}

export interface Bundle {
  /** Path (forward slashes, relative) to text; includes manifest.json. */
  readonly files: ReadonlyMap<string, string>;
  readonly program: HostProgram | null;
  readonly manifest: EmissionManifest;
}
