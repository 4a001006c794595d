// The report's parts: text is escaped, pictures hold what they are of, charts hold their data.
import { decode } from 'fast-png';
import { expect, test } from 'vitest';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import { dataflowPicture } from '../../../src/report/page/dataflow.ts';
import { drawFigure } from '../../../src/report/page/draw.ts';
import { escapeHtml } from '../../../src/report/page/escape.ts';
import { confusionFigure, lossFigure } from '../../../src/report/page/figures.ts';
import { greyImage, tritImage } from '../../../src/report/page/pixels.ts';
import { randomNetwork } from '../../support/networks.ts';

const bytesOf = (uri: string): Uint8Array =>
  Uint8Array.from(Buffer.from(uri.slice(uri.indexOf(',') + 1), 'base64'));

test('markup in names stays text', () => {
  expect(escapeHtml(`<b>&"'`)).toBe('&lt;b&gt;&amp;&quot;&#39;');
});

test('a class whose name is markup is drawn as text', async () => {
  const figure = confusionFigure(
    [
      [3, 1],
      [0, 4],
    ],
    ['<script>', 'b'],
  );
  expect(figure.description).toContain('1 images of <script> taken for b');
  const svg = await drawFigure(figure);
  expect(svg).not.toContain('<script>');
  expect(svg).toContain('&lt;script&gt;');
});

test('trits: +1 and -1 in two colours, 0 transparent', () => {
  const trits = Int8Array.from([1, 0, -1, 0, 1, 1]);
  const { data } = decode(bytesOf(tritImage({ alphabet: 'ternary', rows: 1, cols: 6, trits }, 0, 2, 3)));
  const alpha = Array.from({ length: 6 }, (_, i) => data[4 * i + 3]);
  expect(alpha).toEqual([255, 0, 255, 0, 255, 255]);
  expect(data[0]).not.toBe(data[8]);
  expect(data[0]).toBe(data[16]);
});

test('digits are dark on light', () => {
  const { data } = decode(bytesOf(greyImage(Uint8Array.from([0, 255, 200, 1]), 2, 2)));
  expect([...data]).toEqual([255, 0, 55, 254]);
});

test('a long curve is thinned to means, a short one kept', async () => {
  const epoch = (n: number, lossCurve: number[]) => ({
    epoch: n,
    loss: 0.5,
    trainAccuracy: 0.5,
    validationAccuracy: null,
    lossCurve,
  });
  type Layered = { layer: { data: { values: { epoch: number; loss: number }[] } }[] };
  const values = (curve: number[]) =>
    (lossFigure([epoch(1, curve)]).spec as unknown as Layered).layer[0]!.data.values;
  expect(values([3, 2, 1]).map(({ loss }) => loss)).toEqual([3, 2, 1]);
  const long = values(Array.from({ length: 4000 }, (_, i) => i % 2));
  expect(long.length).toBeLessThanOrEqual(400);
  expect(new Set(long.map(({ loss }) => loss))).toEqual(new Set([0.5]));
  expect(long.at(-1)!.epoch).toBe(1);
});

test('the pipeline names every layer, its adders and the bottleneck', () => {
  const network = randomNetwork(
    {
      shape: [14, 14],
      outputs: [32, 10],
      inputBits: 7,
      actBits: 8,
      alphabet: 'ternary',
      shift: 5,
      bias: false,
    },
    3,
  );
  const svg = dataflowPicture(network, planFolded(network, { pe: [4, 1], simd: [2, 1] }));
  expect(svg).toContain('PE 4 × SIMD 2: 8 adders, folds 8 × 98');
  expect(svg.match(/the bottleneck/g)).toHaveLength(1);
  expect(svg).toContain('aria-label="Pipeline: fc0 with 4 × 2 adders, fc1 with 1 × 1 adders');
});
