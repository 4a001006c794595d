// What inspect found, as tables, and what one might do about it.
import type { Range } from '../layers/dense/range.ts';
import type { LayerInspection } from '../sim/inspect.ts';
import { percent, thousands } from './format.ts';
import { table } from './table.ts';

/** What the report reads of an inspection. */
export type InspectedLayer = Omit<LayerInspection, 'inputs' | 'widths'>;

const range = ({ low, high }: Range): string =>
  low === high ? thousands(low) : `${thousands(low)} .. ${thousands(high)}`;

const accumulatorTable = (layers: readonly InspectedLayer[]): string =>
  table(
    ['layer', 'zero trits', 'accumulator proven', 'reached', 'format', 'used'],
    layers.map((l) => [l.layer, percent(l.zeros, 1), range(l.proven), range(l.reached), l.allotted, l.used]),
    [1],
  );

const codeTable = (layers: readonly InspectedLayer[]): string =>
  table(
    ['layer', 'codes', 'largest', 'zero', 'saturated', 'shift', 'dead neurons'],
    layers.flatMap(({ layer, codes, outputs }) =>
      codes === null
        ? []
        : [
            [
              layer,
              codes.format,
              String(codes.largest),
              percent(codes.zeroShare, 1),
              percent(codes.saturatedShare, 3),
              range(codes.shifts),
              `${codes.dead.length} of ${thousands(outputs)}`,
            ],
          ],
    ),
    [2, 3, 4],
  );

const bits = (format: string): number => Number(format.slice(1));

type Codes = NonNullable<InspectedLayer['codes']>;

/** Bits that hold the largest code. */
const neededBits = ({ largest }: Codes): number => Math.max(1, 32 - Math.clz32(largest));

/** Whether some layer's codes would fit fewer bits. */
export const couldBeNarrower = (layers: readonly InspectedLayer[]): boolean =>
  layers.some(({ codes }) => codes !== null && neededBits(codes) < bits(codes.format));

/** Advice that follows from the counts; each is a thing to try and to verify, not a fact about other images. */
export const suggestions = (layers: readonly InspectedLayer[]): string[] =>
  layers.flatMap(({ layer, codes }) => {
    if (codes === null) return [];
    const needed = neededBits(codes);
    const advice: string[] = [];
    if (needed < bits(codes.format)) {
      advice.push(`${layer}: codes never pass ${codes.largest}; --act-bits ${needed} would hold them`);
    }
    if (codes.saturatedShare > 0.01) {
      advice.push(
        `${layer}: ${percent(codes.saturatedShare, 1)} of the codes are clipped; try more --act-bits`,
      );
    }
    if (codes.dead.length > 0) {
      advice.push(`${layer}: ${codes.dead.length} neurons never fire; a smaller --hidden may do as well`);
    }
    return advice;
  });

/** The whole report as text. */
export const inspectionReport = (layers: readonly InspectedLayer[], images: number): string => {
  const parts = [`over ${thousands(images)} images`, '', accumulatorTable(layers)];
  if (layers.some(({ codes }) => codes !== null)) parts.push('', codeTable(layers));
  const advice = suggestions(layers);
  if (advice.length > 0) parts.push('', 'to try:', ...advice.map((line) => `  ${line}`));
  return parts.join('\n');
};
