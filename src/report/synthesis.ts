// Synthesis as a table.
import type { CellCounts } from './cells.ts';
import { percent, thousands } from './format.ts';
import { table } from './table.ts';

export interface SynthesisSummary {
  readonly device: { readonly name: string; readonly luts: number; readonly blockRams: number };
  readonly test: { readonly accuracy: number; readonly images: number };
  readonly cells: CellCounts;
  readonly yosys: string;
  readonly interval: number;
  readonly latency: number;
  readonly placement: {
    readonly nextpnr: string;
    readonly fmax: number;
    readonly cells: readonly [number, number];
    readonly rams: readonly [number, number];
  } | null;
  readonly bitstream: string | null;
  readonly without: string | null;
}

const ofAll = (used: number, available: number): string => `${thousands(used)} of ${thousands(available)}`;

const placedRows = ({ placement, interval, latency, cells }: SynthesisSummary): string[][] => {
  if (placement === null) return [];
  const { fmax } = placement;
  const rate = (fmax * 1e6) / interval;
  return [
    ['logic cells, placed (with the pins)', ofAll(...placement.cells)],
    ['Fmax', `${fmax.toFixed(1)} MHz`],
    ['images a second at Fmax', thousands(Math.floor(rate))],
    ['latency at Fmax', `${((latency / fmax) * 1).toFixed(1)} us`],
    ['images a second and 1,000 LUTs', thousands(Math.floor(rate / (cells.luts / 1000)))],
  ];
};

export const synthesisReport = (summary: SynthesisSummary): string => {
  const { device, test, cells, yosys, placement, bitstream, without, interval, latency } = summary;
  const rows = [
    ['LUT', ofAll(cells.luts, device.luts)],
    ['flip-flops', thousands(cells.flipFlops)],
    ['carry cells', thousands(cells.carries)],
    ['block RAM', ofAll(cells.blockRams, device.blockRams)],
    ['DSP (inference on)', String(cells.dsps)],
    ['cycles an image', thousands(interval)],
    ['latency, cycles', thousands(latency)],
    ...placedRows(summary),
    [`accuracy, ${thousands(test.images)} test images`, percent(test.accuracy)],
  ];
  const tools = [`Yosys ${yosys}`, ...(placement === null ? [] : [`nextpnr ${placement.nextpnr}`])];
  return [
    table([device.name, tools.join(', ')], rows, [1]),
    ...(without === null ? [] : ['', `${placement === null ? 'not placed' : 'no bitstream'}: ${without}`]),
    ...(bitstream === null ? [] : ['', `written: ${bitstream}`]),
  ].join('\n');
};
