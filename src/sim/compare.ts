// Exact comparison of two evaluations of the same images: every hidden code, every logit, the class. Equal means equal;
// a missing layer, a missing value or an empty set is a difference, never a pass.
import type { Comparison, Mismatch } from '../model/trace.ts';

/** What the other side found for one image: the output of every dense layer (logits last), and the class. */
export interface ImageOutputs {
  readonly outputs: readonly ArrayLike<number>[];
  readonly class: number;
}

/** What is expected of one image: codes of every dense layer (logits last), and the class. An ImageTrace is one. */
export interface ExpectedOutputs {
  readonly layers: readonly { readonly layer: string; readonly codes: ArrayLike<number> }[];
  readonly class: number;
}

export interface ComparisonBuilder {
  /** Compares image `index`: `expected` from the simulator, `got` from the other side. */
  add(index: number, expected: ExpectedOutputs, got: ImageOutputs): void;
  result(): Comparison;
}

/** Value that stands for "there was none" in a mismatch. */
const ABSENT = Number.NaN;

/** Counts what is equal and keeps the first difference. `left` and `right` name the two sides in reports. */
export const createComparison = (left: string, right: string): ComparisonBuilder => {
  const total = { images: 0, values: 0, mismatches: 0 };
  let first: Mismatch | null = null;

  const check = (at: Omit<Mismatch, 'expected' | 'got'>, expected: number, got: number): void => {
    total.values++;
    if (expected === got) return;
    total.mismatches++;
    first ??= { ...at, expected, got };
  };

  const checkLayer = (
    image: number,
    trace: ExpectedOutputs,
    layer: number,
    got: ArrayLike<number> | undefined,
  ): void => {
    const { codes, layer: name } = trace.layers[layer]!;
    const what = layer === trace.layers.length - 1 ? 'logit' : 'code';
    const count = Math.max(codes.length, got?.length ?? 0);
    for (let neuron = 0; neuron < count; neuron++) {
      check({ image, layer: name, what, neuron }, codes[neuron] ?? ABSENT, got?.[neuron] ?? ABSENT);
    }
  };

  return {
    add: (image, expected, got) => {
      total.images++;
      for (let layer = 0; layer < expected.layers.length; layer++) {
        checkLayer(image, expected, layer, got.outputs[layer]);
      }
      if (got.outputs.length > expected.layers.length) {
        check({ image, layer: 'extra', what: 'code', neuron: 0 }, expected.layers.length, got.outputs.length);
      }
      check({ image, layer: 'argmax', what: 'class', neuron: 0 }, expected.class, got.class);
    },
    result: () => {
      if (total.images === 0) throw new Error(`comparison of ${left} and ${right} saw no image`);
      return { left, right, ...total, first };
    },
  };
};

/** One line for people: `image 3, layer fc0, neuron 17: expected 12, got 13`. */
export const describeMismatch = ({ image, layer, what, neuron, expected, got }: Mismatch): string => {
  const shown = (value: number): string => (Number.isNaN(value) ? 'nothing' : String(value));
  const place = what === 'class' ? 'class' : `layer ${layer}, neuron ${neuron} (${what})`;
  return `image ${image}, ${place}: expected ${shown(expected)}, got ${shown(got)}`;
};
