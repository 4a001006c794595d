// Training options: defaults, presets, and the checks that every value passes before anything starts.
import { EXACT_LIMIT } from '../layers/dense/index.ts';
import { codeShape, inputSpecOf } from '../layers/input.ts';
import type { Dataset } from '../model/dataset.ts';
import type { TrainOptions } from '../model/training.ts';
import { bitLength } from '../num/format.ts';
import { roundingConstant } from '../num/rounding.ts';
import { UserError } from '../util/errors.ts';

/** Data sets up to this many training images get the small-data schedule. */
const SMALL_DATA = 20_000;
const SMALL_SCHEDULE = { epochs: 40, batch: 64 } as const;

/** The default net and recipe: 784-1024-10, measured in docs/results.md. */
export const DEFAULTS: TrainOptions = {
  hidden: [1024],
  inputCrop: 0,
  inputPool: 1,
  inputBits: 7,
  actBits: 8,
  weights: 'ternary',
  requant: 'static',
  bias: 'off',
  ternarize: 'fixed',
  threshold: 0.5,
  zeros: 0,
  fanIn: 0,
  epochs: 8,
  batch: 256,
  optimizer: 'adam',
  learningRate: 0.03,
  schedule: 'cosine',
  labelSmoothing: 0.1,
  dropout: 0,
  augmentShare: 1,
  augmentShift: 1,
  augmentRotate: 0,
  augmentScale: 0,
  augmentElastic: 0,
  distill: 0,
  temperature: 1,
  validation: 0,
  seed: 1,
};

export interface Preset {
  readonly description: string;
  readonly options: Partial<TrainOptions>;
  /** Schedule on small data, instead of the general one. */
  readonly small?: Pick<TrainOptions, 'epochs' | 'batch'>;
}

export const PRESETS: Readonly<Record<string, Preset>> = {
  default: { description: '784-1024-10, ternary, 7-bit input, 8-bit activations', options: {} },
  demo: {
    description: '784-64-10, small enough for an iCE40; what `bitsim demo` trains',
    options: { hidden: [64], labelSmoothing: 0.05 },
    small: { epochs: 60, batch: 128 },
  },
  up5k: {
    description: '196-128-128-112-10 on 2 x 2 pixel sums, 150 epochs: 114 kbit of weights',
    options: { hidden: [128, 128, 112], inputPool: 2, epochs: 150, learningRate: 0.02, labelSmoothing: 0 },
  },
  deep: { description: '784-256-128-10', options: { hidden: [256, 128] } },
  long: {
    description: '784-1024-10, 120 epochs on turned, scaled and bent digits',
    options: { epochs: 120, batch: 128, augmentRotate: 10, augmentScale: 0.1, augmentElastic: 1.2 },
  },
  small: {
    description: '784-128-10, 120 epochs',
    options: { hidden: [128], epochs: 120, learningRate: 0.02, labelSmoothing: 0 },
  },
  tiny: {
    description: '784-64-10, 200 epochs: the net of the demo, on all of MNIST',
    options: { hidden: [64], epochs: 200, learningRate: 0.02, labelSmoothing: 0, augmentShare: 0.4 },
  },
  'two-bit': {
    description: '784-1024-10, hidden codes of 2 bits by thresholds of each neuron',
    options: { requant: 'thresholds', actBits: 2, epochs: 20 },
  },
  'one-bit': {
    description: '784-1024-10, black-and-white input, hidden codes of 1 bit by a threshold of each neuron',
    options: { requant: 'thresholds', inputBits: 1, actBits: 1, epochs: 20 },
  },
  'tiny-input': { description: '784-1024-10 on black-and-white input', options: { inputBits: 1 } },
  binary: { description: '784-1024-10 with weights -1 and +1 only', options: { weights: 'binary' } },
  dynamic: {
    description: '784-1024-10, shift chosen for each image and layer',
    options: { requant: 'dynamic' },
  },
};

/** Offsets can reach this many times the largest sum of the weights: about four deviations, as a power of two. */
const OFFSET_FACTOR = 6;

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

const MAX_HIDDEN = 64;

/** Option name, field, lowest and highest of every whole number. */
const INTEGERS = [
  ['input-crop', 'inputCrop', 0, 4095],
  ['input-pool', 'inputPool', 1, 16],
  ['input-bits', 'inputBits', 1, 8],
  ['act-bits', 'actBits', 1, 8],
  ['fan-in', 'fanIn', 0, 65_536],
  ['epochs', 'epochs', 1, 10_000],
  ['batch', 'batch', 1, 65_536],
  ['augment-shift', 'augmentShift', 0, 16],
  ['validation', 'validation', 0, 10_000_000],
  ['seed', 'seed', 0, 2 ** 31 - 1],
] as const;

/** The same of every real number. */
const REALS = [
  ['lr', 'learningRate', 1e-9, 10],
  ['threshold', 'threshold', 0, 0.99],
  ['zeros', 'zeros', 0, 0.99],
  ['label-smoothing', 'labelSmoothing', 0, 0.99],
  ['dropout', 'dropout', 0, 0.9],
  ['distill', 'distill', 0, 1],
  ['temperature', 'temperature', 0.01, 100],
  ['augment-share', 'augmentShare', 0, 1],
  ['augment-rotate', 'augmentRotate', 0, 45],
  ['augment-scale', 'augmentScale', 0, 0.5],
  ['augment-elastic', 'augmentElastic', 0, 8],
] as const;

const CHOICES = [
  ['weights', 'weights', ['ternary', 'binary']],
  ['requant', 'requant', ['static', 'dynamic', 'thresholds']],
  ['bias', 'bias', ['off', 'on']],
  ['ternarize', 'ternarize', ['fixed', 'absmean']],
  ['optimizer', 'optimizer', ['adam', 'rmsprop', 'sgd']],
  ['schedule', 'schedule', ['cosine', 'linear', 'constant']],
] as const;

const checkBinary = (options: TrainOptions): void => {
  if (options.weights !== 'binary') return;
  if (options.zeros > 0)
    refuse('zeros', 'be left out with binary weights, which have no zero', options.zeros);
  if (options.fanIn > 0)
    refuse('fan-in', 'be left out with binary weights, which have no zero', options.fanIn);
};

/** Steps of a thresholds requantizer are trained one by one: as many as fit u4. */
const MAX_THRESHOLD_BITS = 4;

const checkThresholds = ({ requant, actBits }: TrainOptions): void => {
  if (requant === 'thresholds' && actBits > MAX_THRESHOLD_BITS)
    refuse('act-bits', `be 1..${MAX_THRESHOLD_BITS} with --requant thresholds`, actBits);
};

const checkValidation = ({ validation }: TrainOptions, { count }: Dataset['train']): void => {
  if (validation < count) return;
  refuse('validation', `leave some of the ${count} training images to train on`, validation);
};

const checkInput = ({ inputCrop, inputPool }: TrainOptions, { height, width }: Dataset['train']): void => {
  const [rows, columns] = [height - 2 * inputCrop, width - 2 * inputCrop];
  if (rows < 1 || columns < 1)
    refuse('input-crop', `leave something of ${height} x ${width} images`, inputCrop);
  if (rows % inputPool !== 0 || columns % inputPool !== 0) {
    refuse('input-pool', `divide the ${rows} x ${columns} pixels that the crop leaves`, inputPool);
  }
};

const checkOptions = (options: TrainOptions, dataset: Dataset): void => {
  if (options.hidden.length > MAX_HIDDEN)
    refuse('hidden', `name at most ${MAX_HIDDEN} layers`, options.hidden.length);
  for (const size of options.hidden) checkInteger('hidden', size, 1, 65_536);
  for (const [name, field, low, high] of INTEGERS) checkInteger(name, options[field], low, high);
  for (const [name, field, low, high] of REALS) checkReal(name, options[field], low, high);
  for (const [name, field, allowed] of CHOICES) {
    if (!(allowed as readonly string[]).includes(options[field]))
      refuse(name, `be one of ${allowed.join(', ')}`, options[field]);
  }
  checkBinary(options);
  checkThresholds(options);
  checkValidation(options, dataset.train);
  checkInput(options, dataset.train);
  const images = dataset.train.count - options.validation;
  if (options.batch > images)
    refuse('batch', `be at most ${images}, the number of training images`, options.batch);
};

/** Refuses a net in which some accumulator, with its rounding constant, could reach 2^24. */
const checkExact = (options: TrainOptions, inputs: number): void => {
  const sizes = [inputs, ...options.hidden];
  sizes.forEach((size, i) => {
    const bits = i === 0 ? options.inputBits : options.actBits;
    const largest = size * (2 ** bits - 1);
    const shift = i === options.hidden.length ? 0 : Math.max(0, bitLength(largest) - options.actBits);
    const offset = options.bias === 'on' || options.requant === 'thresholds' ? largest * OFFSET_FACTOR : 0;
    const worst = largest + offset + roundingConstant(shift);
    if (worst < EXACT_LIMIT) return;
    throw new UserError({
      subject: `dense layer ${i}: largest possible accumulator`,
      rule: 'stay below 2^24, so that float32 training is exact',
      value: `${worst} (${size} inputs of ${bits} bits)`,
      hint: i === 0 ? 'use fewer --input-bits' : 'use smaller --hidden or fewer --act-bits',
      code: 'BITSIM_TRAIN_EXACT',
    });
  });
};

/** Tensors of one step, measured on the WASM backend: bytes a weight, and bytes a unit and image of a batch. */
const WEIGHT_BYTES = 88;
const UNIT_BYTES = 48;
/** WASM memory ends at 4 GB, and tfjs goes on with wrong numbers when it is used up: stay well below. */
const MEMORY_LIMIT = 3e9;

const checkMemory = (options: TrainOptions, inputs: number, classes: number): void => {
  const sizes = [inputs, ...options.hidden, classes];
  const weights = sizes.slice(1).reduce((sum, size, i) => sum + size * sizes[i]!, 0);
  const units = sizes.reduce((sum, size) => sum + size, 0);
  const bytes = weights * WEIGHT_BYTES + units * options.batch * UNIT_BYTES;
  if (bytes <= MEMORY_LIMIT) return;
  throw new UserError({
    subject: 'training',
    rule: `need at most ${MEMORY_LIMIT / 1e9} GB of tensors`,
    value: `${(bytes / 1e9).toFixed(1)} GB (${weights} weights, batch ${options.batch})`,
    hint: weights * WEIGHT_BYTES > MEMORY_LIMIT / 2 ? 'use smaller --hidden' : 'use a smaller --batch',
    code: 'BITSIM_TRAIN_MEMORY',
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
  const { count, height, width } = dataset.train;
  const schedule = count <= SMALL_DATA ? (chosen.small ?? SMALL_SCHEDULE) : {};
  const usual = { ...DEFAULTS, ...schedule, ...chosen.options };
  const resolved = { ...usual, batch: Math.min(usual.batch, count), ...given(rest) };
  checkOptions(resolved, dataset);
  const [rows, columns] = codeShape(inputSpecOf(resolved, [height, width]));
  checkExact(resolved, rows * columns);
  checkMemory(resolved, rows * columns, dataset.classes.length);
  return resolved;
};
