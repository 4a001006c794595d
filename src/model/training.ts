// What training is asked for and what it leaves: options, epoch records, the checkpoint. They cross stages (train
// writes them, quant lowers them, the command line records them), so they live here.

export const BACKENDS = ['node', 'wasm', 'cpu'] as const;
/** `node` = tfjs-node (native), `wasm` = tfjs WASM, `cpu` = plain JavaScript. */
export type BackendName = (typeof BACKENDS)[number];

/** Everything that decides the result of a training run. All of it is recorded in the run's manifest. */
export interface TrainOptions {
  /** Sizes of the hidden layers, e.g. [1024, 256]; may be empty. */
  readonly hidden: readonly number[];
  /** Bits of an input code, 1..8: code = pixel >> (8 - inputBits). */
  readonly inputBits: number;
  /** Bits of a hidden activation code, 1..8. */
  readonly actBits: number;
  readonly weights: 'ternary' | 'binary';
  readonly requant: 'static' | 'dynamic';
  readonly epochs: number;
  readonly batch: number;
  readonly learningRate: number;
  /** Share of the target probability spread evenly over all classes, 0..1. */
  readonly labelSmoothing: number;
  /** Training images are shifted by a random -n..n pixels in x and y, zero filled. */
  readonly augmentShift: number;
  readonly seed: number;
}

export interface EpochRecord {
  /** 1 for the first epoch. */
  readonly epoch: number;
  /** Mean training loss of the epoch. */
  readonly loss: number;
  /** Share of training images (as augmented) classified rightly during the epoch. */
  readonly trainAccuracy: number;
  /** Loss at regular points inside the epoch, for the loss curve. */
  readonly lossCurve: readonly number[];
}

/** One dense layer's trainable state. Matrices are stored [inputs, outputs], row-major. */
export interface LayerState {
  readonly inputs: number;
  readonly outputs: number;
  /** Latent weights in [-1, 1]. */
  readonly latents: Float32Array;
  /** Adam's first and second moments. */
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

/** A training run after `history.length` whole epochs. Enough to go on to the same result, to lower, to verify. */
export interface Checkpoint {
  readonly options: TrainOptions;
  /** Backend that produced it; bit-reproducibility holds on one backend only. */
  readonly backend: BackendName;
  readonly shape: readonly [number, number];
  readonly classes: readonly string[];
  readonly dataset: {
    readonly name: string;
    readonly digests: { readonly train: string; readonly test: string };
  };
  readonly layers: readonly LayerState[];
  /** Static requantize shift of each hidden layer (length = hidden layers; ignored when requant is dynamic). */
  readonly shifts: readonly number[];
  /** The loss sees logits x 2^-logitShift. */
  readonly logitShift: number;
  readonly history: readonly EpochRecord[];
}
