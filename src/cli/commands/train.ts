// `bitsim train`: trains a net and writes its run.
import { BACKENDS } from '../../model/training.ts';
import { CHANGES } from '../../train/blog/options.ts';
import { PRESETS } from '../../train/options.ts';
import { ExitCode, UserError } from '../../util/errors.ts';
import { choice, decimal, flag, given, integer, integers, text } from '../args.ts';
import type { BlogRequest } from '../blog-run.ts';
import type { CommandSpec, Context } from '../command.ts';
import { printNext } from '../next.ts';
import type { ParsedArgs } from '../parse.ts';
import type { TrainResult } from '../train-run.ts';
import type { TrainRequest } from '../train-start.ts';

const OPTIONS: CommandSpec['options'] = [
  {
    name: 'data',
    value: 'DIR',
    describe: 'folder with the four MNIST IDX files, plain or .gz (default: 10,000 embedded digits)',
  },
  {
    name: 'preset',
    value: 'P',
    choices: Object.keys(PRESETS),
    describe: `starting point: ${Object.keys(PRESETS).join(', ')}`,
  },
  { name: 'hidden', value: 'N,N', describe: 'sizes of the hidden layers (default 1024)' },
  {
    name: 'epochs',
    value: 'N',
    describe: 'passes over the training images (default 8; 40 on up to 20,000 images)',
  },
  { name: 'batch', value: 'N', describe: 'images a step (default 256; 64 on up to 20,000 images)' },
  {
    name: 'lr',
    value: 'X',
    describe: 'learning rate of Adam, falls to 0 along a half cosine (default 0.03)',
  },
  {
    name: 'optimizer',
    value: 'O',
    choices: ['adam', 'rmsprop', 'sgd'],
    describe: 'adam (default), rmsprop or sgd (momentum 0.9)',
  },
  {
    name: 'schedule',
    value: 'S',
    choices: ['cosine', 'linear', 'constant'],
    describe: 'how the learning rate falls: cosine (default), linear or constant',
  },
  { name: 'input-crop', value: 'N', describe: 'cut N pixels from each edge first (default 0)' },
  { name: 'input-pool', value: 'N', describe: 'sum windows of N x N pixels into one input (default 1)' },
  { name: 'input-bits', value: '1..8', describe: 'bits of an input code (default 7)' },
  { name: 'act-bits', value: '1..8', describe: 'bits of a hidden code (default 8)' },
  {
    name: 'weights',
    value: 'A',
    choices: ['ternary', 'binary'],
    describe: 'ternary (-1, 0, +1; default) or binary (-1, +1)',
  },
  {
    name: 'requant',
    value: 'R',
    choices: ['static', 'dynamic', 'thresholds'],
    describe:
      'static (one shift a layer; default), dynamic (one an image and layer) or thresholds (trained, of each neuron; --act-bits 1..4)',
  },
  {
    name: 'bias',
    value: 'B',
    choices: ['off', 'on'],
    describe: 'off (default) or on: trained integer biases',
  },
  {
    name: 'ternarize',
    value: 'T',
    choices: ['fixed', 'absmean'],
    describe: 'zero up to a fixed threshold (fixed, default) or up to a factor of the mean latent (absmean)',
  },
  { name: 'threshold', value: 'X', describe: 'that threshold or factor (default 0.5)' },
  {
    name: 'zeros',
    value: 'X',
    describe: 'prune gradually until this share of each layer is zero (default 0)',
  },
  {
    name: 'fan-in',
    value: 'N',
    describe: 'prune gradually to N non-zero weights a neuron (default 0: no limit)',
  },
  {
    name: 'label-smoothing',
    value: 'X',
    describe: 'share of the target spread over all classes (default 0.1)',
  },
  {
    name: 'augment-share',
    value: 'X',
    describe: 'augment a share X of the training images each epoch, feed the others as they are (default 1)',
  },
  { name: 'augment-shift', value: 'N', describe: 'shift training images by up to N pixels (default 1)' },
  { name: 'augment-rotate', value: 'X', describe: 'turn training images by up to X degrees (default 0)' },
  { name: 'augment-scale', value: 'X', describe: 'scale each axis by up to a share X (default 0)' },
  { name: 'augment-elastic', value: 'X', describe: 'bend training images by up to X pixels (default 0)' },
  { name: 'dropout', value: 'X', describe: 'drop a share X of the hidden codes while training (default 0)' },
  {
    name: 'teacher',
    value: 'RUN',
    describe: 'learn the answers of that run, too',
  },
  { name: 'distill', value: 'X', describe: 'their share of the target (default 0.5 with a teacher)' },
  { name: 'temperature', value: 'X', describe: 'softens them (default 1)' },
  {
    name: 'validation',
    value: 'N',
    describe: 'hold N training images out and measure on them; no test image is read (default 0)',
  },
  {
    name: 'recipe',
    value: 'R',
    choices: ['bitsim', 'blog'],
    describe: 'bitsim (default), or blog: the experiment that stalls near 70 %, not for hardware',
  },
  { name: 'seeds', value: 'N', describe: 'with --recipe blog: so many seeds, from --seed on (default 1)' },
  { name: 'change', value: 'C,C', describe: `with --recipe blog: ${Object.keys(CHANGES).join(', ')}` },
  {
    name: 'config',
    value: 'FILE',
    describe:
      'JSON file of options by their names in a run manifest, or such a manifest; options given here win',
  },
  { name: 'seed', value: 'N', describe: 'seed of everything random (default 1)' },
  {
    name: 'backend',
    value: 'B',
    choices: ['auto', ...BACKENDS],
    describe: 'auto (default: the first that starts), node, wasm or cpu',
  },
  {
    name: 'out',
    value: 'RUN',
    describe: 'folder of the run (default out/NAME, or out/NAME-2 ... when it is taken)',
  },
  {
    name: 'name',
    value: 'NAME',
    describe: 'name of the net (default: from --out, the preset, or data and sizes)',
  },
  {
    name: 'resume',
    value: 'RUN',
    optionalValue: true,
    describe: 'go on with a run that was stopped (default: the latest)',
  },
  { name: 'force', describe: 'replace the run that --out holds' },
];

const ANY = { min: 0 } as const;

const requestOf = (args: ParsedArgs): TrainRequest => ({
  config: text(args, 'config'),
  options: given({
    inputCrop: integer(args, 'input-crop', ANY),
    inputPool: integer(args, 'input-pool', { min: 1 }),
    ternarize: choice(args, 'ternarize', ['fixed', 'absmean'] as const),
    threshold: decimal(args, 'threshold'),
    zeros: decimal(args, 'zeros'),
    fanIn: integer(args, 'fan-in', ANY),
    optimizer: choice(args, 'optimizer', ['adam', 'rmsprop', 'sgd'] as const),
    schedule: choice(args, 'schedule', ['cosine', 'linear', 'constant'] as const),
    dropout: decimal(args, 'dropout'),
    distill: decimal(args, 'distill'),
    temperature: decimal(args, 'temperature'),
    validation: integer(args, 'validation', ANY),
    augmentShare: decimal(args, 'augment-share'),
    augmentRotate: decimal(args, 'augment-rotate'),
    augmentScale: decimal(args, 'augment-scale'),
    augmentElastic: decimal(args, 'augment-elastic'),
    hidden: integers(args, 'hidden', { min: 1 }),
    inputBits: integer(args, 'input-bits', { min: 1, max: 8 }),
    actBits: integer(args, 'act-bits', { min: 1, max: 8 }),
    weights: choice(args, 'weights', ['ternary', 'binary'] as const),
    requant: choice(args, 'requant', ['static', 'dynamic', 'thresholds'] as const),
    bias: choice(args, 'bias', ['off', 'on'] as const),
    epochs: integer(args, 'epochs', { min: 1 }),
    batch: integer(args, 'batch', { min: 1 }),
    learningRate: decimal(args, 'lr'),
    labelSmoothing: decimal(args, 'label-smoothing'),
    augmentShift: integer(args, 'augment-shift', ANY),
    seed: integer(args, 'seed', ANY),
  }),
  preset: choice(args, 'preset', Object.keys(PRESETS)),
  data: text(args, 'data'),
  teacher: text(args, 'teacher'),
  out: text(args, 'out'),
  name: text(args, 'name'),
  backend: choice(args, 'backend', ['auto', ...BACKENDS] as const) ?? 'auto',
  force: flag(args, 'force'),
  resume: args.options.get('resume'),
});

/** The JSON object of `--json`. */
export const trainJson = ({ start, metrics, zeros, manifest, checkpoint }: TrainResult): object => ({
  command: 'train',
  run: start.paths.folder,
  name: start.name,
  tool: manifest.tool,
  backend: manifest.backend,
  tfjs: manifest.tfjs,
  options: manifest.options,
  data: manifest.data,
  teacher: manifest.teacher,
  [start.options.validation > 0 ? 'validation' : 'test']: metrics,
  layers: zeros,
  epochs: checkpoint.history.map(({ lossCurve: _, ...record }) => record),
  files: manifest.files,
});

/** Options that mean something to the experiment of the blog. */
const BLOG_OPTIONS = new Set([
  ...['recipe', 'seeds', 'change', 'data', 'epochs', 'batch', 'seed', 'backend', 'out', 'force', 'resume'],
  ...['json', 'debug', 'help'],
]);

const blogRequest = (args: ParsedArgs): BlogRequest => ({
  changes: (text(args, 'change') ?? '').split(',').filter((name) => name !== ''),
  options: given({
    epochs: integer(args, 'epochs', { min: 1 }),
    batch: integer(args, 'batch', { min: 1 }),
  }),
  data: text(args, 'data'),
  seed: integer(args, 'seed', ANY) ?? 1,
  seeds: integer(args, 'seeds', { min: 1, max: 1000 }) ?? 1,
  backend: choice(args, 'backend', ['auto', ...BACKENDS] as const) ?? 'auto',
  out: text(args, 'out'),
  force: flag(args, 'force'),
  resume: args.options.get('resume'),
});

const runExperiment = async (args: ParsedArgs, context: Context): Promise<number> => {
  const stranger = [...args.options.keys()].find((name) => !BLOG_OPTIONS.has(name));
  if (stranger !== undefined) {
    throw new UserError({
      subject: `--${stranger}`,
      rule: 'be left out with --recipe blog, which fixes it',
      hint: 'single changes to the experiment: --change',
      code: 'BITSIM_CLI_VALUE',
    });
  }
  const request = blogRequest(args);
  const { blogRun } = await import('../blog-run.ts');
  const { report, json } = await blogRun(request, context);
  context.terminal.print(`\n${report}`);
  context.terminal.result(json);
  return ExitCode.ok;
};

const refuseBlogOptions = (args: ParsedArgs): void => {
  for (const name of ['seeds', 'change'].filter((option) => args.options.has(option))) {
    throw new UserError({
      subject: `--${name}`,
      rule: 'come with --recipe blog',
      code: 'BITSIM_CLI_VALUE',
    });
  }
};

const run = async (args: ParsedArgs, context: Context): Promise<number> => {
  if (choice(args, 'recipe', ['bitsim', 'blog'] as const) === 'blog') return runExperiment(args, context);
  refuseBlogOptions(args);
  const request = requestOf(args);
  const [{ trainRun }, { trainingReport }, { table }] = await Promise.all([
    import('../train-run.ts'),
    import('../../report/training.ts'),
    import('../../report/table.ts'),
  ]);
  const result = await trainRun(request, context);
  const { terminal } = context;
  const { paths, options } = result.start;
  const measured = options.validation > 0 ? 'validation' : 'test';
  terminal.print(`\n${trainingReport(result.metrics, result.zeros, result.checkpoint.history, measured)}\n`);
  terminal.print(
    table(
      ['file', 'what'],
      [
        [paths.network, 'the net: integers only'],
        [paths.metrics, 'accuracy, confusion matrix, loss curve'],
        [paths.manifest, 'versions, options, digests'],
        [paths.checkpoint, 'latent weights, for verify and --resume'],
      ],
    ),
  );
  terminal.print('');
  printNext(terminal, [
    [`bitsim verify ${paths.folder}`, 'every integer, in every simulator'],
    [`bitsim emit ${paths.folder} --target verilog`, 'the design'],
    [`bitsim serve ${paths.folder}`, 'draw digits for it'],
  ]);
  terminal.result(trainJson(result));
  return ExitCode.ok;
};

export const trainCommand: CommandSpec = {
  name: 'train',
  summary: 'trains a net of ternary (or binary) weights and writes its run.',
  examples: [
    ['train', 'the default net, 784-1024-10, on the embedded digits'],
    ['train --preset demo', '784-64-10: half a minute, fits an iCE40'],
    [
      'train --data mnist --hidden 1024,256 --epochs 8',
      'two hidden layers on the full MNIST in the folder mnist',
    ],
    ['train --resume', 'goes on with the latest run that was stopped'],
    ['train --recipe blog --seeds 3', 'the experiment that stalls near 70 %, for comparison'],
  ],
  options: OPTIONS,
  run,
};
