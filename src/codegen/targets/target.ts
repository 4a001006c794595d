// What an output language declares.
import type { DataFile, EmissionManifest, EmitRequest } from '../bundle.ts';

export interface TargetOutput {
  readonly files: readonly [path: string, text: string][];
  readonly top: EmissionManifest['top'];
  readonly roms: EmissionManifest['roms'];
  readonly vectors: readonly DataFile[];
}

export interface Target {
  emit(request: EmitRequest): TargetOutput;
}
