// Plain tables for terminals: a head, a rule, rows; numbers to the right. At most 80 columns: the last column gives
// way (wraps) when its text is too long.
import Table from 'cli-table3';

export const TABLE_WIDTH = 80;
const GAP = 2;

const NO_BORDERS = {
  top: '',
  'top-mid': '',
  'top-left': '',
  'top-right': '',
  bottom: '',
  'bottom-mid': '',
  'bottom-left': '',
  'bottom-right': '',
  left: '',
  'left-mid': '',
  mid: '',
  'mid-mid': '',
  right: '',
  'right-mid': '',
  middle: ' '.repeat(GAP),
};

const widths = (rows: readonly (readonly string[])[]): number[] => {
  const natural = rows[0]!.map((_, c) => Math.max(...rows.map((row) => row[c]!.length)));
  const total = natural.reduce((sum, width) => sum + width, 0) + GAP * (natural.length - 1);
  const last = natural.at(-1)!;
  const surplus = total - TABLE_WIDTH;
  return surplus <= 0 ? natural : [...natural.slice(0, -1), Math.max(8, last - surplus)];
};

/** A table as text without a final newline. `right`: columns (by index) whose cells are numbers. */
export const table = (
  head: readonly string[],
  rows: readonly (readonly string[])[],
  right: readonly number[] = [],
): string => {
  const colWidths = widths([head, ...rows]);
  const rule = colWidths.map((width) => '-'.repeat(width));
  const drawn = new Table({
    chars: NO_BORDERS,
    style: { 'padding-left': 0, 'padding-right': 0, head: [], border: [] },
    colWidths,
    colAligns: head.map((_, c) => (right.includes(c) ? 'right' : 'left')),
    wordWrap: true,
  });
  drawn.push([...head], rule, ...rows.map((row) => [...row]));
  return drawn
    .toString()
    .split('\n')
    .map((line) => line.trimEnd())
    .join('\n');
};
