// What a layer kind declares. Shared code walks layers through this interface and never asks which kind it has.
import type { Layer } from '../model/network.ts';
import type { LayerTrace } from '../model/trace.ts';
import type { NumberFormat } from '../num/format.ts';
import type { Alu } from './alu.ts';

export interface LayerKind<L extends Layer> {
  /** Number of values in and out. */
  inputs(layer: L): number;
  outputs(layer: L): number;
  inputFormat(layer: L): NumberFormat;
  outputFormat(layer: L): NumberFormat;
  /** Rules inside one layer; throws UserError, `where` names the layer. `last`: no dense layer follows. */
  validate(layer: L, where: string, last: boolean): void;
  /** Integer evaluation of one image; no multiplication. */
  evaluate(layer: L, input: Int32Array, alu: Alu): LayerTrace;
}
