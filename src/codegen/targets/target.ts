// What an output language declares. Shared code reads these declarations and never asks which target it has.
import type { DataFile, EmissionManifest, EmitRequest, HostProgram } from '../bundle.ts';

/** An emission with its flows decided. */
export interface TargetRequest extends EmitRequest {
  readonly flows: readonly string[];
}

export interface TargetOutput {
  readonly files: readonly [path: string, text: string][];
  readonly top: EmissionManifest['top'];
  readonly roms: EmissionManifest['roms'];
  readonly vectors: readonly DataFile[];
  /** What a plain compiler builds and runs; null where the design needs a simulator. */
  readonly program: HostProgram | null;
}

export interface Target {
  /** Projects for other tools that can be written beside the design: what `emit --flow` takes. */
  readonly flows: readonly string[];
  /** Flows that are written unasked. */
  readonly defaultFlows: readonly string[];
  /** Goals of the emitted Makefile that show the design to work. */
  readonly goals: string;
  /** Whether PE and SIMD shape what is emitted. */
  readonly folded: boolean;
  emit(request: TargetRequest): TargetOutput;
}
