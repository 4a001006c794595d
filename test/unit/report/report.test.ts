// Tables, numbers, curves, progress lines, cell counts.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { classificationMetrics } from '../../../src/model/metrics.ts';
import { parseCells } from '../../../src/report/cells.ts';
import { percent, seconds, sparkline, thousands } from '../../../src/report/format.ts';
import { bar, createProgress, duration } from '../../../src/report/progress.ts';
import { table } from '../../../src/report/table.ts';
import { confusionTable, lossLine, trainingReport } from '../../../src/report/training.ts';
import { comparisonFault, mismatchText, verificationTable } from '../../../src/report/verification.ts';

const widest = (text: string): number => Math.max(...text.split('\n').map((line) => line.length));

describe('table', () => {
  test('aligns, rules, trims', () => {
    expect(
      table(
        ['name', 'n'],
        [
          ['a', '1'],
          ['bcdef', '1000'],
        ],
        [1],
      ),
    ).toBe(['name      n', '-----  ----', 'a         1', 'bcdef  1000'].join('\n'));
  });

  test('stays within 80 columns: the last column wraps', () => {
    const text = table(['a', 'b'], [['x'.repeat(30), 'many words '.repeat(20)]]);
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(text.match(/many\s+words/g)).toHaveLength(20);
  });
});

describe('numbers', () => {
  test('percent never rounds up to 100', () => {
    expect([percent(0.98765), percent(1), percent(0.99999), percent(0), percent(0.5, 0)]).toEqual([
      '98.77 %',
      '100.00 %',
      '99.99 %',
      '0.00 %',
      '50 %',
    ]);
  });

  test('thousands, seconds, durations', () => {
    expect([thousands(1234567), seconds(0.42), seconds(42.4)]).toEqual(['1,234,567', '0.4 s', '42 s']);
    expect([duration(5), duration(185), duration(3720), duration(-1)]).toEqual([
      '5 s',
      '3 min 5 s',
      '1 h 2 min',
      '0 s',
    ]);
  });

  test('sparkline: at most its width, lowest and highest shown', () => {
    expect(sparkline([])).toBe('');
    expect(sparkline([1, 1])).toBe('▁▁');
    expect(sparkline([3, 1, 2])).toBe('█▁▅');
    fc.assert(
      fc.property(
        fc.array(fc.double({ noNaN: true, min: 0, max: 10 })),
        fc.integer({ min: 1, max: 70 }),
        (v, w) => {
          expect([...sparkline(v, w)]).toHaveLength(Math.min(v.length, w));
        },
      ),
    );
  });
});

describe('training report', () => {
  const names = (count: number): string[] => Array.from({ length: count }, (_, i) => `class${i}`);

  test('holds every figure', () => {
    const metrics = classificationMetrics([0, 0, 1, 1], [0, 1, 1, 1], ['no', 'yes']);
    const history = [
      { epoch: 1, loss: 0.7, trainAccuracy: 0.5, validationAccuracy: null, lossCurve: [0.9, 0.5] },
    ];
    const zeros = [{ layer: 'fc0', inputs: 784, outputs: 2, zeros: 0.25 }];
    const text = trainingReport(metrics, zeros, history);
    for (const part of [
      '75.00 % (3 of 4 images)',
      'macro',
      '66.67 %',
      '1,568',
      '25.0 %',
      'over 1 epoch\n',
      '0.900 █▁ 0.500',
    ]) {
      expect(text).toContain(part);
    }
    expect(
      lossLine([{ epoch: 1, loss: 0.7, trainAccuracy: 0, validationAccuracy: null, lossCurve: [] }]),
    ).toBe('0.700 ▁ 0.700');
  });

  test('many classes: the most frequent confusions instead of a matrix that is too wide', () => {
    const labels = Array.from({ length: 60 }, (_, i) => i % 30);
    const predicted = labels.map((label, i) => (i === 59 ? 3 : label));
    const text = confusionTable(classificationMetrics(labels, predicted, names(30)));
    expect(widest(text)).toBeLessThanOrEqual(80);
    expect(text).toMatch(/class29 +class3 +1/);
    expect(confusionTable(classificationMetrics(labels, labels, names(30)))).not.toMatch(/class\d/);
  });
});

describe('verification report', () => {
  test('rows and the first difference', () => {
    const row = { comparison: 'icarus, RTL', images: 12, values: 1234, tool: 'icarus 11.0', seconds: 3 };
    expect(
      verificationTable([
        { ...row, equal: true },
        { ...row, equal: false },
      ]),
    ).toMatch(/equal[\s\S]+DIFFERENT/);
    const first = {
      image: 3,
      layer: 'fc0',
      what: 'code',
      neuron: 17,
      expected: 12,
      got: Number.NaN,
    } as const;
    expect(mismatchText(first, 5)).toBe(
      'image 3 (label 5), layer fc0, neuron 17 (code): expected 12, got nothing',
    );
    expect(mismatchText({ ...first, what: 'class' }, undefined)).toContain('image 3, the class: expected 12');
    const comparison = { left: 'simulator', right: 'graph', images: 4, values: 100, mismatches: 2, first };
    expect(comparisonFault(comparison, [0, 0, 0, 5])).toMatch(
      /^graph: 2 of 100 values differ; first: image 3/,
    );
    expect(comparisonFault({ ...comparison, mismatches: 0, first: null }, [])).toBeUndefined();
  });
});

describe('progress', () => {
  const record = (isTTY: boolean) => {
    const written: string[] = [];
    let time = 0;
    const stream = { isTTY, columns: 40, write: (text: string) => written.push(text) };
    const progress = createProgress('work', stream, () => time);
    return { written, progress, at: (ms: number) => (time = ms) };
  };

  test('in a log: a line every five seconds, and the last word', () => {
    const { written, progress, at } = record(false);
    for (const ms of [0, 1000, 4999, 5000, 9000, 10_000]) {
      at(ms);
      progress.update(ms / 20_000, 'on');
    }
    progress.done('all');
    expect(written).toEqual(['work 25 % on\n', 'work 50 % on\n', 'work: all\n']);
  });

  test('on a terminal: one line, redrawn, never wider than the terminal', () => {
    const { written, progress, at } = record(true);
    progress.update(0.5, 'x'.repeat(100));
    at(50);
    progress.update(0.6);
    progress.done();
    expect(written).toHaveLength(3);
    expect(written[0]).toBe(`\rwork [##########..........] 50 % ${'x'.repeat(39 - 33)}\x1b[K`);
    expect(written[0]!.length).toBeLessThanOrEqual(1 + 39 + 3);
    expect(written.slice(1)).toEqual(['\rwork: done\x1b[K', '\n']);
  });

  test('a bar stays a bar beyond its ends', () => {
    expect([bar(-1, 4), bar(0.5, 4), bar(2, 4)]).toEqual(['[....]', '[##..]', '[####]']);
  });
});

test('cell counts of yosys, and an error for anything else', () => {
  const cells = { SB_LUT4: 5, SB_CARRY: 2, SB_DFFESR: 3, SB_DFF: 1, SB_RAM40_4K: 4, SB_MAC16: 1 };
  const stat = JSON.stringify({ design: { num_cells_by_type: cells } });
  expect(parseCells(stat)).toEqual({ luts: 5, flipFlops: 4, blockRams: 4, dsps: 1, carries: 2 });
  expect(() => parseCells('{}')).toThrow('num_cells_by_type');
});
