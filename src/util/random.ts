// Seeded randomness. Every stream is derived from (seed, label...) so that epoch 7 of a resumed run draws exactly
// what epoch 7 of an uninterrupted run draws, without saving generator state. Generator: xoroshiro128+ (pure-rand).
import { createHash } from 'node:crypto';
import { xoroshiro128plus } from 'pure-rand/generator/xoroshiro128plus';

export interface Random {
  /** Uniform 32-bit unsigned integer. */
  u32(): number;
  /** Uniform real in [0, 1), 24 significant bits (exact in float32). */
  unit(): number;
  /** Uniform integer in [0, n), 1 <= n <= 2^24, without modulo bias that matters (n / 2^32). */
  below(n: number): number;
}

/** A generator for `seed` and any number of labels, e.g. `seededRandom(1, 'shuffle', epoch)`. */
export const seededRandom = (seed: number, ...labels: readonly (string | number)[]): Random => {
  const digest = createHash('sha256')
    .update(JSON.stringify([seed, ...labels]))
    .digest();
  const generator = xoroshiro128plus(digest.readInt32LE(0));
  const u32 = (): number => generator.next() >>> 0;
  return {
    u32,
    unit: () => (u32() >>> 8) / 0x1000000,
    below: (n) => Math.floor((u32() / 0x100000000) * n),
  };
};

/** In-place Fisher-Yates shuffle. */
export const shuffle = <T extends { length: number; [index: number]: number }>(
  items: T,
  random: Random,
): T => {
  for (let i = items.length - 1; i > 0; i--) {
    const j = random.below(i + 1);
    const kept = items[i]!;
    items[i] = items[j]!;
    items[j] = kept;
  }
  return items;
};
