// Training options: defaults, presets, and the checks that every value passes before anything starts.
import type { Dataset } from '../model/dataset.ts';
import type { TrainOptions } from '../model/training.ts';
import { UserError } from '../util/errors.ts';

/** Data sets up to this many training images get the small-data schedule. */
const SMALL_DATA = 20_000;
const SMALL_SCHEDULE = { epochs: 40, batch: 64 } as const;

/** The default net and recipe: 784-1024-10, measured in docs/results.md. */
export const DEFAULTS: TrainOptions = {
  hidden: [1024],
  inputBits: 7,
  actBits: 8,
  weights: 'ternary',
  requant: 'static',
  epochs: 8,
  batch: 256,
  learningRate: 0.03,
  labelSmoothing: 0.1,
  augmentShift: 1,
  seed: 1,
};

export interface Preset {
  readonly description: string;
  readonly options: Partial<TrainOptions>;
}

export const PRESETS: Readonly<Record<string, Preset>> = {
  default: { description: '784-1024-10, ternary, 7-bit input, 8-bit activations', options: {} },
  demo: {
    description: '784-64-10, small enough for an iCE40; what `bitsim demo` trains',
    options: { hidden: [64], epochs: 30, batch: 64 },
  },
  deep: { description: '784-256-128-10', options: { hidden: [256, 128] } },
  'one-bit-input': { description: '784-1024-10 on black-and-white input', options: { inputBits: 1 } },
  binary: { description: '784-1024-10 with weights -1 and +1 only', options: { weights: 'binary' } },
  dynamic: {
    description: '784-1024-10, shift chosen for each image and layer',
    options: { requant: 'dynamic' },
  },
};

const refuse = (option: string, rule: string, value: unknown): never => {
  throw new UserError({ subject: `--${option}`, rule, value: String(value), code: 'BITSIM_TRAIN_OPTION' });
};

const checkInteger = (option: string, value: number, low: number, high: number): void => {
  if (Number.isInteger(value) && value >= low && value <= high) return;
  refuse(option, `be a whole number from ${low} to ${high}`, value);
};

const checkReal = (option: string, value: number, above: number, below: number): void => {
  if (Number.isFinite(value) && value >= above && value <= below) return;
  refuse(option, `be a number from ${above} to ${below}`, value);
};

const checkOptions = (options: TrainOptions, dataset: Dataset): void => {
  for (const size of options.hidden) checkInteger('hidden', size, 1, 65_536);
  checkInteger('input-bits', options.inputBits, 1, 8);
  checkInteger('act-bits', options.actBits, 1, 8);
  checkInteger('epochs', options.epochs, 1, 10_000);
  checkInteger('batch', options.batch, 1, 65_536);
  checkInteger('augment-shift', options.augmentShift, 0, 16);
  checkInteger('seed', options.seed, 0, 2 ** 31 - 1);
  checkReal('lr', options.learningRate, 1e-9, 10);
  checkReal('label-smoothing', options.labelSmoothing, 0, 0.99);
  if (!['ternary', 'binary'].includes(options.weights))
    refuse('weights', 'be ternary or binary', options.weights);
  if (!['static', 'dynamic'].includes(options.requant))
    refuse('requant', 'be static or dynamic', options.requant);
  if (options.batch > dataset.train.count) {
    refuse('batch', `be at most ${dataset.train.count}, the number of training images`, options.batch);
  }
};

/** Every integer of the forward pass must stay below this to be exact in float32. */
const EXACT_LIMIT = 2 ** 24;

/** Refuses a net in which some accumulator, with its rounding constant, could reach 2^24. */
const checkExact = (options: TrainOptions, inputs: number): void => {
  const sizes = [inputs, ...options.hidden];
  sizes.forEach((size, i) => {
    const bits = i === 0 ? options.inputBits : options.actBits;
    const worst = size * (2 ** bits - 1) * 2;
    if (worst < EXACT_LIMIT) return;
    throw new UserError({
      subject: `dense layer ${i}: largest possible accumulator`,
      rule: 'stay below 2^23, so that float32 training is exact',
      value: `${worst / 2} (${size} inputs of ${bits} bits)`,
      hint: i === 0 ? 'use fewer --input-bits' : 'use smaller --hidden or fewer --act-bits',
      code: 'BITSIM_TRAIN_EXACT',
    });
  });
};

/** Drops keys whose value is undefined, so that they do not hide defaults. */
const given = (options: Partial<TrainOptions>): Partial<TrainOptions> =>
  Object.fromEntries(
    Object.entries(options).filter(([, value]) => value !== undefined),
  ) as Partial<TrainOptions>;

/** Defaults, then the preset, then what was given; every value checked. `dataset` decides the schedule's default. */
export const resolveOptions = (
  options: Partial<TrainOptions> & { readonly preset?: string | undefined },
  dataset: Dataset,
): TrainOptions => {
  const { preset = 'default', ...rest } = options;
  const chosen = Object.hasOwn(PRESETS, preset) ? PRESETS[preset] : undefined;
  if (chosen === undefined) return refuse('preset', `be one of ${Object.keys(PRESETS).join(', ')}`, preset);
  const schedule = dataset.train.count <= SMALL_DATA ? SMALL_SCHEDULE : {};
  const resolved = { ...DEFAULTS, ...schedule, ...chosen.options, ...given(rest) };
  checkOptions(resolved, dataset);
  checkExact(resolved, dataset.train.height * dataset.train.width);
  return resolved;
};
