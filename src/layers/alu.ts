// The operations of the reference model's data path, each counted. There is no multiplication to count: this interface
// offers none, and a test parses the compiled data path and finds none. Address arithmetic (row offsets) is not data.
import { roundingConstant } from '../num/rounding.ts';

export interface OperationCounts {
  adds: number;
  subtracts: number;
  /** Zero trits: nothing happens. adds + subtracts + skips of a dense layer's sums = its inputs x its outputs. */
  skips: number;
  shifts: number;
  compares: number;
}

export interface Alu {
  readonly counts: OperationCounts;
  /** Records a row's additions, subtractions and skipped zeros. */
  count(adds: number, subtracts: number, skips: number): void;
  /** Records what the input codes took: additions inside windows, and one shift for each code. */
  countInput(adds: number, shifts: number): void;
  /** Arithmetic right shift, rounding half up: add half a unit, then shift. */
  shiftRightHalfUp(value: number, shift: number): number;
  /** a > b */
  greater(a: number, b: number): boolean;
}

export const createAlu = (): Alu => {
  const counts = { adds: 0, subtracts: 0, skips: 0, shifts: 0, compares: 0 };
  return {
    counts,
    count: (adds, subtracts, skips) => {
      counts.adds += adds;
      counts.subtracts += subtracts;
      counts.skips += skips;
    },
    countInput: (adds, shifts) => {
      counts.adds += adds;
      counts.shifts += shifts;
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
