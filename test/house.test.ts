// House rules that would rot if they were only written down: import directions, sizes, opening comments, no traces of
// machines, no orphan goldens. Each rule is a function of text, and is tried on a sample that breaks it.
import { readFileSync } from 'node:fs';
import { dirname, join, normalize } from 'node:path';
import { transformSync } from 'esbuild';
import { expect, test } from 'vitest';
import { functionSizes, trackedFiles } from './support/source.ts';

const sources = trackedFiles('src/*.ts');
const read = (path: string): string => readFileSync(path, 'utf8');

/** Folders from the bottom up; folders on one row never import each other. */
const ROWS = [
  ['util'],
  ['num'],
  ['model'],
  ['layers', 'data'],
  ['train', 'quant', 'sim', 'arch'],
  ['codegen', 'synth', 'report'],
  ['cli', 'web'],
];
/** Directions that the rows would allow and the house does not. */
const NEVER: readonly (readonly [from: string, to: string])[] = [
  ['codegen', 'sim'],
  ['codegen', 'train'],
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
    if (NEVER.some(([a, b]) => a === from && b === to)) return true;
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
/** Golden cases that no test names. */
const orphans = (paths: readonly string[], tests: string): string[] => {
  const cases = new Set(
    paths.filter((path) => !path.endsWith('.test.ts')).map((path) => path.split('/')[2]!),
  );
  return [...cases].filter((name) => !tests.includes(`'${name}'`));
};
const machineTraces = (text: string): string[] =>
  text.match(/\/work\/(main|shared)|\/root\/|\/home\/\w+|registry\.npmjs|artifactory|pkg\.dev/g) ?? [];

test('the rules below see the sources, and every folder has its row', () => {
  const folders = new Set(sources.map(folderOf).filter((folder) => !folder.endsWith('.ts')));
  expect([...folders].sort()).toEqual(ROWS.flat().sort());
  expect(sources).toContain('src/sim/reference.ts');
  expect(trackedFiles('test/golden').length).toBeGreaterThan(0);
});

test('imports go downward, and only src/train knows tfjs', () => {
  const wrong = sources
    .filter((path) => path !== 'src/index.ts')
    .flatMap((path) => wrongImports(path, read(path)).map((specifier) => `${path} imports ${specifier}`));
  expect(wrong).toEqual([]);
  expect(wrongImports('src/sim/x.ts', "import { train } from '../train/train.ts';")).toHaveLength(1);
  expect(wrongImports('src/codegen/x.ts', "import { run } from '../synth/run.ts';")).toHaveLength(1);
  expect(wrongImports('src/num/x.ts', "import type { Network } from '../model/network.ts';")).toHaveLength(1);
  expect(wrongImports('src/quant/x.ts', "const tf = await import('@tensorflow/tfjs-core');")).toHaveLength(1);
  expect(wrongImports('src/cli/x.ts', "import * as tf from '@tensorflow/tfjs-core';")).toHaveLength(1);
  expect(wrongImports('src/sim/x.ts', "export { train } from '../train/train.ts';")).toHaveLength(1);
  expect(wrongImports('src/layers/x.ts', "import '../data/idx.ts';")).toHaveLength(1);
  expect(wrongImports('src/util/x.ts', "import { main } from '../nowhere/main.ts';")).toHaveLength(1);
  expect(wrongImports('src/cli/commands/x.ts', "import { emit } from '../../codegen/emit.ts';")).toEqual([]);
});

test('code generation is handed its golden vectors: it imports neither simulator nor training', () => {
  for (const folder of ['sim', 'train']) {
    const found = wrongImports('src/codegen/targets/x/y.ts', `import { f } from '../../../${folder}/f.ts';`);
    expect(found, folder).toHaveLength(1);
  }
  expect(wrongImports('src/codegen/emit.ts', "import { f } from '../arch/folded/plan.ts';")).toEqual([]);
});

test('the public API is re-exports only', () => {
  const other = (text: string): string[] =>
    text
      .replace(/\/\/.*$/gm, '')
      .split(/;\s*/)
      .filter((part) => part.trim() !== '' && !/^\s*export (type )?\{[^}]*\} from '[^']+'$/.test(part));
  expect(other(read('src/index.ts'))).toEqual([]);
  expect(other("export { a } from './a.ts';\nexport const b = 1;\n")).toHaveLength(1);
});

test('every source file opens with a comment and fits one sitting', () => {
  const files = [...sources, ...trackedFiles('test/*.ts', 'bench/*.ts')];
  expect(files.filter((path) => !opensWithComment(read(path)))).toEqual([]);
  expect(files.filter((path) => tooLong(read(path)))).toEqual([]);
  expect(tooLong('x\n'.repeat(402))).toBe(true);
  expect(opensWithComment('import x from "y";')).toBe(false);
});

test('no function is longer than 60 lines', () => {
  const long = sources.flatMap((path) => {
    const compiled = path.replace(/^src\//, 'dist/').replace(/\.ts$/, '.js');
    // the page's modules are one bundle there
    const code = compiled.startsWith('dist/web/')
      ? transformSync(read(path), { loader: 'ts' }).code
      : read(compiled);
    return functionSizes(code)
      .filter(({ lines }) => lines > 60)
      .map(({ lines, line }) => `${compiled}:${line} has ${lines} lines`);
  });
  expect(long).toEqual([]);
  expect(functionSizes(`const f = () => {${'\n;'.repeat(70)}\n};`)[0]!.lines).toBeGreaterThan(60);
});

test('suppressions give a reason', () => {
  const files = trackedFiles('src/*.ts', 'test/*.ts', 'bench/*.ts').filter(
    (path) => path !== 'test/house.test.ts',
  );
  expect(files.flatMap((path) => unexplained(read(path)).map((line) => `${path}: ${line}`))).toEqual([]);
  expect(unexplained('// @ts-ignore')).toHaveLength(1);
  expect(unexplained('// biome-ignore lint/style/x: no')).toHaveLength(1);
  expect(unexplained('// biome-ignore lint/style/x: the structure is broken on purpose')).toEqual([]);
});

test('no file names a machine or a registry', () => {
  const files = trackedFiles('.').filter(
    (path) => !/package-lock\.json$|^test\/house\.test\.ts$|\.png$/.test(path),
  );
  expect(files.flatMap((path) => machineTraces(read(path)).map((trace) => `${path}: ${trace}`))).toEqual([]);
  expect(machineTraces('see /work/shared/data')).toHaveLength(1);
  expect(read('package-lock.json')).not.toMatch(/"resolved": "https?:\/\/(?!registry\.npmjs\.org)/);
});

test('every golden case is read by the golden test', () => {
  const tests = trackedFiles('test/golden/*.test.ts').map(read).join('\n');
  // inside a case, golden.test.ts compares the list of files
  expect(orphans(trackedFiles('test/golden'), tests)).toEqual([]);
  expect(orphans(['test/golden/forgotten/rom/fc0.hex', 'test/golden/golden.test.ts'], tests)).toEqual([
    'forgotten',
  ]);
});
