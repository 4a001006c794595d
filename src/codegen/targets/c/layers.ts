// Dense layers in C: rows of packed trits, one after the other, each padded to whole words. What a row reads beyond its inputs
// are zeros, which add nothing whatever the trit is.
//   1bit:  32 trit codes a uint32_t, the first lowest      2bit:  16 trit codes a uint32_t      base3:  5 trits a uint8_t
import { accumulatorStart } from '../../../arch/folded/plan.ts';
import type { DenseLayer } from '../../../model/network.ts';
import type { Packing } from '../../../model/plan.ts';
import { encodeBase3, TRITS_A_BYTE } from '../../../num/base3.ts';
import { maxOf } from '../../../num/format.ts';
import { codeBits, tritCode } from '../../../num/trit.ts';
import type { View } from '../../../util/render.ts';
import type { LayerDesign } from '../verilog/design.ts';
import { afterText } from '../verilog/project.ts';
import { arrayView, type CArray, numbers, words } from './arrays.ts';

const WORD_BITS = 32;

const LANES: Readonly<Record<Packing, number>> = { '1bit': 32, '2bit': 16, base3: TRITS_A_BYTE };
const PACKED_AS: Readonly<Record<Packing, string>> = {
  '1bit': '1 bit a weight',
  '2bit': '2 bits a trit',
  base3: 'five trits a byte',
};

export interface CLayer {
  readonly design: LayerDesign;
  readonly weights: CArray;
  /** What each row starts from; null when all start from the same. */
  readonly start: CArray | null;
  readonly thresholds: CArray | null;
  /** Words (or bytes) of a row. */
  readonly rowWords: number;
  /** Codes that a row reads, its inputs and zeros behind them. */
  readonly paddedInputs: number;
}

const packPlain = (row: readonly number[], { alphabet }: DenseLayer['weights']): number => {
  const bits = codeBits(alphabet);
  return row.reduceRight((word, trit) => word * 2 ** bits + tritCode(trit, alphabet), 0);
};

const packBase3 = (row: readonly number[]): number =>
  encodeBase3(Array.from({ length: TRITS_A_BYTE }, (_, i) => row[i] ?? 0));

const rowOf = (row: Int8Array, lanes: number, pack: (part: readonly number[]) => number): number[] =>
  Array.from({ length: Math.ceil(row.length / lanes) }, (_, word) =>
    pack(Array.from(row.subarray(word * lanes, (word + 1) * lanes))),
  );

const weightsOf = ({ id, layer, plan }: LayerDesign, file: string): CArray => {
  const { packing } = plan.rom;
  const { rows, cols, trits } = layer.weights;
  const pack = packing === 'base3' ? packBase3 : (part: readonly number[]) => packPlain(part, layer.weights);
  const values = Array.from({ length: rows }, (_, row) =>
    rowOf(trits.subarray(row * cols, (row + 1) * cols), LANES[packing], pack),
  ).flat();
  return words(`${id}_weights`, file, values, packing === 'base3' ? 8 : WORD_BITS);
};

/** The arrays of a layer, all in `file`. */
export const cLayer = (design: LayerDesign, file: string): CLayer => {
  const { id, layer, plan } = design;
  const { bias, requantize } = layer;
  const rowWords = Math.ceil(plan.inputs / LANES[plan.rom.packing]);
  const start = accumulatorStart(layer);
  const starts = bias === null ? null : Array.from(bias, (value) => value + start);
  return {
    design,
    weights: weightsOf(design, file),
    start: starts === null ? null : numbers(`${id}_start`, file, starts),
    thresholds:
      requantize.kind === 'thresholds'
        ? numbers(`${id}_thresholds`, file, Array.from(requantize.thresholds))
        : null,
    rowWords,
    paddedInputs: rowWords * LANES[plan.rom.packing],
  };
};

/** Every array of a layer. */
export const arraysOf = ({ weights, start, thresholds }: CLayer): CArray[] =>
  [weights, start, thresholds].filter((array) => array !== null);

const requantizeView = ({ design: { layer, outBits } }: CLayer): View => {
  const { requantize } = layer;
  return {
    static: requantize.kind === 'static-shift',
    dynamic: requantize.kind === 'dynamic-shift',
    thresholds: requantize.kind === 'thresholds',
    logits: requantize.kind === 'none',
    shift: requantize.kind === 'static-shift' ? requantize.shift : 0,
    outBits,
    largest: requantize.kind === 'none' ? 0 : maxOf(requantize.output),
  };
};

/** Layer `index` of several; `next` reads what it writes. */
export const layerView = (item: CLayer, next: CLayer | undefined, index: number): View => {
  const { design, weights, start, thresholds, rowWords } = item;
  const { id, layer, plan } = design;
  const zeros = next === undefined ? 0 : next.paddedInputs - plan.outputs;
  return {
    index,
    id,
    name: layer.name,
    inputs: plan.inputs,
    outputs: plan.outputs,
    packing: plan.rom.packing,
    packedAs: PACKED_AS[plan.rom.packing],
    after: afterText(design),
    arrays: arraysOf(item).map(arrayView),
    wordType: weights.type,
    rowWords,
    biased: start !== null,
    start: accumulatorStart(layer),
    padded: plan.outputs + zeros,
    pads: zeros > 0,
    from: index % 2 === 0 ? 'even' : 'odd',
    to: index % 2 === 0 ? 'odd' : 'even',
    thresholdArray: thresholds?.id ?? '',
    ...requantizeView(item),
  };
};
