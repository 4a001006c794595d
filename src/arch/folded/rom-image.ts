// What the weight and bias ROMs of the folded architecture hold, word by word.
//   weight word f x synapseFold + s, lane p x simd + i  =  trit code of output f x pe + p, input s x simd + i
//   in base 3 word 4q + j holds step 5q + j (step f x synapseFold + s), four lanes a byte; the fifth digit of a byte is the
//   trit of the byte's j-th lane in step 5q + 4, which so needs no word (src/num/base3.ts)
//   where zeros are skipped word k holds step k (steps.ts): its trit codes, above them the distance from the word before, less
//   one, and in the highest bit whether it ends its neuron fold
//   bias word f, lane p                                 =  start + bias of output f x pe + p, two's complement
//   threshold word w, lane l x levels + k               =  threshold k of output w x lanes + l, two's complement
// Lane 0 is in the lowest bits. Words are BigInt because they are wider than 53 bits.
import type { DenseLayer } from '../../model/network.ts';
import type { DensePlan } from '../../model/plan.ts';
import { encodeBase3, TRITS_A_BYTE } from '../../num/base3.ts';
import { codeBits, tritCode } from '../../num/trit.ts';
import { accumulatorStart } from './plan.ts';
import { stepOf } from './steps.ts';

export interface RomImage {
  readonly words: readonly bigint[];
  /** Bits of a word. */
  readonly width: number;
}

/** Lane values to one word; each lane `bits` wide, lane 0 lowest. */
export const packLanes = (lanes: readonly number[], bits: number): bigint => {
  const text = lanes.map((lane) => lane.toString(2).padStart(bits, '0')).reverse();
  return BigInt(`0b${text.join('')}`);
};

/** Trits of lane p x simd + i in step `step` of a frame. */
const lanesOf = (layer: DenseLayer, plan: DensePlan, step: number): number[] => {
  const { weights } = layer;
  const { pe, simd } = plan;
  const { neuronFold, synapseFold } = stepOf(layer, plan, step);
  return Array.from({ length: pe }, (_, p) => {
    const start = (neuronFold * pe + p) * weights.cols + synapseFold * simd;
    return Array.from(weights.trits.subarray(start, start + simd));
  }).flat();
};

const FOURS = TRITS_A_BYTE - 1;

/** Word 4q + j: every four lanes of step 5q + j, and with them the trit of their j-th lane in step 5q + 4. */
const base3Word = (layer: DenseLayer, plan: DensePlan, address: number): bigint => {
  const j = address % FOURS;
  const group = ((address - j) / FOURS) * TRITS_A_BYTE;
  const lanes = lanesOf(layer, plan, group + j);
  const last = group + FOURS;
  const waiting = last < plan.cycles ? lanesOf(layer, plan, last) : undefined;
  const bytes = Array.from({ length: lanes.length / FOURS }, (_, g) =>
    encodeBase3([...lanes.slice(g * FOURS, (g + 1) * FOURS), waiting?.[g * FOURS + j] ?? 0]),
  );
  return packLanes(bytes, 8);
};

const plainWord = (layer: DenseLayer, plan: DensePlan, address: number): bigint => {
  const { alphabet } = layer.weights;
  const codes = lanesOf(layer, plan, address).map((trit) => tritCode(trit, alphabet));
  return packLanes(codes, codeBits(alphabet));
};

const sparseWord = (layer: DenseLayer, plan: DensePlan, step: number): bigint => {
  const { first, last, synapseFold } = stepOf(layer, plan, step);
  const before = first ? -1 : stepOf(layer, plan, step - 1).synapseFold;
  const codes = BigInt(plan.pe * plan.simd * codeBits(layer.weights.alphabet));
  const high = BigInt(synapseFold - before - 1) | (BigInt(last ? 1 : 0) << BigInt(plan.sparse!.distanceBits));
  return (high << codes) | plainWord(layer, plan, step);
};

const wordsOf = ({ sparse, rom }: DensePlan) => {
  if (sparse !== undefined) return sparseWord;
  return rom.packing === 'base3' ? base3Word : plainWord;
};

/** The weight ROM of a layer. */
export const weightRom = (layer: DenseLayer, plan: DensePlan): RomImage => {
  const word = wordsOf(plan);
  const words = Array.from({ length: plan.rom.words }, (_, address) => word(layer, plan, address));
  return { words, width: plan.rom.width };
};

/** The bias ROM of a layer with biases: the values that accumulators start from. */
export const biasRom = (layer: DenseLayer, plan: DensePlan, bias: Int32Array): RomImage => {
  const bits = plan.accumulator.bits;
  const start = accumulatorStart(layer);
  const words = Array.from({ length: plan.neuronFold }, (_, fold) => {
    const lanes = Array.from(bias.subarray(fold * plan.pe, (fold + 1) * plan.pe));
    return packLanes(
      lanes.map((value) => Number(BigInt.asUintN(bits, BigInt(value + start)))),
      bits,
    );
  });
  return { words, width: plan.pe * bits };
};

/** The threshold ROM of a layer that hands on `lanes` codes at a time. */
export const thresholdRom = (thresholds: Int32Array, plan: DensePlan, lanes: number): RomImage => {
  const bits = plan.accumulator.bits;
  const width = (thresholds.length / plan.outputs) * lanes;
  const words = Array.from({ length: plan.outputs / lanes }, (_, word) =>
    packLanes(
      Array.from(thresholds.subarray(word * width, (word + 1) * width), (value) =>
        Number(BigInt.asUintN(bits, BigInt(value))),
      ),
      bits,
    ),
  );
  return { words, width: width * bits };
};
