// The table at the end of verification: what was compared with what, on how many images, and the first difference.
import type { Comparison, Mismatch, OperationTotals } from '../model/trace.ts';
import { seconds, thousands, wrap } from './format.ts';
import { table } from './table.ts';

export interface VerificationRow {
  readonly comparison: string;
  /** null where no image is involved. */
  readonly images: number | null;
  readonly values: number;
  readonly equal: boolean;
  /** Program and version on the other side. */
  readonly tool: string;
  /** null where it is not worth timing. */
  readonly seconds: number | null;
}

export const verificationTable = (rows: readonly VerificationRow[]): string =>
  table(
    ['simulator against', 'images', 'values', 'result', 'with', 'time'],
    rows.map((row) => [
      row.comparison,
      row.images === null ? '-' : thousands(row.images),
      thousands(row.values),
      row.equal ? 'equal' : 'DIFFERENT',
      row.tool,
      row.seconds === null ? '-' : seconds(row.seconds),
    ]),
    [1, 2, 5],
  );

/** What the simulator did, on average for one image. */
export const operationsLine = (totals: OperationTotals): string => {
  const each = (count: number): string => thousands(Math.round(count / totals.images));
  const { adds, subtracts, skips, shifts, compares } = totals;
  return wrap(
    [
      `reference model, an image: ${each(adds)} additions, ${each(subtracts)} subtractions, ${each(skips)} zeros skipped`,
      `${each(shifts)} shifts, ${each(compares)} comparisons, ${totals.multiplies} multiplications`,
    ].join(', '),
  ).join('\n');
};

const shown = (value: number): string => (Number.isNaN(value) ? 'nothing' : String(value));

/** One difference in full: image, its label, layer, neuron, expected, got, and the clock cycle where there is one. */
export const mismatchText = (
  { image, layer, what, neuron, expected, got, cycle }: Mismatch,
  label: number | undefined,
): string => {
  const place = what === 'class' ? 'the class' : `layer ${layer}, neuron ${neuron} (${what})`;
  const of = label === undefined ? '' : ` (label ${label})`;
  const when = cycle === undefined ? '' : `, cycle ${cycle}`;
  return `image ${image}${of}, ${place}${when}: expected ${shown(expected)}, got ${shown(got)}`;
};

/** The line under a table about a comparison that failed. */
export const comparisonFault = (comparison: Comparison, labels: ArrayLike<number>): string | undefined => {
  if (comparison.first === null) return undefined;
  const of = `${thousands(comparison.mismatches)} of ${thousands(comparison.values)} values differ`;
  return `${comparison.right}: ${of}; first: ${mismatchText(comparison.first, labels[comparison.first.image])}`;
};
