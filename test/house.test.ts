// House rules that would rot if they were only written down: import directions, sizes, opening comments, no traces of
// machines, no orphan goldens. Each rule is a function of text, and is tried on a sample that breaks it.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { expect, test } from 'vitest';
import { functionSizes, trackedFiles } from './support/source.ts';

const sources = trackedFiles('src/**/*.ts', 'src/*.ts');
const read = (path: string): string => readFileSync(path, 'utf8');

/** Folders from the bottom up; folders on one row never import each other. */
const ROWS = [
  ['util'],
  ['num'],
  ['model'],
  ['layers', 'data'],
  ['train', 'quant', 'sim', 'arch'],
  ['codegen', 'synth', 'report'],
  ['cli'],
];
const rowOf = (folder: string): number => ROWS.findIndex((row) => row.includes(folder));
const folderOf = (path: string): string => path.split('/')[1]!;

const importsOf = (text: string): string[] =>
  [...text.matchAll(/(?:from|import)\s*\(?\s*['"]([^'"]+)['"]/g)].map((match) => match[1]!);

const wrongImports = (path: string, text: string): string[] => {
  const from = folderOf(path);
  return importsOf(text).filter((specifier) => {
    if (/^@tensorflow\//.test(specifier)) return from !== 'train';
    if (!specifier.startsWith('.')) return false;
    const to = folderOf(normalize(join(dirname(path), specifier)));
    if (to === from) return false;
    return rowOf(to) < 0 || rowOf(to) >= rowOf(from);
  });
};

const tooLong = (text: string): boolean => text.split('\n').length > 401;
const opensWithComment = (text: string): boolean => /^(#!.*\n)?\/\/ \S/.test(text);
const unexplained = (text: string): string[] =>
  text
    .split('\n')
    .filter(
      (line) => /biome-ignore|@ts-ignore|@ts-nocheck|@ts-expect-error/.test(line) && !/: .{10}/.test(line),
    );
const machineTraces = (text: string): string[] =>
  text.match(/\/work\/(main|shared)|\/root\/|\/home\/\w+|registry\.npmjs|artifactory|pkg\.dev/g) ?? [];

test('imports go downward, and only src/train knows tfjs', () => {
  const wrong = sources
    .filter((path) => path !== 'src/index.ts')
    .flatMap((path) => wrongImports(path, read(path)).map((specifier) => `${path} imports ${specifier}`));
  expect(wrong).toEqual([]);
  expect(wrongImports('src/sim/x.ts', "import { train } from '../train/train.ts';")).toHaveLength(1);
  expect(wrongImports('src/codegen/x.ts', "import { run } from '../synth/run.ts';")).toHaveLength(1);
  expect(wrongImports('src/num/x.ts', "import type { Network } from '../model/network.ts';")).toHaveLength(1);
  expect(wrongImports('src/quant/x.ts', "const tf = await import('@tensorflow/tfjs-core');")).toHaveLength(1);
  expect(wrongImports('src/cli/commands/x.ts', "import { emit } from '../../codegen/emit.ts';")).toEqual([]);
});

test('code generation is handed its golden vectors and never imports the simulator', () => {
  const wrong = sources.filter(
    (path) => /^src\/codegen\//.test(path) && importsOf(read(path)).some((s) => s.includes('/sim/')),
  );
  expect(wrong).toEqual([]);
});

test('every source file opens with a comment and fits one sitting', () => {
  expect(sources.filter((path) => !opensWithComment(read(path)))).toEqual([]);
  expect(sources.filter((path) => tooLong(read(path)))).toEqual([]);
  expect(tooLong('x\n'.repeat(402))).toBe(true);
  expect(opensWithComment('import x from "y";')).toBe(false);
});

test('no function is longer than 60 lines', () => {
  const long = sources.flatMap((path) => {
    const compiled = path.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js');
    return functionSizes(read(compiled))
      .filter(({ lines }) => lines > 60)
      .map(({ lines, line }) => `${compiled}:${line} has ${lines} lines`);
  });
  expect(long).toEqual([]);
  expect(functionSizes(`const f = () => {${'\n;'.repeat(70)}\n};`)[0]!.lines).toBeGreaterThan(60);
});

test('suppressions give a reason', () => {
  const files = trackedFiles('src/**/*.ts', 'test/**/*.ts', 'bench/**/*.ts').filter(
    (path) => path !== 'test/house.test.ts',
  );
  expect(files.flatMap((path) => unexplained(read(path)).map((line) => `${path}: ${line}`))).toEqual([]);
  expect(unexplained('// @ts-ignore')).toHaveLength(1);
});

test('no file names a machine or a registry', () => {
  const files = trackedFiles('.').filter(
    (path) => !/package-lock\.json$|^test\/house\.test\.ts$|\.png$/.test(path),
  );
  expect(files.flatMap((path) => machineTraces(read(path)).map((trace) => `${path}: ${trace}`))).toEqual([]);
  expect(machineTraces('see /work/shared/data')).toHaveLength(1);
  expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:\/\/(?!registry\.npmjs\.org)/);
});

test('every golden file is read by a test', () => {
  const tests = trackedFiles('test/**/*.test.ts').map(read).join('\n');
  const cases = new Set(
    trackedFiles('test/golden')
      .filter((path) => !path.endsWith('.test.ts'))
      .map((path) => path.split('/')[2]!),
  );
  expect([...cases].filter((name) => !tests.includes(`'${name}'`))).toEqual([]);
});
