// Lowering: a checkpoint's latent weights become a Network of integers, validated before it is returned.
import { accumulatorFormat } from '../layers/dense/range.ts';
import { inputSpecOf } from '../layers/input.ts';
import { validateNetwork } from '../layers/validate.ts';
import {
  type DenseLayer,
  NETWORK_FORMAT,
  NETWORK_VERSION,
  type Network,
  type Provenance,
  type RequantSpec,
} from '../model/network.ts';
import type { Checkpoint, LayerState } from '../model/training.ts';
import { type NumberFormat, signedFormatFor, unsigned } from '../num/format.ts';
import type { TritMatrix } from '../num/trit.ts';
import { offsetIntegers, ternarize } from './ternarize.ts';

/** Latents [inputs, outputs] to trits, one row per output. */
const tritMatrix = (
  { inputs, outputs, latents, threshold }: LayerState,
  alphabet: 'ternary' | 'binary',
): TritMatrix => {
  const trits = new Int8Array(inputs * outputs);
  for (let r = 0; r < outputs; r++) {
    for (let c = 0; c < inputs; c++)
      trits[r * inputs + c] = ternarize(latents[c * outputs + r]!, alphabet, threshold);
  }
  return { alphabet, rows: outputs, cols: inputs, trits };
};

const requantizeOf = ({ options, shifts, layers }: Checkpoint, index: number): RequantSpec => {
  if (index === layers.length - 1) return { kind: 'none' };
  const output = unsigned(options.actBits);
  if (options.requant === 'thresholds')
    return { kind: 'thresholds', output, thresholds: thresholdsOf(layers[index]!) };
  if (options.requant === 'dynamic') return { kind: 'dynamic-shift', rounding: 'half-up', output };
  return { kind: 'static-shift', shift: shifts[index]!, rounding: 'half-up', output };
};

/** [levels, outputs] offsets to thresholds that ascend in each row; which of them comes first does not matter. */
const thresholdsOf = ({ outputs, offsets }: LayerState): Int32Array => {
  const values = offsetIntegers(offsets!);
  const rows = Array.from({ length: outputs }, (_, r) =>
    values.filter((_, i) => i % outputs === r).sort((a, b) => a - b),
  );
  return Int32Array.from(rows.flatMap((row) => Array.from(row)));
};

const biasOf = ({ options, layers }: Checkpoint, index: number): Int32Array | null => {
  const { offsets } = layers[index]!;
  const thresholds = options.requant === 'thresholds' && index < layers.length - 1;
  return offsets === null || thresholds ? null : offsetIntegers(offsets);
};

const denseLayer = (checkpoint: Checkpoint, index: number, input: NumberFormat): DenseLayer => {
  const layer: DenseLayer = {
    kind: 'dense',
    name: `fc${index}`,
    input,
    weights: tritMatrix(checkpoint.layers[index]!, checkpoint.options.weights),
    bias: biasOf(checkpoint, index),
    accumulator: signedFormatFor(0, 0),
    requantize: requantizeOf(checkpoint, index),
  };
  return { ...layer, accumulator: accumulatorFormat(layer) };
};

/** The Network of `checkpoint`. `name` becomes part of file and module names. */
export const lowerCheckpoint = (checkpoint: Checkpoint, name: string, provenance: Provenance): Network => {
  const { options, classes, shape } = checkpoint;
  const code = unsigned(options.inputBits);
  const layers = checkpoint.layers.map((_, i) =>
    denseLayer(checkpoint, i, i === 0 ? code : unsigned(options.actBits)),
  );
  return validateNetwork({
    format: NETWORK_FORMAT,
    version: NETWORK_VERSION,
    name,
    input: inputSpecOf(options, shape),
    layers: [
      ...layers,
      {
        kind: 'argmax',
        name: 'argmax',
        inputs: classes.length,
        input: layers.at(-1)!.accumulator,
        ties: 'lowest-index',
      },
    ],
    classes,
    provenance,
  });
};
