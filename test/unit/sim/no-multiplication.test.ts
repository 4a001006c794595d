// The compiled data path holds no multiplication, and the search for one would find it.
import { expect, test } from 'vitest';
import { compiledText, multiplications } from '../../support/source.ts';

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
])('would be found: %s', (code) => {
  expect(multiplications(code)).toHaveLength(1);
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
