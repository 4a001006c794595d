// Files are written whole or not at all: every write goes to a temporary name beside its target and is renamed
// over it after an fsync, so a reader never meets half a file and a full disk leaves the old one in place.
import { mkdirSync, readFileSync } from 'node:fs';
import { dirname } from 'node:path';
import writeFileAtomic from 'write-file-atomic';
import { UserError } from './errors.ts';

const HINTS: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full: free some space; nothing was overwritten',
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

/** Creates `folder` and its parents. Throws UserError when that is not possible. */
export const makeFolder = (folder: string): void => {
  try {
    mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw writeFailure(folder, error);
  }
};

/** Writes `content` to `path` whole or not at all, creating parent folders. */
export const writeFileWhole = (path: string, content: string | Uint8Array): void => {
  makeFolder(dirname(path));
  try {
    writeFileAtomic.sync(
      path,
      typeof content === 'string'
        ? content
        : Buffer.from(content.buffer, content.byteOffset, content.byteLength),
    );
  } catch (error) {
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
