// The contract of a layer kind: what shared code relies on when it walks layers without asking which kind it has.
import { describe, expect, test } from 'vitest';
import { type Alu, createAlu } from '../../src/layers/alu.ts';
import { kindOf } from '../../src/layers/index.ts';
import type { Layer } from '../../src/model/network.ts';
import { maxOf, minOf } from '../../src/num/format.ts';
import { fits } from '../../src/num/saturate.ts';
import { seededRandom } from '../../src/util/random.ts';

export interface LayerSample {
  readonly label: string;
  readonly layer: Layer;
  /** True when no dense layer follows it. */
  readonly last: boolean;
}

const SEED = 23;

/** Inputs at the ends of the format, then random ones. */
const inputsFor = (layer: Layer): Int32Array[] => {
  const kind = kindOf(layer);
  const [low, high] = [minOf(kind.inputFormat(layer)), maxOf(kind.inputFormat(layer))];
  const random = seededRandom(SEED, layer.name);
  const length = kind.inputs(layer);
  const draw = (): number => low + Math.floor(random.unit() * (high - low + 1));
  return [
    new Int32Array(length).fill(low),
    new Int32Array(length).fill(high),
    ...Array.from({ length: 10 }, () => Int32Array.from({ length }, draw)),
  ];
};

const evaluateWith = (layer: Layer, input: Int32Array, alu: Alu = createAlu()) =>
  kindOf(layer).evaluate(layer, input, alu);

const describeSample = ({ label, layer, last }: LayerSample): void => {
  const kind = kindOf(layer);
  describe(`${label} (seed ${SEED})`, () => {
    test('accepts a layer that obeys its rules', () => {
      expect(() => kind.validate(layer, `layer ${layer.name}`, last)).not.toThrow();
    });

    test('gives as many values as it declares, all inside the format it declares', () => {
      for (const input of inputsFor(layer)) {
        const { codes } = evaluateWith(layer, input);
        expect(codes).toHaveLength(kind.outputs(layer));
        expect(codes.every((code) => fits(code, kind.outputFormat(layer)))).toBe(true);
      }
    });

    test('names itself, leaves its input alone, and gives the same twice', () => {
      for (const input of inputsFor(layer)) {
        const before = input.slice();
        const trace = evaluateWith(layer, input);
        expect(trace.layer).toBe(layer.name);
        expect(input).toEqual(before);
        expect(evaluateWith(layer, input)).toEqual(trace);
      }
    });

    test('counts whole operations, the same number on top of what was counted before', () => {
      const input = inputsFor(layer)[2]!;
      const [once, twice] = [createAlu(), createAlu()];
      evaluateWith(layer, input, once);
      evaluateWith(layer, input, twice);
      evaluateWith(layer, input, twice);
      for (const [name, count] of Object.entries(once.counts)) {
        expect(Number.isInteger(count) && count >= 0, name).toBe(true);
        expect(twice.counts[name as keyof typeof twice.counts], name).toBe(2 * count);
      }
    });
  });
};

/** Runs the contract on samples of one kind. */
export const layerKindContract = (kind: Layer['kind'], samples: readonly LayerSample[]): void => {
  describe(`layer kind ${kind}`, () => {
    test('has samples of its own kind', () => {
      expect(samples.map(({ layer }) => layer.kind)).toEqual(samples.map(() => kind));
      expect(samples.length).toBeGreaterThan(0);
    });
    samples.forEach(describeSample);
  });
};
