// The compiled data path holds no multiplication, and the search for one would find it.
import { expect, test } from 'vitest';
import { compiledText, loadedModules, multiplications } from '../../support/source.ts';

/** Every compiled file that an image's integers pass through. */
const DATA_PATH = [
  'dist/sim/reference.js',
  'dist/layers/index.js',
  'dist/layers/input-codes.js',
  'dist/layers/alu.js',
  'dist/layers/dense/evaluate.js',
  'dist/layers/argmax/index.js',
  'dist/num/rounding.js',
];

/** Loaded with the reference model, but no integer of an image passes through: what each does instead. */
const BESIDE_THE_PATH: Readonly<Record<string, string>> = {
  'dist/layers/dense/index.js': 'validation, against the limit 2 ** 24',
  'dist/layers/dense/range.js': 'worst cases from trits, for validation',
  'dist/layers/input.js': 'which pixel belongs to which window: addresses',
  'dist/num/format.js': 'ranges of formats; its bitLength is on the path, below',
};

test('nothing else that the reference model loads multiplies', () => {
  const loaded = loadedModules('dist/sim/reference.js');
  expect(loaded).toEqual(expect.arrayContaining([...DATA_PATH, ...Object.keys(BESIDE_THE_PATH)]));
  const others = loaded.filter((path) => !(path in BESIDE_THE_PATH));
  expect(others.flatMap((path) => multiplications(compiledText(path)).map((at) => `${path}, ${at}`))).toEqual(
    [],
  );
  // each exception is one: otherwise it belongs above
  for (const path of Object.keys(BESIDE_THE_PATH))
    expect(multiplications(compiledText(path)), path).not.toEqual([]);
});

test.each(DATA_PATH)('%s', (path) => {
  expect(multiplications(compiledText(path))).toEqual([]);
});

test.each([
  'export const f = (a, b) => a * b;',
  'export let a = 2; a *= 3;',
  'export const f = (a) => a ** 2;',
  'export const f = (a) => a / 2;',
  'export const f = (a, b) => Math.imul(a, b);',
  'const { imul } = Math; export const f = (a, b) => imul(a, b);',
  'export const f = (a, b) => a << b;',
  'export let a = 1; a <<= 3;',
  "export const f = (a, b) => Math['imul'](a, b);",
  'const { imul: m } = Math; export const f = (a, b) => m(a, b);',
  'const m = Math.imul; export const f = (a, b) => m(a, b);',
  "export const f = new Function('a', 'b', 'return a * b');",
  "export const f = (() => {}).constructor('a', 'return a * a');",
])('would be found: %s', (code) => {
  expect(multiplications(code)).not.toEqual([]);
});

test('comments, strings and generators are not taken for one', () => {
  expect(multiplications("/* a * b */ export const s = 'a * b'; export function* g() {}")).toEqual([]);
});

test('window tables hold addresses, which are multiplied, and never a pixel', () => {
  expect(multiplications(compiledText('dist/layers/input.js'))).not.toEqual([]);
  expect(compiledText('dist/layers/input-codes.js')).toMatch(/sum \+= pixels\[table\[i\]\]/);
});

test('only bitLength of num/format.ts is on the data path, and it counts zeros', () => {
  expect(compiledText('dist/layers/dense/evaluate.js')).toMatch(/import \{ bitLength, maxOf \} from/);
  expect(compiledText('dist/num/format.js')).toMatch(/bitLength = \(value\) => 32 - Math\.clz32\(value\)/);
});
