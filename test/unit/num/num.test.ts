// Number formats, rounding, saturation, trit codes: the worked tables of the source comments, and their edges.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  bitLength,
  formatName,
  maxOf,
  minOf,
  parseFormatName,
  signed,
  signedFormatFor,
  unsigned,
} from '../../../src/num/format.ts';
import { roundingShiftRight } from '../../../src/num/rounding.ts';
import { fits, saturate } from '../../../src/num/saturate.ts';
import { codeBits, tritChar, tritCode, tritOfChar, zeroShare } from '../../../src/num/trit.ts';

const SEED = 3;

test('half-up rounding at shift 2, as the table says', () => {
  const values = [-3, -2, -1, 0, 1, 2, 3, 4, 5, 6, 7];
  expect(values.map((value) => roundingShiftRight(value, 2))).toEqual([-1, 0, 0, 0, 0, 1, 1, 1, 1, 2, 2]);
});

test(`half-up rounding is floor(v / 2^s + 1/2) (seed ${SEED})`, () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 24), max: 2 ** 24 }),
      fc.integer({ min: 0, max: 24 }),
      (value, shift) => {
        expect(roundingShiftRight(value, shift)).toBe(Math.floor(value / 2 ** shift + 0.5));
      },
    ),
    { seed: SEED },
  );
});

test('ranges of formats', () => {
  expect([minOf(unsigned(8)), maxOf(unsigned(8))]).toEqual([0, 255]);
  expect([minOf(signed(8)), maxOf(signed(8))]).toEqual([-128, 127]);
  expect(formatName(signed(17))).toBe('s17');
  expect(parseFormatName('u7')).toEqual(unsigned(7));
  for (const bad of ['u0', 's33', 'x8', 'u', '8', 'u08', 'u8 ', 'U8'])
    expect(parseFormatName(bad), bad).toBe(undefined);
});

test('bit lengths', () => {
  expect([0, 1, 2, 255, 256, 2 ** 24].map(bitLength)).toEqual([0, 1, 2, 8, 9, 25]);
});

test(`the narrowest signed format holds its range and no narrower one does (seed ${SEED})`, () => {
  fc.assert(
    fc.property(
      fc.integer({ min: -(2 ** 24), max: 0 }),
      fc.integer({ min: 0, max: 2 ** 24 }),
      (low, high) => {
        const format = signedFormatFor(low, high);
        expect(fits(low, format) && fits(high, format)).toBe(true);
        const narrower = signed(format.bits - 1);
        if (format.bits > 2) expect(fits(low, narrower) && fits(high, narrower)).toBe(false);
      },
    ),
    { seed: SEED },
  );
});

test('saturation keeps what fits and clips the rest', () => {
  expect([-1, 0, 255, 256].map((value) => saturate(value, unsigned(8)))).toEqual([0, 0, 255, 255]);
  expect([-129, -128, 127, 128].map((value) => saturate(value, signed(8)))).toEqual([-128, -128, 127, 127]);
});

test('trit characters and codes', () => {
  expect([-1, 0, 1].map(tritChar)).toEqual(['-', '0', '+']);
  expect([-1, 0, 1].map((trit) => tritCode(trit, 'ternary'))).toEqual([3, 0, 1]);
  expect([-1, 1].map((trit) => tritCode(trit, 'binary'))).toEqual([1, 0]);
  expect([codeBits('ternary'), codeBits('binary')]).toEqual([2, 1]);
  expect(tritOfChar('0', 'binary')).toBe(undefined);
  expect(tritOfChar('x', 'ternary')).toBe(undefined);
  expect(zeroShare({ alphabet: 'ternary', rows: 1, cols: 4, trits: Int8Array.of(0, 1, -1, 0) })).toBe(0.5);
});
