// Integer number formats: u<bits> unsigned, s<bits> two's complement. A format knows its own range.

export interface NumberFormat {
  readonly signed: boolean;
  /** Width in bits, 1..32. */
  readonly bits: number;
}

export const unsigned = (bits: number): NumberFormat => ({ signed: false, bits });
export const signed = (bits: number): NumberFormat => ({ signed: true, bits });

/** Smallest value: 0 or -2^(bits-1). */
export const minOf = (format: NumberFormat): number => (format.signed ? -(2 ** (format.bits - 1)) : 0);

/** Largest value: 2^bits - 1 or 2^(bits-1) - 1. */
export const maxOf = (format: NumberFormat): number =>
  2 ** (format.signed ? format.bits - 1 : format.bits) - 1;

/** Short name, e.g. `u8`, `s17`. */
export const formatName = (format: NumberFormat): string => `${format.signed ? 's' : 'u'}${format.bits}`;

const NAME = /^([us])([1-9]|[12][0-9]|3[0-2])$/;

/** Reads a short name; undefined when it is none. */
export const parseFormatName = (name: string): NumberFormat | undefined => {
  const match = NAME.exec(name);
  return match === null ? undefined : { signed: match[1] === 's', bits: Number(match[2]) };
};

export const sameFormat = (a: NumberFormat, b: NumberFormat): boolean =>
  a.signed === b.signed && a.bits === b.bits;

/** Bits needed to write the unsigned integer `value` (0 for 0, 8 for 255, 9 for 256); value < 2^32. */
export const bitLength = (value: number): number => 32 - Math.clz32(value);

/** The narrowest signed format that holds every integer in [low, high]; at least s2. */
export const signedFormatFor = (low: number, high: number): NumberFormat => {
  const magnitude = Math.max(bitLength(Math.max(high, 0)), bitLength(Math.max(-low - 1, 0)));
  return signed(Math.max(magnitude + 1, 2));
};
