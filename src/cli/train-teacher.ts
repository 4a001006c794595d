// `--teacher RUN`: the run whose answers are learned, held against the digest that was recorded when training began.
import { readCheckpoint } from '../model/checkpoint.ts';
import type { Dataset } from '../model/dataset.ts';
import type { Checkpoint, TrainOptions } from '../model/training.ts';
import { checkTeacher } from '../train/teacher.ts';
import { UserError } from '../util/errors.ts';
import { runPaths } from './run-folder.ts';
import { fileDigest, type RunManifest } from './run-manifest.ts';

export interface TeacherRun {
  readonly checkpoint: Checkpoint;
  /** Folder as the user gave it, and the digest of its checkpoint. */
  readonly source: NonNullable<RunManifest['teacher']>;
}

const load = (folder: string, dataset: Dataset): TeacherRun => {
  const path = runPaths(folder).checkpoint;
  const checkpoint = readCheckpoint(path);
  checkTeacher(checkpoint, [dataset.train.height, dataset.train.width], dataset.classes);
  return { checkpoint, source: { run: folder, sha256: fileDigest(path) } };
};

/** A teacher and its share of the target go together: neither means anything without the other. */
export const loadTeacher = (
  folder: string | undefined,
  options: TrainOptions,
  dataset: Dataset,
): TeacherRun | undefined => {
  if (folder !== undefined && options.distill > 0) return load(folder, dataset);
  if (folder === undefined && options.distill === 0) return undefined;
  throw new UserError({
    subject: folder === undefined ? '--distill' : '--teacher',
    rule: folder === undefined ? 'come with --teacher RUN' : 'come with a --distill above 0',
    value: folder === undefined ? String(options.distill) : `${folder} with --distill 0`,
    code: 'BITSIM_TRAIN_TEACHER',
  });
};

/** The teacher of a run that goes on: the recorded one, or the same in another folder. */
export const reloadTeacher = (
  manifest: RunManifest,
  folder: string | undefined,
  dataset: Dataset,
): TeacherRun | undefined => {
  const recorded = manifest.teacher;
  const teacher = loadTeacher(folder ?? recorded?.run, manifest.options, dataset);
  if (teacher?.source.sha256 === recorded?.sha256) return teacher;
  throw new UserError({
    subject: '--teacher',
    rule: `be the run that training began with (sha256 ${recorded?.sha256.slice(0, 12)}...)`,
    value: `another (sha256 ${teacher?.source.sha256.slice(0, 12)}...)`,
    hint: 'name the folder of the original with --teacher',
    code: 'BITSIM_TRAIN_TEACHER',
  });
};
