// Five trits in a byte: every combination has a byte of its own, and comes back.
import { expect, test } from 'vitest';
import { decodeBase3, encodeBase3 } from '../../../src/num/base3.ts';

const all = Array.from({ length: 243 }, (_, i) =>
  Array.from({ length: 5 }, (_, digit) => (Math.floor(i / 3 ** digit) % 3) - 1),
);

test('all 243 combinations come back, from 243 different bytes', () => {
  const bytes = all.map(encodeBase3);
  expect(new Set(bytes).size).toBe(243);
  expect(bytes.map((byte) => decodeBase3(byte)!.map((trit) => trit + 0))).toEqual(all);
  expect(encodeBase3([0, 0, 0, 0, 0])).toBe(0);
});

test('the 13 other bytes stand for nothing, and what are no five trits is refused', () => {
  const unused = Array.from({ length: 256 }, (_, byte) => byte).filter(
    (byte) => decodeBase3(byte) === undefined,
  );
  expect(unused).toHaveLength(13);
  expect(() => encodeBase3([0, 0, 0, 0])).toThrow('not five trits');
  expect(() => encodeBase3([2, 0, 0, 0, 0])).toThrow('not five trits');
});
