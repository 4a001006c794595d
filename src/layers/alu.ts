// The operations that the reference model may use on the data path, each counted. There is no multiplication to
// call: what this interface lacks, a network cannot need. Address arithmetic (row offsets) is not data.
import { roundingConstant } from '../num/rounding.ts';

export interface OperationCounts {
  adds: number;
  subtracts: number;
  /** Zero trits: nothing happens. */
  skips: number;
  shifts: number;
  compares: number;
}

export interface Alu {
  readonly counts: OperationCounts;
  add(a: number, b: number): number;
  subtract(a: number, b: number): number;
  skip(): void;
  /** Arithmetic right shift, rounding half up: add half a unit, then shift. */
  shiftRightHalfUp(value: number, shift: number): number;
  /** a > b */
  greater(a: number, b: number): boolean;
}

export const createAlu = (): Alu => {
  const counts = { adds: 0, subtracts: 0, skips: 0, shifts: 0, compares: 0 };
  return {
    counts,
    add: (a, b) => {
      counts.adds++;
      return (a + b) | 0;
    },
    subtract: (a, b) => {
      counts.subtracts++;
      return (a - b) | 0;
    },
    skip: () => {
      counts.skips++;
    },
    shiftRightHalfUp: (value, shift) => {
      counts.adds++;
      counts.shifts++;
      return (value + roundingConstant(shift)) >> shift;
    },
    greater: (a, b) => {
      counts.compares++;
      return a > b;
    },
  };
};
