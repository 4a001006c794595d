// What the weight and bias ROMs of the folded architecture hold, word by word.
//   weight word f x synapseFold + s, lane p x simd + i  =  trit code of output f x pe + p, input s x simd + i
//   bias word f, lane p                                 =  start + bias of output f x pe + p, two's complement
//   threshold word w, lane l x levels + k               =  threshold k of output w x lanes + l, two's complement
// Lane 0 is in the lowest bits. Words are BigInt because they are wider than 53 bits.
import type { DenseLayer } from '../../model/network.ts';
import type { DensePlan } from '../../model/plan.ts';
import { codeBits, tritCode } from '../../num/trit.ts';
import { accumulatorStart } from './plan.ts';

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

const weightWord = (layer: DenseLayer, plan: DensePlan, fold: number, step: number): bigint => {
  const { alphabet, cols, trits } = layer.weights;
  const lanes: number[] = [];
  for (let p = 0; p < plan.pe; p++) {
    const row = (fold * plan.pe + p) * cols + step * plan.simd;
    for (let i = 0; i < plan.simd; i++) lanes.push(tritCode(trits[row + i]!, alphabet));
  }
  return packLanes(lanes, codeBits(alphabet));
};

/** The weight ROM of a layer. */
export const weightRom = (layer: DenseLayer, plan: DensePlan): RomImage => {
  const words: bigint[] = [];
  for (let fold = 0; fold < plan.neuronFold; fold++) {
    for (let step = 0; step < plan.synapseFold; step++) words.push(weightWord(layer, plan, fold, step));
  }
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
