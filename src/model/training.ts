// What training is asked for and what it leaves: options, epoch records, the checkpoint. They cross stages (train
// writes them, quant lowers them, the command line records them), so they live here.
import type { TrainOptions } from './train-options.ts';

export type { TrainOptions } from './train-options.ts';

export const BACKENDS = ['node', 'wasm', 'cpu'] as const;
/** `node` = tfjs-node (native), `wasm` = tfjs WASM, `cpu` = plain JavaScript. */
export type BackendName = (typeof BACKENDS)[number];

export interface EpochRecord {
  /** 1 for the first epoch. */
  readonly epoch: number;
  /** Mean training loss of the epoch. */
  readonly loss: number;
  /** Share of training images (as augmented) classified rightly during the epoch. */
  readonly trainAccuracy: number;
  /** Share of the held-out images classified rightly after the epoch; null when none are held out. */
  readonly validationAccuracy: number | null;
  /** Loss at regular points inside the epoch, for the loss curve. */
  readonly lossCurve: readonly number[];
}

/**
 * Trainable integers of each output: biases (one level), or thresholds (2^bits - 1 levels). Matrices are [levels,
 * outputs], row-major; a value's integer is floor(latent x unit + 1/2) in float32.
 */
export interface OffsetState {
  /** A power of two, about the standard deviation of the layer's accumulators. */
  readonly unit: number;
  /** In [-OFFSET_LIMIT, OFFSET_LIMIT]. */
  readonly latents: Float32Array;
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
}

/** Largest magnitude of an offset's latent. */
export const OFFSET_LIMIT = 4;

/** One dense layer's trainable state. Matrices are stored [inputs, outputs], row-major. */
export interface LayerState {
  readonly inputs: number;
  readonly outputs: number;
  /** Latent weights in [-1, 1]. */
  readonly latents: Float32Array;
  /** Latents above it become +1, below its negative -1; unused for binary weights. */
  readonly threshold: number;
  /** The optimizer's first and second moments. */
  readonly firstMoment: Float32Array;
  readonly secondMoment: Float32Array;
  /** Thresholds where the layer requantizes by them, else biases; null for none. */
  readonly offsets: OffsetState | null;
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
