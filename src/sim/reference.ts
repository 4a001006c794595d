// The reference model: slow and obvious, one image at a time, integers only. Whatever else bitsim runs or emits is
// held against this.
import { type Alu, createAlu } from '../layers/alu.ts';
import { kindOf } from '../layers/index.ts';
import { pixelCount } from '../layers/input.ts';
import { inputCodes } from '../layers/input-codes.ts';
import type { Network } from '../model/network.ts';

import type { ImageTrace, LayerTrace } from '../model/trace.ts';

/**
 * Every integer of one image: `pixels` in row order, height x width bytes. `alu` counts the operations. Throws
 * RangeError when `pixels` is not one whole image: missing pixels would otherwise read as 0.
 */
export const evaluate = (network: Network, pixels: Uint8Array, alu: Alu = createAlu()): ImageTrace => {
  const expected = pixelCount(network.input);
  if (pixels.length !== expected) {
    throw new RangeError(`an image of ${network.name} has ${expected} pixels, not ${pixels.length}`);
  }
  const codes = inputCodes(network.input, pixels, alu);
  const traces: LayerTrace[] = [];
  let values = codes;
  for (const layer of network.layers) {
    const trace = kindOf(layer).evaluate(layer, values, alu);
    traces.push(trace);
    values = trace.codes;
  }
  const layers = traces.slice(0, -1);
  return { inputCodes: codes, layers, logits: layers.at(-1)!.codes, class: values[0]! };
};
