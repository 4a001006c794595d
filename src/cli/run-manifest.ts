// manifest.json of a run: everything that decides its result (versions, backend, seed, options, data digests) and what
// it wrote. Written before training (status "training") and again at the end ("finished"); no dates, and no paths but
// those that the user gave.
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { basename } from 'node:path';
import { z } from 'zod';
import type { Dataset } from '../model/dataset.ts';
import { trainOptionsSchema } from '../model/train-options.ts';
import { BACKENDS } from '../model/training.ts';
import { UserError } from '../util/errors.ts';
import { readFileWhole, writeFileWhole } from '../util/files.ts';
import type { RunPaths } from './run-folder.ts';

const RUN_FORMAT = 'bitsim-run';

const sha256 = z.string().regex(/^[0-9a-f]{64}$/);

const manifestSchema = z.strictObject({
  format: z.literal(RUN_FORMAT),
  version: z.literal(1),
  status: z.enum(['training', 'finished']),
  tool: z.string(),
  node: z.string(),
  tfjs: z.string(),
  backend: z.enum(BACKENDS),
  name: z.string(),
  preset: z.string().nullable(),
  seed: z.int(),
  options: trainOptionsSchema,
  data: z.strictObject({
    /** As the user gave it; null for the embedded digits. */
    folder: z.string().nullable(),
    name: z.string(),
    train: z.strictObject({ images: z.int(), sha256 }),
    test: z.strictObject({ images: z.int(), sha256 }),
  }),
  /** The run whose answers were learned: its folder as the user gave it, its checkpoint's digest; null for none. */
  teacher: z.strictObject({ run: z.string(), sha256 }).nullable(),
  /** Arguments of the command that began the run. */
  command: z.array(z.string()),
  /** SHA-256 of every file that the run wrote, by name; empty while training. */
  files: z.record(z.string(), sha256),
});

export type RunManifest = z.infer<typeof manifestSchema>;

export const manifestHeader = { format: RUN_FORMAT, version: 1 } as const;

export const describeData = (dataset: Dataset, folder: string | undefined): RunManifest['data'] => ({
  folder: folder ?? null,
  name: dataset.name,
  train: { images: dataset.train.count, sha256: dataset.digests.train },
  test: { images: dataset.test.count, sha256: dataset.digests.test },
});

export const writeManifest = (paths: RunPaths, manifest: RunManifest): void =>
  writeFileWhole(paths.manifest, `${JSON.stringify(manifestSchema.parse(manifest), null, 2)}\n`);

const refuse = (path: string, value: string): never => {
  throw new UserError({
    subject: `run manifest ${path}`,
    rule: 'be one that bitsim train wrote',
    value,
    hint: 'train again with --force',
    code: 'BITSIM_RUN_MANIFEST',
  });
};

const parseJson = (path: string): unknown => {
  const text = readFileWhole(path, 'run manifest').toString('utf8');
  try {
    return JSON.parse(text);
  } catch {
    return refuse(path, 'text that is not JSON');
  }
};

/** Whether the folder's manifest.json is a run's (an emitted folder has another one). */
export const isRun = (paths: RunPaths): boolean => {
  if (!existsSync(paths.manifest)) return false;
  try {
    return (
      (JSON.parse(readFileWhole(paths.manifest, 'manifest').toString('utf8')) as RunManifest).format ===
      RUN_FORMAT
    );
  } catch {
    return false;
  }
};

/** The manifest of a run, or undefined when there is none. Throws UserError when it is not a run's. */
export const readManifest = (paths: RunPaths): RunManifest | undefined => {
  if (!existsSync(paths.manifest)) return undefined;
  const result = manifestSchema.safeParse(parseJson(paths.manifest));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  return refuse(paths.manifest, `${issue.path.join('.') || 'file'}: ${issue.message}`);
};

/** SHA-256 of a file, hex. */
export const fileDigest = (path: string): string =>
  createHash('sha256').update(readFileWhole(path, 'file')).digest('hex');

export const fileDigests = (paths: readonly string[]): Record<string, string> =>
  Object.fromEntries(paths.map((path) => [basename(path), fileDigest(path)]));
