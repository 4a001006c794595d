// Cell counts of a Yosys `stat -json` file, as the figures that people compare designs by.

export interface CellCounts {
  /** Logic, LUTs that serve as memory or shift registers, and on ECP5 those under the carry chains. */
  readonly luts: number;
  readonly flipFlops: number;
  /** Whole block RAMs; a half of a Xilinx one counts 0.5. */
  readonly blockRams: number;
  readonly dsps: number;
  readonly carries: number;
}

/** What a cell of iCE40, Xilinx 7 or ECP5 counts as. The first pattern that matches its name decides. */
const WEIGHTS: Readonly<Record<keyof CellCounts, readonly (readonly [RegExp, number])[]>> = {
  luts: [
    [/^(SB_LUT4|LUT[1-6]|SRL16E|SRLC32E)$/, 1],
    [/^RAM(32|64|128)X1S$/, 1],
    [/^RAM(32|64)X1D$|^CCU2C$/, 2],
    [/^(RAM(32|64)M|RAM128X1D|TRELLIS_DPR16X4)$/, 4],
    [/^RAM(32|64)M16$/, 8],
  ],
  flipFlops: [[/^(SB_DFF\w*|FD[RCSP]E|TRELLIS_FF)$/, 1]],
  blockRams: [
    [/^RAMB18E\d$/, 0.5],
    [/^(SB_RAM\w*|RAMB\w+|DP16KD|PDPW16KD)$/, 1],
  ],
  dsps: [[/^(SB_MAC16|DSP48\w*|MULT18X18D|ALU54B)$/, 1]],
  carries: [[/^(SB_CARRY|CARRY4|CARRY8|CCU2C)$/, 1]],
};

interface Stat {
  readonly design?: { readonly num_cells_by_type?: Readonly<Record<string, number>> };
}

/** Counts of the whole design. Throws when `text` is no `stat -json` output. */
export const parseCells = (text: string): CellCounts => {
  const cells = (JSON.parse(text) as Stat).design?.num_cells_by_type;
  if (cells === undefined) throw new Error('yosys stat -json has no design.num_cells_by_type');
  const count = (kind: keyof CellCounts): number =>
    Object.entries(cells).reduce((sum, [name, n]) => {
      const weight = WEIGHTS[kind].find(([pattern]) => pattern.test(name))?.[1] ?? 0;
      return sum + n * weight;
    }, 0);
  return {
    luts: count('luts'),
    flipFlops: count('flipFlops'),
    blockRams: count('blockRams'),
    dsps: count('dsps'),
    carries: count('carries'),
  };
};
