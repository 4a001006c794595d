// Hex data files (ROM images and vectors): one word a line, and the checksum that the testbench computes over them.
// The checksum runs over 32-bit chunks of each word, lowest first:
//   sum' = (rotate_left(sum, 5) xor chunk) + 0x9e3779b9  (mod 2^32), starting from 0
// Every step is a bijection of sum, so a single altered chunk always changes the result.
import type { DataFile } from './bundle.ts';

const MASK = 0xffffffffn;

/** Number of 32-bit chunks of a word. */
export const chunksOf = (width: number): number => Math.ceil(width / 32);

const step = (sum: number, chunk: number): number =>
  ((((sum << 5) | (sum >>> 27)) ^ chunk) + 0x9e3779b9) >>> 0;

/** Checksum of `words`, each `width` bits, as 8 hex digits. */
export const checksumOf = (words: readonly bigint[], width: number): string => {
  let sum = 0;
  for (const word of words) {
    for (let c = 0; c < chunksOf(width); c++) sum = step(sum, Number((word >> BigInt(32 * c)) & MASK));
  }
  return sum.toString(16).padStart(8, '0');
};

const hexDigits = (width: number): number => Math.ceil(width / 4);

export const hexWord = (word: bigint, width: number): string =>
  word.toString(16).padStart(hexDigits(width), '0');

/** The text of a data file: one hex word a line, newline at the end. */
export const hexText = (words: readonly bigint[], width: number): string =>
  `${words.map((word) => hexWord(word, width)).join('\n')}\n`;

export const describeDataFile = (file: string, words: readonly bigint[], width: number): DataFile => ({
  file,
  words: words.length,
  width,
  checksum: checksumOf(words, width),
});
