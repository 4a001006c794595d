// Before the first training step: which run this is (new or resumed), with which data and options, and whether its
// folder may be written. Everything that can be refused is refused here.
import { existsSync, rmSync } from 'node:fs';
import { loadDataset } from '../data/index.ts';
import { readCheckpoint } from '../model/checkpoint.ts';
import type { Dataset } from '../model/dataset.ts';
import type { BackendName, Checkpoint, TrainOptions } from '../model/training.ts';
import { PRESETS, resolveOptions } from '../train/options.ts';
import { UserError } from '../util/errors.ts';
import { loadRunData } from './run-data.ts';
import {
  freshFolder,
  latestUnfinishedRun,
  nameFrom,
  nameOfFolder,
  type RunPaths,
  requireWritable,
  runPaths,
} from './run-folder.ts';
import { isRun, type RunManifest, readManifest } from './run-manifest.ts';
import { readTrainConfig } from './train-config.ts';
import { loadTeacher, reloadTeacher, type TeacherRun } from './train-teacher.ts';

/** What the user asked for on the command line; absent fields were not given. */
export interface TrainRequest {
  readonly options: Partial<TrainOptions>;
  /** A file of options; what is in `options` wins over it. */
  readonly config?: string | undefined;
  readonly preset?: string | undefined;
  readonly data?: string | undefined;
  /** Run whose answers are learned. */
  readonly teacher?: string | undefined;
  readonly out?: string | undefined;
  readonly name?: string | undefined;
  readonly backend: BackendName | 'auto';
  readonly force: boolean;
  /** A run to go on with; `true` for the latest. */
  readonly resume?: string | true | undefined;
}

export interface TrainStart {
  readonly paths: RunPaths;
  readonly name: string;
  readonly preset: string | null;
  readonly dataset: Dataset;
  readonly dataFolder: string | undefined;
  readonly options: TrainOptions;
  readonly backend: BackendName | 'auto';
  readonly teacher: TeacherRun | undefined;
  readonly checkpoint?: Checkpoint | undefined;
  /** Of the run that is resumed. */
  readonly manifest?: RunManifest | undefined;
}

const taken = (folder: string, value: string, hint: string): UserError =>
  new UserError({
    subject: `output folder ${folder}`,
    rule: 'not hold a run already',
    value,
    hint,
    code: 'BITSIM_RUN_EXISTS',
  });

/** Refuses a folder with a run in it, unless forced; with force its results are removed. */
export const claimFolder = (paths: RunPaths, force: boolean): void => {
  const { folder, network, checkpoint, manifest, metrics, verification } = paths;
  const found = [network, checkpoint, manifest].filter((file) => existsSync(file));
  if (found.length === 0) return;
  if (existsSync(manifest) && !isRun(paths)) {
    throw taken(
      folder,
      'a manifest.json that bitsim train did not write',
      'choose another folder with --out',
    );
  }
  const finished = existsSync(network);
  if (!force && finished)
    throw taken(folder, 'a finished one', 'replace it with --force, or choose another --out');
  if (!force)
    throw taken(folder, 'an unfinished one', `go on with --resume ${folder}, or replace it with --force`);
  for (const file of [network, metrics, checkpoint, verification, manifest]) rmSync(file, { force: true });
};

const checkName = (name: string): string => {
  if (nameFrom(name) === name) return name;
  throw new UserError({
    subject: '--name',
    rule: 'be letters, digits, - and _, a letter first, at most 64',
    value: `"${name}"`,
    hint: `for example ${nameFrom(name)}`,
    code: 'BITSIM_CLI_VALUE',
  });
};

const nameOf = (request: TrainRequest, dataset: Dataset, options: TrainOptions): string => {
  if (request.name !== undefined) return checkName(request.name);
  if (request.out !== undefined) return nameOfFolder(request.out);
  return nameFrom(request.preset ?? [dataset.name, ...options.hidden].join('-'));
};

/** Share of the target that a teacher gets when none is said. */
const DISTILL = 0.5;

const startNew = (request: TrainRequest): TrainStart => {
  const preset = request.preset === undefined ? {} : { preset: request.preset };
  const dataset = loadDataset(request.data);
  const fromFile = request.config === undefined ? {} : readTrainConfig(request.config);
  const taught = request.teacher === undefined ? {} : { distill: DISTILL };
  const options = resolveOptions({ ...taught, ...fromFile, ...request.options, ...preset }, dataset);
  const teacher = loadTeacher(request.teacher, options, dataset);
  const name = nameOf(request, dataset, options);
  const paths = runPaths(request.out ?? freshFolder(name));
  claimFolder(paths, request.force);
  requireWritable(paths.folder);
  const { data: dataFolder, backend } = request;
  return { paths, name, preset: request.preset ?? null, dataset, dataFolder, options, backend, teacher };
};

const conflict = (option: string, recorded: unknown, asked: unknown): UserError =>
  new UserError({
    subject: `${option} on --resume`,
    rule: `be left out, or be ${recorded} as the run began`,
    value: String(asked),
    hint: 'a resumed run keeps its options; start another without --resume',
    code: 'BITSIM_RUN_RESUME',
  });

const OPTION_NAMES: Readonly<Record<keyof TrainOptions, string>> = {
  hidden: '--hidden',
  inputBits: '--input-bits',
  actBits: '--act-bits',
  weights: '--weights',
  requant: '--requant',
  bias: '--bias',
  epochs: '--epochs',
  batch: '--batch',
  learningRate: '--lr',
  labelSmoothing: '--label-smoothing',
  augmentShare: '--augment-share',
  augmentShift: '--augment-shift',
  inputCrop: '--input-crop',
  inputPool: '--input-pool',
  ternarize: '--ternarize',
  threshold: '--threshold',
  zeros: '--zeros',
  fanIn: '--fan-in',
  optimizer: '--optimizer',
  schedule: '--schedule',
  dropout: '--dropout',
  distill: '--distill',
  temperature: '--temperature',
  validation: '--validation',
  augmentRotate: '--augment-rotate',
  augmentScale: '--augment-scale',
  augmentElastic: '--augment-elastic',
  seed: '--seed',
};

const checkSame = (request: TrainRequest, manifest: RunManifest): void => {
  const preset = request.preset === undefined ? {} : PRESETS[request.preset]?.options;
  if (preset === undefined) throw conflict('--preset', manifest.preset, request.preset);
  for (const [key, asked] of Object.entries({ ...preset, ...request.options })) {
    const recorded = manifest.options[key as keyof TrainOptions];
    if (String(asked) !== String(recorded))
      throw conflict(OPTION_NAMES[key as keyof TrainOptions], recorded, asked);
  }
  if (request.config !== undefined) throw conflict('--config', 'the options recorded', request.config);
  if (request.name !== undefined && request.name !== manifest.name)
    throw conflict('--name', manifest.name, request.name);
  if (request.backend !== 'auto' && request.backend !== manifest.backend) {
    throw conflict('--backend', manifest.backend, request.backend);
  }
};

const resumedPaths = ({ resume, out }: TrainRequest): RunPaths => {
  const path = resume === true ? out : resume;
  if (path === undefined) return latestUnfinishedRun(isRun);
  if (out !== undefined && out !== path) throw conflict('--out', path, out);
  return runPaths(path);
};

const checkCheckpoint = (paths: RunPaths, checkpoint: Checkpoint, manifest: RunManifest): void => {
  const same = JSON.stringify(checkpoint.options) === JSON.stringify(manifest.options);
  if (same && checkpoint.backend === manifest.backend) return;
  throw new UserError({
    subject: `checkpoint ${paths.checkpoint}`,
    rule: `belong to the run of ${paths.manifest}`,
    value: 'to one with other options',
    code: 'BITSIM_RUN_RESUME',
  });
};

const startResumed = (request: TrainRequest): TrainStart => {
  const paths = resumedPaths(request);
  const manifest = readManifest(paths);
  if (manifest === undefined) {
    throw new UserError({
      subject: `--resume ${paths.folder}`,
      rule: 'name a run that bitsim train began',
      value: existsSync(paths.folder) ? 'a folder without its manifest.json' : 'a missing folder',
      code: 'BITSIM_RUN_RESUME',
    });
  }
  checkSame(request, manifest);
  const checkpoint = existsSync(paths.checkpoint) ? readCheckpoint(paths.checkpoint) : undefined;
  if (checkpoint !== undefined) checkCheckpoint(paths, checkpoint, manifest);
  const dataset = loadRunData(manifest, request.data, ['train', 'test']);
  const teacher = reloadTeacher(manifest, request.teacher, dataset);
  requireWritable(paths.folder);
  const dataFolder = request.data ?? manifest.data.folder ?? undefined;
  const { name, preset, options, backend } = manifest;
  return { paths, name, preset, dataset, dataFolder, options, backend, teacher, checkpoint, manifest };
};

/** Decides what is trained, and where. Throws UserError for everything that cannot work. */
export const startTraining = (request: TrainRequest): TrainStart =>
  request.resume === undefined ? startNew(request) : startResumed(request);
