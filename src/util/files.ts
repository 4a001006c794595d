// Files are written whole or not at all: every write goes to a temporary name beside its target and is renamed
// over it after an fsync, so a reader never meets half a file and a full disk leaves the old one in place.
import {
  closeSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { dirname, resolve } from 'node:path';
import { UserError } from './errors.ts';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space; nothing was overwritten',
  EFBIG: 'the file is larger than this place allows: choose another folder',
  ENOENT: 'no folder can be made there: choose another one',
  EDQUOT: 'the disk quota is used up: free some space; nothing was overwritten',
  EACCES: 'permission was denied: choose another folder',
  EPERM: 'permission was denied: choose another folder',
  EROFS: 'the file system is read-only: choose another folder',
  ENOTDIR: 'a part of the path is a file: choose another folder',
  EEXIST: 'a file of that name is in the way: choose another folder',
  EISDIR: 'a folder of that name is in the way: choose another name',
};

const errno = (error: unknown): string => (error as NodeJS.ErrnoException)?.code ?? 'unknown error';

const writeFailure = (path: string, error: unknown): UserError =>
  new UserError({
    subject: `output ${path}`,
    rule: 'be writable',
    value: errno(error),
    hint: HINTS[errno(error)],
    code: 'BITSIM_FILE_WRITE',
    cause: error,
  });

const isFolder = (path: string): boolean => statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;

/** Not `mkdirSync(..., { recursive: true })`: that never returns where mkdir says ENOENT under a folder that exists (/proc). */
const makeFolders = (folder: string): void => {
  if (isFolder(folder)) return;
  const parent = dirname(folder);
  if (statSync(parent, { throwIfNoEntry: false }) === undefined) makeFolders(parent);
  try {
    mkdirSync(folder);
  } catch (error) {
    if (!isFolder(folder)) throw error;
  }
};

/** Creates `folder` and its parents. Throws UserError when that is not possible. */
export const makeFolder = (folder: string): void => {
  try {
    makeFolders(resolve(folder));
  } catch (error) {
    throw writeFailure(folder, error);
  }
};

/** writeFileSync goes on after a short write, as a disk that is getting full makes it, until all is written or fails. */
const writeSynced = (path: string, content: string | Uint8Array): void => {
  const file = openSync(path, 'w');
  try {
    writeFileSync(file, content);
    fsyncSync(file);
  } finally {
    closeSync(file);
  }
};

/** Writes `content` to `path` whole or not at all, creating parent folders. */
export const writeFileWhole = (path: string, content: string | Uint8Array): void => {
  makeFolder(dirname(path));
  const temporary = `${path}.tmp-${process.pid}`;
  try {
    writeSynced(temporary, content);
    renameSync(temporary, path);
  } catch (error) {
    rmSync(temporary, { force: true });
    throw writeFailure(path, error);
  }
};

/** Reads a whole file. `what` names it in the error, e.g. `network file`. */
export const readFileWhole = (path: string, what: string): Buffer => {
  try {
    return readFileSync(path);
  } catch (error) {
    throw new UserError({
      subject: `${what} ${path}`,
      rule: 'be readable',
      value: errno(error) === 'ENOENT' ? 'missing' : errno(error),
      code: 'BITSIM_FILE_READ',
      cause: error,
    });
  }
};
