// Seeded randomness: the same labels give the same stream, on every machine and in every version.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { seededRandom, shuffle } from '../../../src/util/random.ts';

const SEED = 17;
const first = (count: number, seed: number, ...labels: (string | number)[]): number[] => {
  const random = seededRandom(seed, ...labels);
  return Array.from({ length: count }, () => random.u32());
};

test('a stream is decided by its seed and labels, and by nothing else', () => {
  expect(first(5, 1, 'shuffle', 7)).toEqual(first(5, 1, 'shuffle', 7));
  const others = [
    first(5, 2, 'shuffle', 7),
    first(5, 1, 'shuffle', 8),
    first(5, 1, 'augment', 7),
    first(5, 1),
  ];
  for (const other of others) expect(other).not.toEqual(first(5, 1, 'shuffle', 7));
  // recorded once: another generator would make recorded seeds worthless
  expect(first(3, 1, 'shuffle', 7)).toEqual([107471806, 673354753, 2176873301]);
  expect(first(2, 1, 'a', 'b')).not.toEqual(first(2, 1, 'ab'));
});

test(`ranges (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.integer(), fc.integer({ min: 1, max: 2 ** 24 }), (seed, n) => {
      const random = seededRandom(seed, 'ranges');
      for (let i = 0; i < 20; i++) {
        const [word, real, index] = [random.u32(), random.unit(), random.below(n)];
        expect(Number.isInteger(word) && word >= 0 && word < 2 ** 32).toBe(true);
        expect(real >= 0 && real < 1 && Math.fround(real) === real).toBe(true);
        expect(Number.isInteger(index) && index >= 0 && index < n).toBe(true);
      }
    }),
    { seed: SEED, numRuns: 50 },
  );
});

test('below() reaches every value about equally often', () => {
  const random = seededRandom(SEED, 'even');
  const counts = new Array<number>(10).fill(0);
  for (let i = 0; i < 10_000; i++) counts[random.below(10)]!++;
  expect(Math.min(...counts)).toBeGreaterThan(850);
  expect(Math.max(...counts)).toBeLessThan(1150);
});

test(`shuffling keeps every item and reaches every order (seed ${SEED})`, () => {
  const orders = new Map<string, number>();
  for (let i = 0; i < 2400; i++) {
    const items = shuffle([1, 2, 3, 4], seededRandom(SEED, i));
    expect([...items].sort()).toEqual([1, 2, 3, 4]);
    orders.set(items.join(''), (orders.get(items.join('')) ?? 0) + 1);
  }
  expect(orders.size).toBe(24);
  expect(Math.min(...orders.values())).toBeGreaterThan(60);
});
