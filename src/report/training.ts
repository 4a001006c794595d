// The report at the end of training: accuracy, precision and recall, confusion matrix, zeros, loss curve.
import type { ClassificationMetrics } from '../model/metrics.ts';
import type { EpochRecord } from '../model/training.ts';
import { percent, sparkline, thousands } from './format.ts';
import { TABLE_WIDTH, table } from './table.ts';

export interface LayerZeros {
  readonly layer: string;
  readonly inputs: number;
  readonly outputs: number;
  /** Share of zero trits, 0..1. */
  readonly zeros: number;
}

/** Precision and recall of every class. */
export const classTable = ({ perClass, macro, images }: ClassificationMetrics): string => {
  const rows = perClass.map((c) => [c.class, percent(c.precision), percent(c.recall), thousands(c.support)]);
  rows.push(['macro', percent(macro.precision), percent(macro.recall), thousands(images)]);
  return table(['class', 'precision', 'recall', 'images'], rows, [1, 2, 3]);
};

/** The confusion matrix, or its largest entries when it is wider than the page. */
export const confusionTable = ({ confusion, perClass }: ClassificationMetrics): string => {
  const names = perClass.map((c) => c.class);
  const cells = confusion.map((row) => row.map((count) => (count === 0 ? '.' : String(count))));
  const rows = names.map((name, r) => [name, ...cells[r]!]);
  const matrix = table(['label \\ got', ...names], rows, [0, ...names.map((_, c) => c + 1)]);
  if (matrix.split('\n').every((line) => line.length <= TABLE_WIDTH)) return matrix;
  const wrong = confusion.flatMap((row, label) =>
    row.map((count, got) => ({ count, label, got })).filter(({ count, got }) => count > 0 && got !== label),
  );
  wrong.sort((a, b) => b.count - a.count);
  const top = wrong.slice(0, 10).map(({ count, label, got }) => [names[label]!, names[got]!, String(count)]);
  return table(['label', 'got', 'images (the ten most frequent; metrics.json has all)'], top, [2]);
};

export const zerosTable = (layers: readonly LayerZeros[]): string =>
  table(
    ['layer', 'inputs', 'outputs', 'weights', 'zeros'],
    layers.map((l) => [
      l.layer,
      thousands(l.inputs),
      thousands(l.outputs),
      thousands(l.inputs * l.outputs),
      percent(l.zeros, 1),
    ]),
    [1, 2, 3, 4],
  );

export const lossLine = (history: readonly EpochRecord[]): string => {
  const points = history.flatMap((record) =>
    record.lossCurve.length > 0 ? record.lossCurve : [record.loss],
  );
  return `${points[0]!.toFixed(3)} ${sparkline(points)} ${points.at(-1)!.toFixed(3)}`;
};

/** The whole report as text. */
export const trainingReport = (
  metrics: ClassificationMetrics,
  layers: readonly LayerZeros[],
  history: readonly EpochRecord[],
  measured: 'test' | 'validation' = 'test',
): string => {
  const right = Math.round(metrics.accuracy * metrics.images);
  return [
    `${measured} accuracy ${percent(metrics.accuracy)} (${thousands(right)} of ${thousands(metrics.images)} images)`,
    '',
    classTable(metrics),
    '',
    'confusion matrix (rows: label, columns: what the net said)',
    confusionTable(metrics),
    '',
    zerosTable(layers),
    '',
    `training loss over ${history.length} epoch${history.length === 1 ? '' : 's'}`,
    lossLine(history),
  ].join('\n');
};
