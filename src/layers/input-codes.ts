// Pixels to input codes: window sums, then one shift. On the data path: additions and shifts only.
import type { InputSpec } from '../model/network.ts';
import type { Alu } from './alu.ts';
import { codeCount, windowSize, windowTable } from './input.ts';

/** Writes the codes of one image to `target` from `offset` on. */
export const writeCodes = (
  spec: InputSpec,
  pixels: Uint8Array,
  target: Int32Array | Float32Array,
  offset: number,
): void => {
  const table = windowTable(spec);
  const size = windowSize(spec);
  let to = offset;
  for (let start = 0; start < table.length; start += size) {
    let sum = 0;
    for (let i = start; i < start + size; i++) sum += pixels[table[i]!]!;
    target[to++] = sum >> spec.shift;
  }
};

/** The codes of one image. The first pixel of a window is no addition: a window of one pixel costs `alu` a shift only. */
export const inputCodes = (spec: InputSpec, pixels: Uint8Array, alu?: Alu): Int32Array => {
  const codes = new Int32Array(codeCount(spec));
  writeCodes(spec, pixels, codes, 0);
  alu?.countInput(windowTable(spec).length - codes.length, codes.length);
  return codes;
};
