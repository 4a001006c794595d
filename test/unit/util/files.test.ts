// Files are written whole or not at all, and failures are the user's to mend.
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { UserError } from '../../../src/util/errors.ts';
import { makeFolder, readFileWhole, writeFileWhole } from '../../../src/util/files.ts';
import { temporaryFolder } from '../../support/emitted.ts';

const failure = (action: () => void): UserError => {
  try {
    action();
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }
  throw new Error('nothing was thrown');
};

test('text and bytes arrive as they are, in folders that did not exist, and nothing else is left', () => {
  const folder = temporaryFolder();
  writeFileWhole(join(folder, 'a/b/text'), 'é\n');
  writeFileWhole(join(folder, 'a/b/bytes'), Uint8Array.of(0, 255, 10));
  expect(readFileSync(join(folder, 'a/b/text'), 'utf8')).toBe('é\n');
  expect([...readFileWhole(join(folder, 'a/b/bytes'), 'test file')]).toEqual([0, 255, 10]);
  expect(readdirSync(join(folder, 'a/b')).sort()).toEqual(['bytes', 'text']);
});

test('an old file is replaced, by a shorter one too', () => {
  const path = join(temporaryFolder(), 'file');
  writeFileWhole(path, 'long and old');
  writeFileWhole(path, 'new');
  expect(readFileSync(path, 'utf8')).toBe('new');
});

test('a folder in the way: a clear error, the folder untouched, no temporary file left', () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'taken'));
  writeFileSync(join(folder, 'taken/kept'), 'kept');
  const error = failure(() => writeFileWhole(join(folder, 'taken'), 'text'));
  expect(error.code).toBe('BITSIM_FILE_WRITE');
  expect(error.message).toMatch(/^output .*taken must be writable, not E\w+; /);
  expect(readdirSync(folder)).toEqual(['taken']);
  expect(readFileSync(join(folder, 'taken/kept'), 'utf8')).toBe('kept');
});

test('a file where a folder is needed', () => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'file'), '');
  expect(failure(() => writeFileWhole(join(folder, 'file/below'), 'x')).code).toBe('BITSIM_FILE_WRITE');
  expect(failure(() => makeFolder(join(folder, 'file'))).code).toBe('BITSIM_FILE_WRITE');
});

test('reading what is missing, and reading a folder', () => {
  const folder = temporaryFolder();
  const missing = failure(() => readFileWhole(join(folder, 'none'), 'network file'));
  expect(missing.message).toMatch(/^network file .*none must be readable, not missing$/);
  expect(missing.code).toBe('BITSIM_FILE_READ');
  expect(failure(() => readFileWhole(folder, 'network file')).message).toMatch(/not EISDIR/);
});
