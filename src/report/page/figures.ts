// The report's charts as Vega-Lite specifications: loss, accuracy, confusion, zeros, accumulator widths.
import type { LayerInspection } from '../../sim/inspect.ts';
import { percent } from '../format.ts';
import { FIRST, type Figure, INK, MUTED, PAPER, SECOND } from './draw.ts';

const SCHEMA = 'https://vega.github.io/schema/vega-lite/v6.json';
/** Narrow enough that the letters stay readable on a phone. */
const WIDTH = 390;

export interface Epoch {
  readonly epoch: number;
  readonly loss: number;
  readonly trainAccuracy: number;
  readonly validationAccuracy: number | null;
  readonly lossCurve: readonly number[];
}

/** Points of a long curve: means of equal parts. */
const POINTS = 400;

const thinned = (history: readonly Epoch[]): { epoch: number; loss: number }[] => {
  const all = history.flatMap(({ epoch, lossCurve }) =>
    lossCurve.map((loss, i) => ({ epoch: epoch - 1 + (i + 1) / lossCurve.length, loss })),
  );
  const step = Math.ceil(all.length / POINTS);
  return Array.from({ length: Math.ceil(all.length / step) }, (_, i) => {
    const part = all.slice(i * step, (i + 1) * step);
    return {
      epoch: Number(part.at(-1)!.epoch.toFixed(4)),
      loss: Number((part.reduce((sum, { loss }) => sum + loss, 0) / part.length).toFixed(5)),
    };
  });
};

export const lossFigure = (history: readonly Epoch[]): Figure => ({
  name: 'loss',
  description: `Training loss over ${history.length} epochs, from ${history[0]!.loss.toFixed(3)} in the first to ${history.at(-1)!.loss.toFixed(3)} in the last.`,
  spec: {
    $schema: SCHEMA,
    width: WIDTH,
    height: 200,
    layer: [
      {
        data: { values: thinned(history) },
        mark: { type: 'line', color: FIRST, opacity: 0.45, strokeWidth: 1 },
        encoding: {
          x: { field: 'epoch', type: 'quantitative', title: 'epoch' },
          y: { field: 'loss', type: 'quantitative', title: 'loss' },
        },
      },
      {
        data: { values: history.map(({ epoch, loss }) => ({ epoch, loss })) },
        mark: { type: 'line', color: FIRST, strokeWidth: 2 },
        encoding: {
          x: { field: 'epoch', type: 'quantitative' },
          y: { field: 'loss', type: 'quantitative' },
        },
      },
    ],
  },
});

export const accuracyFigure = (history: readonly Epoch[], test: number): Figure => {
  const validated = history.some(({ validationAccuracy }) => validationAccuracy !== null);
  const values = history.flatMap(({ epoch, trainAccuracy, validationAccuracy }) => [
    { epoch, accuracy: trainAccuracy, of: 'training' },
    ...(validationAccuracy === null ? [] : [{ epoch, accuracy: validationAccuracy, of: 'held-out' }]),
  ]);
  return {
    name: 'accuracy',
    description: `Accuracy on training images${validated ? ' and held-out images' : ''} by epoch; dashed: ${percent(test)} at the end on images that were not trained on.`,
    spec: {
      $schema: SCHEMA,
      width: WIDTH,
      height: 200,
      layer: [
        {
          data: { values },
          mark: { type: 'line', strokeWidth: 2, point: history.length === 1 },
          encoding: {
            x: { field: 'epoch', type: 'quantitative', title: 'epoch' },
            y: {
              field: 'accuracy',
              type: 'quantitative',
              title: 'accuracy',
              axis: { format: '.0%', tickCount: 5 },
              scale: { zero: false },
            },
            color: {
              field: 'of',
              type: 'nominal',
              title: null,
              legend: validated ? { orient: 'bottom' } : null,
            },
          },
        },
        {
          data: { values: [{ accuracy: test }] },
          mark: { type: 'rule', color: MUTED, strokeDash: [4, 3] },
          encoding: { y: { field: 'accuracy', type: 'quantitative' } },
        },
      ],
    },
  };
};

/** Rows are labels. Shades follow the square root of the share, so that rare confusions are seen. */
export const confusionFigure = (
  confusion: readonly (readonly number[])[],
  classes: readonly string[],
): Figure => {
  const values = confusion.flatMap((row, label) => {
    const total = row.reduce((sum, count) => sum + count, 0);
    return row.map((count, said) => ({
      label: classes[label]!,
      said: classes[said]!,
      images: count,
      shade: total === 0 ? 0 : Math.sqrt(count / total),
      right: label === said,
    }));
  });
  const wrong = values.filter(({ right, images }) => !right && images > 0);
  const most = wrong.sort((a, b) => b.images - a.images)[0];
  const side = Math.min(38, Math.max(18, 420 / classes.length)) * classes.length;
  const axis = { type: 'ordinal', sort: [...classes], axis: { labelAngle: 0 } } as const;
  return {
    name: 'confusion',
    description:
      most === undefined
        ? 'Every image was classified rightly.'
        : `Labels in rows, answers in columns. The commonest confusion: ${most.images} images of ${most.label} taken for ${most.said}.`,
    spec: {
      $schema: SCHEMA,
      width: side,
      height: side,
      data: { values },
      encoding: {
        x: { field: 'said', ...axis, title: 'what the net said' },
        y: { field: 'label', ...axis, title: 'label' },
      },
      layer: [
        {
          mark: { type: 'rect', stroke: PAPER },
          encoding: {
            color: {
              field: 'right',
              type: 'nominal',
              scale: { domain: [true, false], range: [FIRST, SECOND] },
              legend: null,
            },
            opacity: {
              field: 'shade',
              type: 'quantitative',
              scale: { domain: [0, 1], range: [0, 1] },
              legend: null,
            },
          },
        },
        {
          transform: [{ filter: 'datum.images > 0' }],
          mark: { type: 'text', fontSize: 12 },
          encoding: {
            text: { field: 'images', type: 'quantitative' },
            // on a full shade the paper's colour stands out in both themes, on a weak one the ink's
            color: { condition: { test: 'datum.shade > 0.8', value: PAPER }, value: INK },
          },
        },
      ],
    },
  };
};

export const zerosFigure = (layers: readonly Pick<LayerInspection, 'layer' | 'zeros'>[]): Figure => ({
  name: 'zeros',
  description: `Share of zeros among the trits: ${layers.map(({ layer, zeros }) => `${layer} ${percent(zeros, 1)}`).join(', ')}.`,
  spec: {
    $schema: SCHEMA,
    width: WIDTH,
    height: { step: 26 },
    data: { values: layers.map(({ layer, zeros }) => ({ layer, zeros })) },
    mark: { type: 'bar', color: FIRST, opacity: 0.8 },
    encoding: {
      y: { field: 'layer', type: 'nominal', sort: null, title: null },
      x: {
        field: 'zeros',
        type: 'quantitative',
        title: 'share of zeros',
        scale: { domain: [0, 1] },
        axis: { format: '.0%' },
      },
    },
  },
});

const bitsOf = (format: string): number => Number(format.slice(1));

/** How many bits the accumulators need, beside the bits they have. */
export const widthsFigure = (layers: readonly LayerInspection[]): Figure => {
  const most = Math.max(...layers.map(({ allotted }) => bitsOf(allotted)));
  return {
    name: 'accumulators',
    description: `${layers
      .map(({ layer, used, allotted }) => `${layer}: at most ${used} was needed of ${allotted}`)
      .join('; ')}.`,
    spec: {
      $schema: SCHEMA,
      data: {
        values: layers.flatMap(({ layer, widths, allotted }) =>
          widths.map((share, bits) => ({ layer, bits, share, allotted: bitsOf(allotted) })),
        ),
      },
      facet: { row: { field: 'layer', type: 'nominal', sort: null, title: null } },
      spec: {
        width: WIDTH - 20,
        height: 90,
        layer: [
          {
            mark: { type: 'bar', color: FIRST, opacity: 0.8, width: 10 },
            encoding: {
              x: {
                field: 'bits',
                type: 'quantitative',
                title: 'bits (dashed: allotted)',
                axis: { tickMinStep: 1 },
                scale: { domain: [0, most + 1], nice: false },
              },
              y: {
                field: 'share',
                type: 'quantitative',
                title: 'share',
                axis: { format: '.0%', tickCount: 4 },
              },
            },
          },
          {
            mark: { type: 'rule', color: SECOND, strokeDash: [5, 3], strokeWidth: 2 },
            encoding: { x: { aggregate: 'max', field: 'allotted', type: 'quantitative' } },
          },
        ],
      },
    },
  };
};
