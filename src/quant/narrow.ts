// Narrowing: a Network whose codes are as wide as the codes that were seen, and whose accumulators are as wide as is then
// proven. A narrower code saturates earlier, so the two nets agree on every image that stays below, and on no promise else.
import { accumulatorFormat } from '../layers/dense/range.ts';
import { validateNetwork } from '../layers/validate.ts';
import { type Network, type RequantSpec, type Thresholds, thresholdRows } from '../model/network.ts';
import { bitLength, maxOf, unsigned } from '../num/format.ts';

/** The first thresholds of each row: the codes above them are not reached. */
const firstThresholds = (spec: Thresholds, count: number): Int32Array =>
  Int32Array.from(thresholdRows(spec).flatMap((row) => Array.from(row.subarray(0, count))));

/** `spec` with just the bits that hold codes up to `largest`. A dynamic shift depends on the width, so it keeps it. */
const narrowSpec = (spec: RequantSpec, largest: number): RequantSpec => {
  if (spec.kind === 'none' || spec.kind === 'dynamic-shift') return spec;
  const output = unsigned(Math.min(spec.output.bits, Math.max(1, bitLength(largest))));
  if (spec.kind === 'static-shift') return { ...spec, output };
  return { ...spec, output, thresholds: firstThresholds(spec, maxOf(output)) };
};

/** `network` narrowed to `largest`, the largest code seen of each dense layer (ignored for the last). */
export const narrowNetwork = (network: Network, largest: readonly number[]): Network => {
  let input = network.input.code;
  let dense = 0;
  const layers = network.layers.map((layer) => {
    if (layer.kind === 'argmax') return { ...layer, input };
    const requantize = narrowSpec(layer.requantize, largest[dense++]!);
    const narrowed = { ...layer, input, requantize };
    const accumulator = accumulatorFormat(narrowed);
    input = requantize.kind === 'none' ? accumulator : requantize.output;
    return { ...narrowed, accumulator };
  });
  return validateNetwork({ ...network, layers });
};
