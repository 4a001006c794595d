// What one image does in a network, integer by integer: the value that simulator, training graph, RTL and HLS must
// agree on, and the shape of a disagreement.

export interface LayerTrace {
  readonly layer: string;
  /** One per output, before requantization. */
  readonly accumulators: Int32Array;
  /** The shift used for this image (0 when the layer does not requantize). */
  readonly shift: number;
  /** What the layer hands on: codes, or the accumulators themselves for the last (logit) layer. */
  readonly codes: Int32Array;
}

export interface ImageTrace {
  readonly inputCodes: Int32Array;
  /** One entry per dense layer. */
  readonly layers: readonly LayerTrace[];
  readonly logits: Int32Array;
  readonly class: number;
}

/** The first place where two evaluations of the same image differ. */
export interface Mismatch {
  readonly image: number;
  readonly layer: string;
  /** What differs: an output code of a hidden layer, a logit, or the class. */
  readonly what: 'code' | 'logit' | 'class';
  readonly neuron: number;
  readonly expected: number;
  readonly got: number;
  /** Where the other side has a clock: the cycle of the difference, counted from the first accepted input beat. */
  readonly cycle?: number;
}

/** Result of comparing a whole set. `values` counts every integer that was compared. */
export interface Comparison {
  readonly left: string;
  readonly right: string;
  readonly images: number;
  readonly values: number;
  readonly mismatches: number;
  readonly first: Mismatch | null;
}

/** What the reference model did for `images` images. */
export interface OperationTotals {
  readonly images: number;
  readonly adds: number;
  readonly subtracts: number;
  readonly skips: number;
  readonly shifts: number;
  readonly compares: number;
  /**
   * Always 0, as a fact of the code and not as a measurement: the data path has no operation that could raise it
   * (test/unit/sim/no-multiplication.test.ts parses the compiled files).
   */
  readonly multiplies: 0;
}
