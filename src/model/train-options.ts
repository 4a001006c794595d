// What a training run is asked for: one schema for manifests, checkpoints and --config files.
import { z } from 'zod';

/**
 * Everything that decides the result of a training run. All of it is recorded.
 * Ranges are checked by train/options.ts, which names the command-line option.
 */
export const trainOptionsSchema = z.strictObject({
  /** Sizes of the hidden layers, e.g. [1024, 256]; may be empty. */
  hidden: z.array(z.number()),
  /** Pixels cut from each edge of the image before anything else. */
  inputCrop: z.number(),
  /** Side of the square windows whose pixels are summed into one input; 1 for none. */
  inputPool: z.number(),
  /** Bits of an input code, 1..8. */
  inputBits: z.number(),
  /** Bits of a hidden activation code, 1..8. */
  actBits: z.number(),
  weights: z.enum(['ternary', 'binary']),
  /** How accumulators become codes: one shift a layer, one an image and layer, or trained thresholds of each neuron. */
  requant: z.enum(['static', 'dynamic', 'thresholds']),
  /** Trained integer biases. Hidden layers with thresholds need none: the thresholds move instead. */
  bias: z.enum(['off', 'on']),
  /** Ternarization: zero up to a fixed threshold, or up to a factor of the layer's mean absolute latent. */
  ternarize: z.enum(['fixed', 'absmean']),
  /** The fixed threshold, or the factor. */
  threshold: z.number(),
  /** Share of each layer's weights that is pruned to zero, reached gradually; 0 for none. */
  zeros: z.number(),
  /** Largest number of non-zero weights of a neuron; 0 for no limit. */
  fanIn: z.number(),
  epochs: z.number(),
  batch: z.number(),
  optimizer: z.enum(['adam', 'rmsprop', 'sgd']),
  learningRate: z.number(),
  /** How the learning rate falls: half a cosine to 0, linearly to 0, or not at all. */
  schedule: z.enum(['cosine', 'linear', 'constant']),
  /** Share of the target probability spread evenly over all classes, 0..1. */
  labelSmoothing: z.number(),
  /** Share of hidden codes dropped at random while training. */
  dropout: z.number(),
  /** Share of training images that are augmented each time they are seen; the others are fed as they are. */
  augmentShare: z.number(),
  /** Training images are shifted by a random -n..n pixels in x and y, zero filled. */
  augmentShift: z.number(),
  /** Largest rotation, degrees. */
  augmentRotate: z.number(),
  /** Largest relative change of size along each axis. */
  augmentScale: z.number(),
  /** Largest displacement of the elastic field, pixels. */
  augmentElastic: z.number(),
  /** Share of the target that a teacher's answer makes up, 0..1; the label makes up the rest. 0 without a teacher. */
  distill: z.number(),
  /** The teacher's logits are divided by it before its softmax. */
  temperature: z.number(),
  /** Training images held out; the run is then measured on them, and no test image is read. */
  validation: z.number(),
  seed: z.number(),
});

export type TrainOptions = Readonly<z.infer<typeof trainOptionsSchema>>;
