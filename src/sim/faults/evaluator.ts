// Classes under faults, to the integer: only what follows from a changed bit is computed again.
import { codeOf, shiftOf } from '../../layers/dense/evaluate.ts';
import { disturbed, type FaultState, held, type LayerState, SILENT } from './state.ts';

/** Trits that faults changed in one layer, the same for every image. */
export interface TritChanges {
  readonly rows: Int32Array;
  readonly cols: Int32Array;
  /** New value less the old one, -2..2. */
  readonly deltas: Int8Array;
}

/** Bits inverted in one image: where (a row of a layer, or a code that enters it), and which bits. */
export interface Flips {
  readonly at: readonly number[];
  readonly masks: readonly number[];
}

/** One entry for each dense layer; absent where nothing happens. */
export interface Faults {
  readonly trits?: readonly (TritChanges | undefined)[];
  readonly sums?: readonly (Flips | undefined)[];
  readonly codes?: readonly (Flips | undefined)[];
}

const argmax = (logits: Int32Array): number => {
  let best = 0;
  for (let c = 1; c < logits.length; c++) if (logits[c]! > logits[best]!) best = c;
  return best;
};

/** Adds `times` copies of a column of trits to `sums`; `times` is a code's change. */
const addColumn = (
  sums: Int32Array,
  { columns, outputs }: LayerState,
  column: number,
  times: number,
): void => {
  const start = column * outputs;
  for (let r = 0; r < outputs; r++) {
    const trit = columns[start + r]!;
    if (trit > 0) sums[r]! += times;
    else if (trit < 0) sums[r]! -= times;
  }
};

const addTrits = (sums: Int32Array, codes: Uint8Array, { rows, cols, deltas }: TritChanges): void => {
  for (let i = 0; i < rows.length; i++) {
    const code = codes[cols[i]!]!;
    const delta = deltas[i]!;
    const row = rows[i]!;
    if (delta > 0) sums[row]! += delta > 1 ? code + code : code;
    else sums[row]! -= delta < -1 ? code + code : code;
  }
};

/** Evaluates images of one state again under faults. Not reentrant: its working memory is reused. */
export class FaultEvaluator {
  private readonly sums: readonly Int32Array[];
  private readonly codes: readonly Uint8Array[];
  private readonly state: FaultState;

  constructor(state: FaultState) {
    this.state = state;
    this.sums = state.layers.map(({ outputs }) => new Int32Array(outputs));
    this.codes = state.layers.map(({ inputs }) => new Uint8Array(inputs));
  }

  /** Class of `image` when row `row` of layer `at` ends with `accumulator`. */
  classWithSum(image: number, at: number, row: number, accumulator: number): number {
    const layer = this.state.layers[at]!;
    const spec = layer.layer.requantize;
    const start = image * layer.outputs;
    if (spec.kind === 'static-shift' || spec.kind === 'thresholds') {
      const code = codeOf(spec, row, accumulator, spec.kind === 'thresholds' ? 0 : spec.shift, SILENT);
      return this.classWithCode(image, at + 1, row, code);
    }
    const sums = this.sums[at]!;
    sums.set(layer.accumulators.subarray(start, start + layer.outputs));
    sums[row] = accumulator;
    return this.finish(image, at);
  }

  /** Class of `image` when code `index` of those that enter layer `at` is `code`. */
  classWithCode(image: number, at: number, index: number, code: number): number {
    const layer = this.state.layers[at]!;
    const change = code - layer.codes[image * layer.inputs + index]!;
    if (change === 0) return this.state.classes[image]!;
    const sums = this.sums[at]!;
    sums.set(layer.accumulators.subarray(image * layer.outputs, (image + 1) * layer.outputs));
    addColumn(sums, layer, index, change);
    return this.finish(image, at);
  }

  /** Class of `image` under all of `faults`. */
  classWithFaults(image: number, faults: Faults): number {
    const { codes, inputs } = this.state.layers[0]!;
    this.codes[0]!.set(codes.subarray(image * inputs, (image + 1) * inputs));
    return this.from(image, 0, faults);
  }

  /** Layers from `at` on, whose codes are in place. */
  private from(image: number, at: number, faults: Faults): number {
    const layer = this.state.layers[at]!;
    const codes = this.codes[at]!;
    const flips = faults.codes?.[at];
    flips?.at.forEach((index, i) => {
      codes[index]! ^= flips.masks[i]!;
    });
    const sums = this.sums[at]!;
    sums.set(layer.accumulators.subarray(image * layer.outputs, (image + 1) * layer.outputs));
    const before = image * layer.inputs;
    for (let c = 0; c < layer.inputs; c++) {
      const change = codes[c]! - layer.codes[before + c]!;
      if (change !== 0) addColumn(sums, layer, c, change);
    }
    const trits = faults.trits?.[at];
    if (trits !== undefined) {
      addTrits(sums, codes, trits);
      for (let r = 0; r < sums.length; r++) sums[r] = held(sums[r]!, layer.register);
    }
    const hits = faults.sums?.[at];
    hits?.at.forEach((row, i) => {
      sums[row] = disturbed(sums[row]!, hits.masks[i]!, layer.register);
    });
    return this.finish(image, at, faults);
  }

  /** What follows from the sums of layer `at`, which are in place. */
  private finish(image: number, at: number, faults: Faults = {}): number {
    const sums = this.sums[at]!;
    const spec = this.state.layers[at]!.layer.requantize;
    if (spec.kind === 'none') return argmax(sums);
    const shift = spec.kind === 'thresholds' ? 0 : shiftOf(spec, sums, SILENT);
    const codes = this.codes[at + 1]!;
    for (let r = 0; r < sums.length; r++) codes[r] = codeOf(spec, r, sums[r]!, shift, SILENT);
    return this.from(image, at + 1, faults);
  }
}
