// Parts that synthesis knows: the Yosys flow of each, what it has, and how nextpnr calls it.

export interface Device {
  readonly name: string;
  readonly family: 'ice40' | 'ecp5' | 'xilinx';
  /** Yosys command without -top. DSP inference stays on, so that "no DSP" is a finding. */
  readonly flow: string;
  /** DSP cells of the family, for Yosys's select. */
  readonly dspCells: string;
  readonly luts: number;
  readonly blockRams: number;
  /** Bits of one block RAM. */
  readonly blockRamBits: number;
  /** Arguments of nextpnr-ice40; absent where bitsim does not place and route. */
  readonly nextpnr?: readonly string[];
}

const ICE40 = { family: 'ice40', dspCells: 't:SB_MAC16', blockRamBits: 4096 } as const;
const XILINX = { family: 'xilinx', dspCells: 't:DSP48E1 t:DSP48E2', blockRamBits: 36_864 } as const;

export const DEVICES: readonly Device[] = [
  {
    ...ICE40,
    name: 'up5k',
    flow: 'synth_ice40 -dsp -device u',
    luts: 5280,
    blockRams: 30,
    nextpnr: ['--up5k', '--package', 'sg48'],
  },
  {
    ...ICE40,
    name: 'hx8k',
    flow: 'synth_ice40 -dsp -device hx',
    luts: 7680,
    blockRams: 32,
    nextpnr: ['--hx8k', '--package', 'ct256'],
  },
  {
    name: 'ecp5-25k',
    family: 'ecp5',
    flow: 'synth_ecp5',
    dspCells: 't:MULT18X18D t:ALU54B',
    luts: 24_288,
    blockRams: 56,
    blockRamBits: 18_432,
  },
  { ...XILINX, name: 'xc7a35t', flow: 'synth_xilinx -family xc7 -flatten', luts: 20_800, blockRams: 50 },
  { ...XILINX, name: 'xc7a100t', flow: 'synth_xilinx -family xc7 -flatten', luts: 63_400, blockRams: 135 },
  { ...XILINX, name: 'xczu3eg', flow: 'synth_xilinx -family xcup -flatten', luts: 70_560, blockRams: 216 },
];

export const deviceNames = (): string[] => DEVICES.map(({ name }) => name);
