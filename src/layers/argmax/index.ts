// The argmax layer kind: the index of the largest logit; the lowest index wins a tie.
import type { ArgmaxLayer } from '../../model/network.ts';
import { bitLength, unsigned } from '../../num/format.ts';
import type { LayerKind } from '../kind.ts';

export const argmax: LayerKind<ArgmaxLayer> = {
  inputs: (layer) => layer.inputs,
  outputs: () => 1,
  inputFormat: (layer) => layer.input,
  outputFormat: (layer) => unsigned(Math.max(1, bitLength(layer.inputs - 1))),
  validate: () => undefined,
  evaluate: (layer, input, alu) => {
    let best = 0;
    for (let i = 1; i < input.length; i++) if (alu.greater(input[i]!, input[best]!)) best = i;
    return { layer: layer.name, accumulators: input, shift: 0, codes: Int32Array.of(best) };
  },
};
