// Writing an emitted folder whole or not at all: every file goes into a temporary folder beside the target, which is
// then renamed into place. Only a folder that bitsim emitted, with its files as bitsim wrote them, is replaced
// unasked; files of the user's are never.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, renameSync, rmSync, statSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { type Bundle, EMISSION_FORMAT, type EmissionManifest } from '../codegen/bundle.ts';
import { UserError } from '../util/errors.ts';
import { makeFolder, writeFileWhole } from '../util/files.ts';

/** What `make` leaves in an emitted folder; goes with it. */
const BUILD = 'build';

const refuse = (folder: string, rule: string, value: string, hint: string): UserError =>
  new UserError({ subject: `output folder ${folder}`, rule, value, hint, code: 'BITSIM_EMIT_FOLDER' });

const emissionOf = (folder: string): EmissionManifest | undefined => {
  try {
    const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8')) as EmissionManifest;
    return manifest.format === EMISSION_FORMAT ? manifest : undefined;
  } catch {
    return undefined;
  }
};

const filesUnder = (folder: string, prefix = ''): string[] =>
  readdirSync(join(folder, prefix), { withFileTypes: true }).flatMap((entry) => {
    const path = prefix === '' ? entry.name : `${prefix}/${entry.name}`;
    return entry.isDirectory() ? (path === BUILD ? [] : filesUnder(folder, path)) : [path];
  });

const digestOf = (path: string): string => createHash('sha256').update(readFileSync(path)).digest('hex');

const WRITTEN_BESIDE: readonly string[] = ['manifest.json', 'SHA256SUMS'];

/** The first file that is not as bitsim emitted it: added or altered. */
const changedFile = (folder: string, manifest: EmissionManifest): string | undefined =>
  filesUnder(folder).find((path) => {
    if (WRITTEN_BESIDE.includes(path)) return false;
    return manifest.files[path] !== digestOf(join(folder, path));
  });

/** Throws UserError when `folder` may not be replaced: foreign, or changed by the user and not forced. */
export const checkReplaceable = (folder: string, force: boolean): void => {
  if (!existsSync(folder)) return;
  if (!statSync(folder).isDirectory()) {
    throw refuse(folder, 'be a folder', 'a file', 'choose another with --out');
  }
  if (readdirSync(folder).length === 0) return;
  const manifest = emissionOf(folder);
  if (manifest === undefined) {
    throw refuse(
      folder,
      'be new, empty, or one that bitsim emitted',
      'a folder with other files',
      'choose another with --out; --force does not change this',
    );
  }
  const changed = force ? undefined : changedFile(folder, manifest);
  if (changed === undefined) return;
  throw refuse(
    folder,
    'be as bitsim emitted it',
    `one in which ${changed} was added or changed`,
    'keep it by choosing another --out, or lose the changes with --force',
  );
};

const swap = (from: string, to: string): void => {
  if (!existsSync(to)) {
    renameSync(from, to);
    return;
  }
  const old = `${to}.old-${process.pid}`;
  renameSync(to, old);
  renameSync(from, to);
  rmSync(old, { recursive: true, force: true });
};

/** Writes `files` (relative path to text) under `folder`, which may exist; no check of what is replaced. */
export const writeFolder = (folder: string, files: Bundle['files']): void => {
  const target = resolve(folder);
  const temporary = `${target}.tmp-${process.pid}`;
  makeFolder(dirname(target));
  try {
    for (const [path, text] of files) writeFileWhole(join(temporary, path), text);
    swap(temporary, target);
  } catch (error) {
    if (error instanceof UserError || !(error as NodeJS.ErrnoException).code) throw error;
    throw refuse(folder, 'be writable', (error as NodeJS.ErrnoException).code!, 'choose another with --out');
  } finally {
    rmSync(temporary, { recursive: true, force: true });
  }
};

/** Writes an emission to `folder`, see checkReplaceable. */
export const writeBundle = (folder: string, bundle: Bundle, force: boolean): void => {
  checkReplaceable(folder, force);
  writeFolder(folder, bundle.files);
};
