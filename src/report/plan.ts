// A plan as text: folding, memories and estimated cells of each layer, rate and bottleneck.
import type { HardwarePlan } from '../model/plan.ts';
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
  readonly imagesPerSecond: number;
  readonly bottleneck: string;
  readonly reason: string;
  readonly out: string | null;
}

const cellsOf = ({ blockRams, luts, flipFlops }: Cells): string[] =>
  [blockRams, luts, flipFlops].map((count) => thousands(count));

const layerRow = ({ plan, parts }: PlanSummary, index: number): string[] => {
  const { layer, pe, simd, neuronFold, synapseFold, cycles, rom } = plan.layers[index]!;
  const packed = rom.packing === 'base3' ? ' b3' : '';
  return [
    layer,
    `${pe} x ${simd}`,
    `${neuronFold} x ${synapseFold}`,
    thousands(cycles),
    `${thousands(rom.words)} x ${rom.width}${packed}`,
    ...cellsOf(parts[index]!),
    thousands(pe * simd),
  ];
};

const HEAD = ['layer', 'PE x SIMD', 'folds', 'cycles', 'ROM', 'RAM', 'LUT', 'FF', 'adders'];

/** Images a second, whole. */
const rate = ({ imagesPerSecond }: PlanSummary): string => thousands(Math.floor(imagesPerSecond));

const fitLine = ({ device, area, sites, fits }: PlanSummary): string[] => {
  if (device === null || sites === null) return [];
  const { name, luts, blockRams } = device;
  const rams = `${area.blockRams} of ${blockRams} block RAMs`;
  const used = `${thousands(sites)} of ${thousands(luts)} logic cells (LUT with FF), ${rams}`;
  return wrap(`${fits ? 'fits' : 'does not fit'} ${name}: ${used}`);
};

/** The options that say the same. */
/** The folding as options of `bitsim emit`. */
export const foldingFlags = ({ layers }: HardwarePlan): string =>
  `--pe ${layers.map(({ pe }) => pe).join(',')} --simd ${layers.map(({ simd }) => simd).join(',')}`;

export const planReport = (summary: PlanSummary): string => {
  const { plan, parts, area, clock, bottleneck, reason, out, network } = summary;
  const rows = plan.layers.map((_, i) => layerRow(summary, i));
  const adders = plan.layers.reduce((sum, { pe, simd }) => sum + pe * simd, 0);
  return [
    table(
      HEAD,
      [
        ...rows,
        ['input, top', '', '', '', '', ...cellsOf(parts.at(-1)!), ''],
        ['all', '', '', '', '', ...cellsOf(area), thousands(adders)],
      ],
      [1, 2, 3, 4, 5, 6, 7, 8],
    ),
    '',
    `${network.name}: an image every ${thousands(plan.initiationInterval)} cycles, ` +
      `latency ${thousands(plan.latency)} cycles`,
    `${rate(summary)} images a second at ${clock} MHz`,
    `bottleneck: ${bottleneck}`,
    `chosen: ${reason}`,
    ...fitLine(summary),
    `LUT, FF and RAM: estimates for ${FAMILIES[summary.family]} (docs/plan.md); cycles: exact`,
    ...(out === null ? [] : ['', `written: ${out}`]),
  ].join('\n');
};
