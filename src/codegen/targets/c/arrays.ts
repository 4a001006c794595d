// Constant arrays in C: the narrowest integer type, lines of a readable length, a checksum for the test.
import type { View } from '../../../util/render.ts';
import type { DataFile } from '../../bundle.ts';
import { describeDataFile } from '../../data-file.ts';

/** Bits that the checksum takes of every element, sign-extended. */
const CHECKED_BITS = 32;
const LINE = 96;

export interface CArray {
  /** Identifier in C. */
  readonly id: string;
  /** Of stdint.h. */
  readonly type: string;
  readonly values: readonly number[];
  /** Element as C writes it. */
  readonly digits: (value: number) => string;
  readonly data: DataFile;
}

const SIGNED = [8, 16, 32].map((bits) => ({ bits, most: 2 ** (bits - 1) - 1, type: `int${bits}_t` }));

/** The narrowest signed type that holds every value. */
export const signedType = (values: Iterable<number>): string => {
  let most = 0;
  for (const value of values) most = Math.max(most, value < 0 ? -value - 1 : value);
  return SIGNED.find((type) => most <= type.most)!.type;
};

const describe = (file: string, values: readonly number[]): DataFile =>
  describeDataFile(
    file,
    values.map((value) => BigInt.asUintN(CHECKED_BITS, BigInt(value))),
    CHECKED_BITS,
  );

/** Numbers in decimal, in the type given or the narrowest signed one. */
export const numbers = (id: string, file: string, values: readonly number[], type?: string): CArray => ({
  id,
  type: type ?? signedType(values),
  values,
  digits: String,
  data: describe(file, values),
});

/** Words of packed bits, in hexadecimal. */
export const words = (id: string, file: string, values: readonly number[], bits: 8 | 32): CArray => ({
  id,
  type: `uint${bits}_t`,
  values,
  digits: (value) => `0x${value.toString(16).padStart(bits / 4, '0')}${bits === 32 ? 'u' : ''}`,
  data: describe(file, values),
});

const linesOf = ({ values, digits }: CArray): string[] => {
  const lines: string[] = [];
  let line = '';
  for (const value of values) {
    const next = `${digits(value)},`;
    if (line.length + next.length > LINE) {
      lines.push(line);
      line = '';
    }
    line += line === '' ? next : ` ${next}`;
  }
  return [...lines, line];
};

/** What the templates print of an array. */
export const arrayView = (array: CArray): View => ({
  id: array.id,
  type: array.type,
  count: array.values.length,
  checksum: array.data.checksum,
  file: array.data.file,
  lines: linesOf(array),
});

/** Bytes that an array takes. */
export const bytesOf = ({ type, values }: CArray): number =>
  values.length * (Number(/\d+/.exec(type)![0]) / 8);
