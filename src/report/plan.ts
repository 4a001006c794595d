// A plan as text: folding, registers, memories and estimated cells of each layer, rate and bottleneck.
import { type ClockEstimate, pathName } from '../arch/folded/clock.ts';
import type { HardwarePlan } from '../model/plan.ts';
import { skipLines } from './design.ts';
import { thousands, wrap } from './format.ts';
import { table } from './table.ts';

interface Cells {
  readonly luts: number;
  readonly flipFlops: number;
  readonly blockRams: number;
}

const FAMILIES = { ice40: 'iCE40', ecp5: 'ECP5', xilinx: 'Xilinx 7' } as const;

export interface PlanSummary {
  readonly run: { readonly folder: string };
  readonly network: { readonly name: string };
  readonly plan: HardwarePlan;
  readonly parts: readonly Cells[];
  readonly area: Cells;
  readonly device: { readonly name: string; readonly luts: number; readonly blockRams: number } | null;
  readonly sites: number | null;
  readonly fits: boolean | null;
  readonly family: keyof typeof FAMILIES;
  readonly clock: number;
  /** What the part is estimated to reach; null without a part that was measured. */
  readonly reaches: ClockEstimate | null;
  readonly imagesPerSecond: number;
  readonly bottleneck: string;
  readonly reason: string;
  readonly hint: string | null;
  readonly out: string | null;
}

const cellsOf = ({ blockRams, luts, flipFlops }: Cells): string[] =>
  [blockRams, luts, flipFlops].map((count) => thousands(count));

const layerRow = ({ plan, parts }: PlanSummary, index: number): string[] => {
  const { layer, pe, simd, pipeline, neuronFold, synapseFold, cycles, rom, sparse } = plan.layers[index]!;
  const packed = sparse !== undefined ? ' rows' : rom.packing === 'base3' ? ' b3' : '';
  return [
    layer,
    `${pe} x ${simd}`,
    `${neuronFold} x ${synapseFold}`,
    String(pipeline),
    thousands(cycles),
    `${thousands(rom.words)} x ${rom.width}${packed}`,
    ...cellsOf(parts[index]!),
    thousands(pe * simd),
  ];
};

const HEAD = ['layer', 'PE x SIMD', 'folds', 'regs', 'cycles', 'ROM', 'RAM', 'LUT', 'FF', 'adders'];

/** Images a second, whole. */
const rate = ({ imagesPerSecond }: PlanSummary): string => thousands(Math.floor(imagesPerSecond));

const fitLine = ({ device, area, sites, fits }: PlanSummary): string[] => {
  if (device === null || sites === null) return [];
  const { name, luts, blockRams } = device;
  const rams = `${area.blockRams} of ${blockRams} block RAMs`;
  const used = `${thousands(sites)} of ${thousands(luts)} logic cells (LUT with FF), ${rams}`;
  return wrap(`${fits ? 'fits' : 'does not fit'} ${name}: ${used}`);
};

/** What the part reaches, by the estimate, and what limits it. */
const clockLine = ({ device, reaches, clock }: PlanSummary): string => {
  if (reaches !== null) {
    const short = reaches.fmax < clock ? `, less than ${clock} MHz` : '';
    return `clock: about ${Math.floor(reaches.fmax)} MHz on ${device!.name} by the estimate${short}; ${pathName(reaches.limit)} limits it`;
  }
  const why = device === null ? 'without --device' : `for ${device.name}: it was never placed and routed`;
  return `clock: not estimated ${why} (up5k and hx8k are); --pipeline N,N sets registers by hand`;
};

/** The folding as options of `bitsim emit`. */
export const foldingFlags = ({ layers }: HardwarePlan): string => {
  const list = (of: 'pe' | 'simd' | 'pipeline'): string => layers.map((layer) => layer[of]).join(',');
  const registers = layers.some(({ pipeline }) => pipeline > 0) ? ` --pipeline ${list('pipeline')}` : '';
  const skips = layers.map(({ sparse }) => (sparse === undefined ? 'off' : 'on'));
  const rows = skips.includes('on') ? ` --skip-zeros ${skips.join(',')}` : '';
  return `--pe ${list('pe')} --simd ${list('simd')}${registers}${rows}`;
};

export const planReport = (summary: PlanSummary): string => {
  const { plan, parts, area, clock, bottleneck, reason, hint, out, network } = summary;
  const rows = plan.layers.map((_, i) => layerRow(summary, i));
  const adders = plan.layers.reduce((sum, { pe, simd }) => sum + pe * simd, 0);
  return [
    table(
      HEAD,
      [
        ...rows,
        ['input, top', '', '', '', '', '', ...cellsOf(parts.at(-1)!), ''],
        ['all', '', '', '', '', '', ...cellsOf(area), thousands(adders)],
      ],
      [1, 2, 3, 4, 5, 6, 7, 8, 9],
    ),
    '',
    `${network.name}: an image every ${thousands(plan.initiationInterval)} cycles, ` +
      `latency ${thousands(plan.latency)} cycles`,
    `${rate(summary)} images a second at ${clock} MHz`,
    ...[
      `bottleneck: ${bottleneck}`,
      clockLine(summary),
      ...skipLines(plan),
      `chosen: ${reason}`,
      ...(hint === null ? [] : [`hint: ${hint}`]),
    ].flatMap((line) => wrap(line)),
    ...fitLine(summary),
    `LUT, FF and RAM: estimates for ${FAMILIES[summary.family]} (docs/plan.md); cycles: exact`,
    ...(out === null ? [] : ['', `written: ${out}`]),
  ].join('\n');
};
