// What was planned, as a table: folding, cycles, ROMs, accumulators.
import { denseLayers, type Network } from '../model/network.ts';
import type { HardwarePlan } from '../model/plan.ts';
import { formatName } from '../num/format.ts';
import { thousands, wrap } from './format.ts';
import { table } from './table.ts';

/** Kibibit of all weight ROMs. */
export const romKibibits = ({ layers }: HardwarePlan): number =>
  layers.reduce((sum, { rom }) => sum + rom.words * rom.width, 0) / 1024;

const romNote = ({ rom, sparse }: HardwarePlan['layers'][number]): string => {
  if (sparse !== undefined) return ', rows';
  return rom.packing === 'base3' ? ', base 3' : '';
};

/** How many of the words of every layer that skips zeros are read. */
export const skipLines = ({ layers }: HardwarePlan): string[] =>
  layers
    .filter(({ sparse }) => sparse !== undefined)
    .map(({ layer, cycles, neuronFold, synapseFold }) => {
      const all = neuronFold * synapseFold;
      const share = ((100 * cycles) / all).toFixed(0);
      return `${layer} skips zeros: ${thousands(cycles)} of ${thousands(all)} words are read (${share} %)`;
    });

const rowOf = (layer: HardwarePlan['layers'][number]): string[] => [
  layer.layer,
  `${layer.inputs} x ${layer.outputs}`,
  String(layer.pe),
  String(layer.simd),
  thousands(layer.cycles),
  `${thousands(layer.rom.words)} x ${layer.rom.width}${romNote(layer)}`,
  formatName(layer.accumulator),
];

/** The plan of `network` as text. */
export const designReport = (network: Network, plan: HardwarePlan): string => {
  const head = ['layer', 'in x out', 'PE', 'SIMD', 'cycles', 'ROM words x bits', 'accumulator'];
  const alphabet = denseLayers(network)[0]!.weights.alphabet;
  return [
    table(head, plan.layers.map(rowOf), [2, 3, 4, 5, 6]),
    '',
    ...wrap(
      `${network.name}: ${alphabet}, one image every ${thousands(plan.initiationInterval)} cycles, ` +
        `latency ${thousands(plan.latency)} cycles, ${Math.ceil(romKibibits(plan))} Kibit of ROM`,
    ),
    ...skipLines(plan),
  ].join('\n');
};
