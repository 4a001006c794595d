// Folding files: written and read back, and what is wrong with a bad one.
import { expect, test } from 'vitest';
import { formatFolding, parseFolding } from '../../../src/model/folding-file.ts';

const file = {
  format: 'bitsim-folding',
  version: 1,
  network: 'net',
  layers: [
    { layer: 'fc0', pe: 4, simd: 4 },
    { layer: 'fc1', pe: 1, simd: 2 },
  ],
  packing: 'auto',
} as const;

test('what is written is read back, one line a layer', () => {
  const text = formatFolding({ ...file, layers: [...file.layers] });
  expect(parseFolding(text, 'f')).toEqual(file);
  expect(text).toContain('\n    { "layer": "fc1", "pe": 1, "simd": 2 }\n');
});

test('registers are written where there are any, and a file without them has none', () => {
  const layers = [
    { layer: 'fc0', pe: 4, simd: 4, pipeline: 2 },
    { layer: 'fc1', pe: 1, simd: 2, pipeline: 0 },
  ];
  const text = formatFolding({ ...file, layers });
  expect(text).toContain('{ "layer": "fc0", "pe": 4, "simd": 4, "pipeline": 2 },');
  expect(text).toContain('{ "layer": "fc1", "pe": 1, "simd": 2 }');
  expect(parseFolding(text, 'f').layers.map(({ pipeline }) => pipeline)).toEqual([2, undefined]);
});

test('layers that skip zeros say so, the others say nothing', () => {
  const layers = [
    { ...file.layers[0], skipZeros: 'on' as const },
    { ...file.layers[1], skipZeros: 'off' as const },
  ];
  const text = formatFolding({ ...file, layers });
  expect(text).toContain('"simd": 4, "skipZeros": "on" },\n    { "layer": "fc1", "pe": 1, "simd": 2 }\n');
  expect(parseFolding(text, 'f').layers).toEqual([layers[0], file.layers[1]]);
});

test('packing may be left out', () => {
  const { packing: _, ...rest } = file;
  expect(parseFolding(JSON.stringify(rest), 'f').packing).toBe('auto');
});

test.each([
  ['', /folding file f must be a bitsim-folding file of version 1, not .*JSON/],
  ['{}', /format: /],
  [JSON.stringify({ ...file, version: 2 }), /version: /],
  [JSON.stringify({ ...file, layers: [] }), /layers: /],
  [JSON.stringify({ ...file, layers: [{ layer: 'fc0', pe: 0, simd: 1 }] }), /layers\.0\.pe: /],
  [JSON.stringify({ ...file, layers: [{ layer: 'fc0', pe: 1.5, simd: 1 }] }), /layers\.0\.pe: /],
  [
    JSON.stringify({ ...file, layers: [{ layer: 'fc0', pe: 1, simd: 1, pipeline: -1 }] }),
    /layers\.0\.pipeline: /,
  ],
  [JSON.stringify({ ...file, packing: '3bit' }), /packing: /],
  [JSON.stringify({ ...file, layers: [{ layer: 'fc0', pe: 1, simd: 1, skipZeros: true }] }), /skipZeros: /],
  [JSON.stringify({ ...file, pes: [1] }), /pes/],
])('refused: %s', (text, message) => {
  expect(() => parseFolding(text, 'f')).toThrow(message);
});
