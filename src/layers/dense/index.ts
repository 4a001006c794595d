// The dense layer kind: out = requantize(bias + W x) with W in {-1, 0, +1}.
import {
  type DenseLayer,
  inputsOf,
  outputFormatOf,
  outputsOf,
  type Thresholds,
} from '../../model/network.ts';
import { formatName, maxOf, signedFormatFor } from '../../num/format.ts';
import { roundingConstant } from '../../num/rounding.ts';
import { fits } from '../../num/saturate.ts';
import { UserError } from '../../util/errors.ts';
import type { LayerKind } from '../kind.ts';
import { evaluateDense } from './evaluate.ts';
import { accumulatorRange } from './range.ts';

/** Every integer below this magnitude is exact in float32, so the training graph can be compared by equality. */
export const EXACT_LIMIT = 2 ** 24;

const checkBias = (layer: DenseLayer, where: string): void => {
  if (layer.bias === null || layer.bias.length === outputsOf(layer)) return;
  throw new UserError({
    subject: `${where}: bias`,
    rule: `have one entry for each of ${outputsOf(layer)} outputs`,
    value: layer.bias.length,
    code: 'BITSIM_NETWORK_BIAS',
  });
};

const checkAccumulator = (layer: DenseLayer, where: string): void => {
  const { low, high } = accumulatorRange(layer);
  const { accumulator, requantize } = layer;
  const needed = signedFormatFor(low, high);
  if (!accumulator.signed || !fits(low, accumulator) || !fits(high, accumulator)) {
    throw new UserError({
      subject: `${where}: accumulator`,
      rule: `hold the worst case [${low}, ${high}]`,
      value: formatName(accumulator),
      hint: `${formatName(needed)} is the narrowest format that does`,
      code: 'BITSIM_NETWORK_ACCUMULATOR',
    });
  }
  const rounding = requantize.kind === 'static-shift' ? roundingConstant(requantize.shift) : 0;
  if (Math.max(high + rounding, -low) >= EXACT_LIMIT) {
    throw new UserError({
      subject: `${where}: largest accumulator`,
      rule: 'stay below 2^24, where float32 training is exact',
      value: Math.max(high + rounding, -low),
      hint: 'use fewer inputs, or fewer input or activation bits',
      code: 'BITSIM_NETWORK_EXACT',
    });
  }
};

const refuseThresholds = (where: string, rule: string, value: string): never => {
  throw new UserError({
    subject: `${where}: thresholds`,
    rule,
    value,
    code: 'BITSIM_NETWORK_THRESHOLDS',
  });
};

const checkThresholds = (layer: DenseLayer, spec: Thresholds, where: string): void => {
  const { output, thresholds } = spec;
  const rows = outputsOf(layer);
  if (output.signed || output.bits > 4) refuseThresholds(where, 'give u1..u4', formatName(output));
  const each = maxOf(output);
  if (thresholds.length !== rows * each)
    refuseThresholds(where, `be ${each} for each of ${rows} outputs`, `${thresholds.length} in all`);
  thresholds.forEach((threshold, i) => {
    if (Math.abs(threshold) >= EXACT_LIMIT / 2)
      refuseThresholds(
        where,
        'stay below 2^23 in magnitude, where float32 training is exact',
        `${threshold}`,
      );
    if (!fits(threshold, layer.accumulator))
      refuseThresholds(where, `lie within the accumulator, ${formatName(layer.accumulator)}`, `${threshold}`);
    if (i % each > 0 && threshold < thresholds[i - 1]!)
      refuseThresholds(where, 'ascend in each row', `${thresholds[i - 1]} before ${threshold}`);
  });
};

const checkRequantize = (layer: DenseLayer, where: string, last: boolean): void => {
  const { requantize } = layer;
  if ((requantize.kind === 'none') !== last) {
    throw new UserError({
      subject: `${where}: requantize`,
      rule: last ? 'be none on the last dense layer' : 'not be none before another dense layer',
      value: requantize.kind,
      code: 'BITSIM_NETWORK_REQUANTIZE',
    });
  }
  if (requantize.kind === 'thresholds') checkThresholds(layer, requantize, where);
  if (requantize.kind !== 'none' && (requantize.output.signed || requantize.output.bits > 8)) {
    throw new UserError({
      subject: `${where}: requantize output`,
      rule: 'be u1..u8',
      value: formatName(requantize.output),
      code: 'BITSIM_NETWORK_REQUANTIZE_OUTPUT',
    });
  }
};

const checkInput = (layer: DenseLayer, where: string): void => {
  if (!layer.input.signed && maxOf(layer.input) < 256) return;
  throw new UserError({
    subject: `${where}: input`,
    rule: 'be u1..u8',
    value: formatName(layer.input),
    code: 'BITSIM_NETWORK_INPUT',
  });
};

export const dense: LayerKind<DenseLayer> = {
  inputs: inputsOf,
  outputs: outputsOf,
  inputFormat: (layer) => layer.input,
  outputFormat: outputFormatOf,
  validate: (layer, where, last) => {
    checkInput(layer, where);
    checkBias(layer, where);
    checkAccumulator(layer, where);
    checkRequantize(layer, where, last);
  },
  evaluate: evaluateDense,
};
