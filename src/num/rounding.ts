// Rounding of a right shift. The one named mode, `half-up`: add half a unit, then floor.
//   shift 2:   value  -3 -2 -1  0  1  2  3  4  5  6  7
//              result -1  0  0  0  0  1  1  1  1  2  2
// `>>` on a two's complement integer is a floor, so half-up is (value + 2^(shift-1)) >> shift.

export type Rounding = 'half-up';

/** Half of one unit at `shift`: 2^(shift-1), and 0 for shift 0. */
export const roundingConstant = (shift: number): number => (1 << shift) >> 1;

/** floor(value / 2^shift + 1/2) for a 32-bit integer `value` whose sum with half a unit stays below 2^31. */
export const roundingShiftRight = (value: number, shift: number): number =>
  (value + roundingConstant(shift)) >> shift;
