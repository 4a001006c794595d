// Trits: the weights -1, 0, +1. Their characters on disk and their 2-bit codes on the wire (two's complement):
//   trit   char   code      binary alphabet (no zero): 1-bit code
//     0     '0'    00
//    +1     '+'    01                                   0
//    -1     '-'    11                                   1
// Code 10 is illegal. Bit 0 of a ternary code says "take part", bit 1 says "subtract".

export type Trit = -1 | 0 | 1;
export type Alphabet = 'ternary' | 'binary';

/** A matrix of trits, row-major; one row per output, one column per input. */
export interface TritMatrix {
  readonly alphabet: Alphabet;
  readonly rows: number;
  readonly cols: number;
  /** rows x cols values in {-1, 0, +1}; never 0 when the alphabet is binary. */
  readonly trits: Int8Array;
}

export const tritChar = (trit: number): string => (trit > 0 ? '+' : trit < 0 ? '-' : '0');

/** The value of a character, or undefined when it is not in the alphabet. */
export const tritOfChar = (char: string, alphabet: Alphabet): Trit | undefined => {
  if (char === '+') return 1;
  if (char === '-') return -1;
  return char === '0' && alphabet === 'ternary' ? 0 : undefined;
};

/** Bits of one trit code: 2 for ternary, 1 for binary. */
export const codeBits = (alphabet: Alphabet): 1 | 2 => (alphabet === 'ternary' ? 2 : 1);

/** The code on the wire, see the table at the top. */
export const tritCode = (trit: number, alphabet: Alphabet): number => {
  if (alphabet === 'binary') return trit < 0 ? 1 : 0;
  return trit < 0 ? 3 : trit;
};

/** Share of zeros in a matrix, 0..1. */
export const zeroShare = (matrix: TritMatrix): number => {
  let zeros = 0;
  for (const trit of matrix.trits) if (trit === 0) zeros++;
  return zeros / matrix.trits.length;
};
