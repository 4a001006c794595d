// Compressed rows: of each neuron fold only the input words in which a trit is not zero, each given by its distance from the one
// before it (the first by that from the word before word 0). A distance beyond `reach` is covered by reading words of zeros on
// the way, and a fold of zeros alone reads its first word: so every fold has a step, and every step is an input word and
// its trits, zeros or not.
import type { DenseLayer } from '../../model/network.ts';
import type { Folding } from './folding.ts';

/** The steps of a frame, neuron fold by neuron fold. */
export interface SparseRows {
  /** Input word (synapse fold) of each step, and its neuron fold. */
  readonly words: Int32Array;
  readonly folds: Int32Array;
  /** First step of each neuron fold, and the number of steps: [neuronFold + 1]. */
  readonly starts: Int32Array;
}

/** What is known of a layer already. */
interface Known {
  readonly rowWords: Map<number, Uint8Array>;
  readonly rows: Map<string, SparseRows>;
  readonly distances: Map<string, Int32Array>;
}

const known = new WeakMap<DenseLayer, Known>();

const knownOf = (layer: DenseLayer): Known => {
  const found = known.get(layer) ?? { rowWords: new Map(), rows: new Map(), distances: new Map() };
  known.set(layer, found);
  return found;
};

const remember = <K, V>(map: Map<K, V>, key: K, make: () => V): V => {
  const value = map.get(key) ?? make();
  map.set(key, value);
  return value;
};

/** [rows, cols / simd]: 1 where a trit of a row's word is not zero. */
const rowWords = ({ weights: { trits } }: DenseLayer, simd: number): Uint8Array => {
  const occupied = new Uint8Array(trits.length / simd);
  for (let word = 0, at = 0; word < occupied.length; word++)
    for (let lane = 0; lane < simd; lane++) if (trits[at++] !== 0) occupied[word] = 1;
  return occupied;
};

/** [neuronFold, synapseFold]: 1 where a trit of the word is not zero. */
const foldWords = (layer: DenseLayer, { pe, simd }: Folding): Uint8Array => {
  const words = remember(knownOf(layer).rowWords, simd, () => rowWords(layer, simd));
  const width = layer.weights.cols / simd;
  const occupied = new Uint8Array(words.length / pe);
  for (let row = 0; row < layer.weights.rows; row++) {
    const fold = Math.floor(row / pe) * width;
    for (let word = 0; word < width; word++) if (words[row * width + word] === 1) occupied[fold + word] = 1;
  }
  return occupied;
};

const compress = (layer: DenseLayer, folding: Folding, reach: number): SparseRows => {
  const occupied = foldWords(layer, folding);
  const width = layer.weights.cols / folding.simd;
  const words: number[] = [];
  const folds: number[] = [];
  const starts = [0];
  for (let fold = 0; fold * width < occupied.length; fold++) {
    let before = -1;
    const read = (word: number): void => {
      before = word;
      words.push(word);
      folds.push(fold);
    };
    for (let word = 0; word < width; word++) {
      if (occupied[fold * width + word] === 0) continue;
      while (word - before > reach) read(before + reach);
      read(word);
    }
    if (before < 0) read(0);
    starts.push(words.length);
  }
  return { words: Int32Array.from(words), folds: Int32Array.from(folds), starts: Int32Array.from(starts) };
};

/** The steps of `layer` whose words are at most `reach` apart. */
export const sparseRows = (layer: DenseLayer, folding: Folding, reach: number): SparseRows =>
  remember(knownOf(layer).rows, `${folding.pe} ${folding.simd} ${reach}`, () =>
    compress(layer, folding, reach),
  );

/** How often each distance from one word to the next occurs, when only words with a trit that is not zero are read. */
const distances = (layer: DenseLayer, folding: Folding): Int32Array => {
  const occupied = foldWords(layer, folding);
  const width = layer.weights.cols / folding.simd;
  const counts = new Int32Array(width + 1);
  for (let fold = 0; fold < occupied.length; fold += width) {
    let before = -1;
    for (let word = 0; word < width; word++) {
      if (occupied[fold + word] === 0) continue;
      counts[word - before]!++;
      before = word;
    }
    if (before < 0) counts[1]!++;
  }
  return counts;
};

/** How many steps `layer` has whose words are at most `reach` apart. */
export const countSteps = (layer: DenseLayer, folding: Folding, reach: number): number =>
  remember(knownOf(layer).distances, `${folding.pe} ${folding.simd}`, () => distances(layer, folding)).reduce(
    (sum, count, distance) => sum + count * Math.ceil(distance / reach),
    0,
  );

/** The fewest steps of `layer`: words as far apart as they may be. */
export const fewestSteps = (layer: DenseLayer, folding: Folding): number =>
  countSteps(layer, folding, layer.weights.cols);
