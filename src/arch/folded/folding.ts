// Default foldings: the smallest PE x SIMD with which every layer keeps up with the cycle budget.
import type { DenseLayer } from '../../model/network.ts';
import { inputsOf, outputsOf } from '../../model/network.ts';

export interface Folding {
  readonly pe: number;
  readonly simd: number;
}

/** Cycles a frame that the default folding stays within, where the layer's divisors allow it. */
export const DEFAULT_CYCLES = 4096;

export const divisorsOf = (n: number): number[] =>
  Array.from({ length: n }, (_, i) => i + 1).filter((d) => n % d === 0);

const powerOfTwoAtLeast = (n: number): number => 2 ** Math.ceil(Math.log2(n));

/** Smaller is better: memory and adder cost, then fewer cycles, then PE close to SIMD. */
const cost = ({ pe, simd }: Folding): readonly number[] => [
  powerOfTwoAtLeast(pe) * powerOfTwoAtLeast(simd),
  -pe * simd,
  Math.abs(Math.log2(pe / simd)),
  pe,
];

const compare = (a: readonly number[], b: readonly number[]): number => {
  const at = a.findIndex((value, index) => value !== b[index]);
  return at < 0 ? 0 : a[at]! - b[at]!;
};

/** Every folding that divides `layer`. */
export const everyFolding = (layer: DenseLayer): Folding[] =>
  divisorsOf(outputsOf(layer)).flatMap((pe) => divisorsOf(inputsOf(layer)).map((simd) => ({ pe, simd })));

/** Cycles a frame that a layer takes in a folding. */
export type CyclesOf = (layer: DenseLayer, folding: Folding) => number;

/** Every word is read. */
export const allWords: CyclesOf = (layer, { pe, simd }) => (inputsOf(layer) / simd) * (outputsOf(layer) / pe);

/** The cheapest folding of `layer` that needs at most `cycles` a frame; fully parallel when none does. */
export const chooseFolding = (layer: DenseLayer, cycles: number, cyclesOf = allWords): Folding => {
  const fitting = everyFolding(layer).filter((folding) => cyclesOf(layer, folding) <= cycles);
  if (fitting.length === 0) return { pe: outputsOf(layer), simd: inputsOf(layer) };
  return fitting.reduce((best, next) => (compare(cost(next), cost(best)) < 0 ? next : best));
};

/** A folding for every layer: the first within DEFAULT_CYCLES, the others no slower than the slowest needs to be. */
export const chooseFoldings = (layers: readonly DenseLayer[], cyclesOf = allWords): Folding[] => {
  const first = layers.map((layer) => chooseFolding(layer, DEFAULT_CYCLES, cyclesOf));
  const slowest = Math.max(...first.map((folding, i) => cyclesOf(layers[i]!, folding)));
  return layers.map((layer) => chooseFolding(layer, slowest, cyclesOf));
};

/** Most registers that the trees of `simd` lanes have room for: one between any two of their levels. */
export const mostStages = (simd: number): number => Math.ceil(Math.log2(simd));

/** Levels (0: selection) of a tree that a register follows, as bitsim_select_add places `pipeline` of them. */
export const cutLevels = (simd: number, pipeline: number): number[] => {
  const levels = mostStages(simd);
  const partOf = (level: number): number => Math.floor((level * (pipeline + 1)) / (levels + 1));
  return Array.from({ length: levels }, (_, level) => level).filter((l) => partOf(l) !== partOf(l + 1));
};
