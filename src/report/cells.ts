// Cell counts of a Yosys `stat -json` file, as the figures that people compare designs by.

export interface CellCounts {
  readonly luts: number;
  readonly flipFlops: number;
  readonly blockRams: number;
  readonly dsps: number;
  readonly carries: number;
}

/** Cell names of iCE40, Xilinx 7 and ECP5. */
const FAMILIES: Readonly<Record<keyof CellCounts, RegExp>> = {
  luts: /^(SB_LUT4|LUT[1-6]|LUT4)$/,
  flipFlops: /^(SB_DFF\w*|FD[RCSP]E|TRELLIS_FF)$/,
  blockRams: /^(SB_RAM\w*|RAMB\w+|DP16KD)$/,
  dsps: /^(SB_MAC16|DSP48\w*|MULT18X18D|ALU54B)$/,
  carries: /^(SB_CARRY|CARRY4|CCU2C)$/,
};

interface Stat {
  readonly design?: { readonly num_cells_by_type?: Readonly<Record<string, number>> };
}

/** Counts of the whole design. Throws when `text` is no `stat -json` output. */
export const parseCells = (text: string): CellCounts => {
  const cells = (JSON.parse(text) as Stat).design?.num_cells_by_type;
  if (cells === undefined) throw new Error('yosys stat -json has no design.num_cells_by_type');
  const count = (kind: keyof CellCounts): number =>
    Object.entries(cells).reduce((sum, [name, n]) => sum + (FAMILIES[kind].test(name) ? n : 0), 0);
  return {
    luts: count('luts'),
    flipFlops: count('flipFlops'),
    blockRams: count('blockRams'),
    dsps: count('dsps'),
    carries: count('carries'),
  };
};
