// The experiment of the blog post that this project began with: BitLinear of kyegomez/BitNet 0.1.2 on MNIST, and single
// changes to it.
// docs/why-70-percent.md tells what each does. Nothing of this becomes hardware.
import { UserError } from '../../util/errors.ts';

export interface BlogOptions {
  readonly epochs: number;
  readonly batch: number;
  /** binary: sign(W - mean W); ternary: absmean rounding; float: plain linear layers, no norm, no rescale. */
  readonly weights: 'binary' | 'ternary' | 'float';
  /** What the layer's output is stretched by: 128 / its largest magnitude in the batch, in the row, or nothing. */
  readonly rescale: 'batch' | 'row' | 'none';
  /** Factor of the logits before the loss. */
  readonly logitScale: number;
  /** A softmax before the cross-entropy, which has one of its own. */
  readonly softmax: boolean;
  readonly optimizer: 'rmsprop' | 'adam';
  readonly learningRate: number;
  readonly schedule: 'constant' | 'cosine';
}

/** The experiment as reported. */
export const BLOG: BlogOptions = {
  epochs: 5,
  batch: 256,
  weights: 'binary',
  rescale: 'batch',
  logitScale: 1,
  softmax: true,
  optimizer: 'rmsprop',
  learningRate: 1e-2,
  schedule: 'constant',
};

/** Single changes by name. */
export const CHANGES: Readonly<Record<string, Partial<BlogOptions>>> = {
  'no-softmax': { softmax: false },
  'logits/32': { logitScale: 1 / 32 },
  'lr-1e-3': { learningRate: 1e-3 },
  adam: { optimizer: 'adam' },
  cosine: { schedule: 'cosine' },
  'no-rescale': { rescale: 'none' },
  'row-rescale': { rescale: 'row' },
  ternary: { weights: 'ternary' },
  float: { weights: 'float' },
};

/** The experiment with the named changes applied in order. Throws UserError for a name that there is not. */
export const blogOptions = (changes: readonly string[], given: Partial<BlogOptions>): BlogOptions => {
  const chosen = changes.map((name): Partial<BlogOptions> => {
    const change = Object.hasOwn(CHANGES, name) ? CHANGES[name] : undefined;
    if (change !== undefined) return change;
    throw new UserError({
      subject: '--change',
      rule: `name some of ${Object.keys(CHANGES).join(', ')}`,
      value: name,
      code: 'BITSIM_TRAIN_OPTION',
    });
  });
  return Object.assign({}, BLOG, ...chosen, given) as BlogOptions;
};
