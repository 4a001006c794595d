// Cell counts out of `yosys stat -json`.
import { expect, test } from 'vitest';
import { parseCells } from '../../../src/report/cells.ts';

const stat = (cells: Record<string, number>): string =>
  JSON.stringify({ design: { num_cells_by_type: cells } });

test('iCE40', () => {
  expect(parseCells(stat({ SB_LUT4: 10, SB_DFFESR: 3, SB_DFF: 2, SB_CARRY: 4, SB_RAM40_4K: 5 }))).toEqual({
    luts: 10,
    flipFlops: 5,
    blockRams: 5,
    dsps: 0,
    carries: 4,
  });
});

test('Xilinx: half block RAMs count half, LUTs as memory count as LUTs, DSPs are seen', () => {
  const cells = { LUT1: 1, LUT6: 8, RAM32M: 2, SRL16E: 1, FDRE: 7, RAMB18E1: 3, RAMB36E1: 2, DSP48E1: 1 };
  expect(parseCells(stat({ ...cells, CARRY4: 6, MUXF7: 9 }))).toEqual({
    luts: 18,
    flipFlops: 7,
    blockRams: 3.5,
    dsps: 1,
    carries: 6,
  });
});

test('ECP5: a carry cell is two LUTs, a LUT RAM four', () => {
  expect(parseCells(stat({ LUT4: 5, CCU2C: 2, TRELLIS_DPR16X4: 1, TRELLIS_FF: 3, DP16KD: 4 }))).toEqual({
    luts: 13,
    flipFlops: 3,
    blockRams: 4,
    dsps: 0,
    carries: 2,
  });
});

test('anything else is refused', () => {
  expect(() => parseCells('{}')).toThrow(/num_cells_by_type/);
});
