// Five trits in one byte: 243 of the 256 codes are used. A plain number in base 3 would cost a table of 8 inputs to read;
// here every digit hangs on a few bits (bitsim_base3_decode: 15 four-input tables for the five of them):
//   byte = {p, x, y}, 3 + 3 + 2 bits
//   x = 110: digits 0, 1 = pair 8, and x is taken from p      otherwise: digits 0, 1 = pair p
//   y = 10:  digit 4 = x[1:0], digits 2, 3 = pair 7 + x[2]    otherwise: digit 4 = y, digits 2, 3 = pair x (111: pair 6)
// Pair v is the trits of v mod 3 and floor(v / 3); 0, 1, 2 stand for 0, +1, -1. Digit 4 is in trit code: 00, 01, 11.
import type { Trit } from './trit.ts';

/** Trits in a byte. */
export const TRITS_A_BYTE = 5;

const ESCAPE_X = 0b110;
const ESCAPE_Y = 0b10;

const DIGITS: readonly Trit[] = [0, 1, -1];
const pair = (v: number): readonly Trit[] => [DIGITS[v % 3]!, DIGITS[Math.trunc(v / 3)]!];
const codeTrit = (code: number): Trit => (code === 3 ? -1 : code === 1 ? 1 : 0);

/** The five trits of `byte`, digit 0 first; undefined for the 13 bytes that stand for nothing. */
export const decodeBase3 = (byte: number): readonly Trit[] | undefined => {
  const [p, field, y] = [byte >> 5, (byte >> 2) & 7, byte & 3];
  const far = field === ESCAPE_X;
  const x = far ? p : field;
  if (far && p === ESCAPE_X) return undefined;
  const first = pair(far ? 8 : p);
  if (y !== ESCAPE_Y) return [...first, ...pair(x === 7 ? 6 : x), codeTrit(y)];
  if ((x & 3) === ESCAPE_Y) return undefined;
  return [...first, ...pair(7 + (x >> 2)), codeTrit(x & 3)];
};

const bytes = new Map<string, number>();
for (let byte = 0; byte < 256; byte++) {
  const trits = decodeBase3(byte);
  if (trits !== undefined) bytes.set(trits.join(), byte);
}

/** The byte of five trits, digit 0 first. */
export const encodeBase3 = (trits: readonly number[]): number => {
  const byte = bytes.get(trits.join());
  if (byte === undefined) throw new Error(`not five trits: ${trits.join()}`);
  return byte;
};
