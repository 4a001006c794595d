// Two networks compared number by number, in everything that decides their integers: input, trits, biases, requantizers.
// Images cannot show a trit whose input is never lit; this can.
import { isDeepStrictEqual } from 'node:util';
import { denseLayers, type Network } from '../model/network.ts';

export interface WeightMismatch {
  readonly layer: string;
  readonly neuron: number;
  /** Column of the trit; null for a bias. */
  readonly input: number | null;
  readonly expected: number;
  readonly got: number;
}

export interface WeightComparison {
  /** Trits and biases compared. */
  readonly values: number;
  readonly mismatches: number;
  readonly first: WeightMismatch | null;
  /** What differs apart from trits and biases, e.g. `layer fc0: requantize`; null when nothing does. */
  readonly structure: string | null;
}

/** Names of what differs in shape: then numbers cannot be compared one by one. */
const structureOf = (expected: Network, got: Network): string | null => {
  if (!isDeepStrictEqual(expected.input, got.input)) return 'input';
  const [left, right] = [denseLayers(expected), denseLayers(got)];
  if (left.length !== right.length) return `${left.length} dense layers, not ${right.length}`;
  for (const [i, a] of left.entries()) {
    const b = right[i]!;
    if (a.weights.rows !== b.weights.rows || a.weights.cols !== b.weights.cols)
      return `layer ${a.name}: size`;
    if (a.weights.alphabet !== b.weights.alphabet) return `layer ${a.name}: alphabet`;
    if (!isDeepStrictEqual(a.requantize, b.requantize)) return `layer ${a.name}: requantize`;
  }
  return null;
};

/** Compares `got` with `expected`; layers of the first name the differences. */
export const compareWeights = (expected: Network, got: Network): WeightComparison => {
  const structure = structureOf(expected, got);
  const total = { values: 0, mismatches: 0 };
  let first: WeightMismatch | null = null;
  const check = (at: Omit<WeightMismatch, 'expected' | 'got'>, a: number, b: number): void => {
    total.values++;
    if (a === b) return;
    total.mismatches++;
    first ??= { ...at, expected: a, got: b };
  };
  if (structure !== null) return { ...total, first, structure };
  denseLayers(expected).forEach(({ name, weights, bias }, i) => {
    const other = denseLayers(got)[i]!;
    for (let at = 0; at < weights.trits.length; at++) {
      const neuron = Math.floor(at / weights.cols);
      check({ layer: name, neuron, input: at % weights.cols }, weights.trits[at]!, other.weights.trits[at]!);
    }
    for (let neuron = 0; neuron < weights.rows && (bias ?? other.bias) !== null; neuron++) {
      check({ layer: name, neuron, input: null }, bias?.[neuron] ?? 0, other.bias?.[neuron] ?? 0);
    }
  });
  return { ...total, first, structure };
};

/** One line for people, or undefined when nothing differs. */
export const describeWeights = ({
  values,
  mismatches,
  first,
  structure,
}: WeightComparison): string | undefined => {
  if (structure !== null) return `trained weights: the networks differ in ${structure}`;
  if (first === null) return undefined;
  const what = first.input === null ? 'bias' : `input ${first.input}`;
  const place = `layer ${first.layer}, neuron ${first.neuron}, ${what}`;
  const numbers = `expected ${first.expected}, got ${first.got}`;
  return `trained weights: ${mismatches} of ${values} differ; first: ${place}: ${numbers}`;
};
