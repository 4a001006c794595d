// Writing a folder whole or not at all.
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeFolder } from '../../../src/cli/emitted-folder.ts';
import { UserError } from '../../../src/util/errors.ts';
import { temporaryFolder } from '../../support/emitted.ts';

const FILES = new Map([
  ['a.txt', 'a'],
  ['deep/b.txt', 'b'],
]);

test('a folder is replaced as a whole: nothing of before stays', () => {
  const folder = join(temporaryFolder(), 'x');
  writeFolder(folder, FILES);
  writeFileSync(join(folder, 'stale.txt'), 'old');
  writeFolder(folder, FILES);
  expect(readdirSync(folder).sort()).toEqual(['a.txt', 'deep']);
  expect(readFileSync(join(folder, 'deep/b.txt'), 'utf8')).toBe('b');
  expect(readdirSync(join(folder, '..'))).toEqual(['x']);
});

test('a failure half-way leaves the old folder and no other', () => {
  const parent = temporaryFolder();
  const folder = join(parent, 'x');
  mkdirSync(folder);
  writeFileSync(join(folder, 'old.txt'), 'old');
  const impossible = new Map([...FILES, ['a.txt/c.txt', 'a file is in the way']]);
  expect(() => writeFolder(folder, impossible)).toThrow(UserError);
  expect(readdirSync(parent)).toEqual(['x']);
  expect(readdirSync(folder)).toEqual(['old.txt']);
  expect(existsSync(join(folder, 'a.txt'))).toBe(false);
});
