// Inspection counts what evaluation does, and its advice follows from the counts.
import { expect, test } from 'vitest';
import { inspectionReport, suggestions } from '../../../src/report/inspection.ts';
import { inspect } from '../../../src/sim/inspect.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../../support/networks.ts';

const recipe: NetworkRecipe = {
  shape: [4, 4],
  outputs: [9, 3],
  inputBits: 7,
  actBits: 4,
  alphabet: 'ternary',
  shift: 4,
  bias: true,
};

test.each([recipe, { ...recipe, shift: 'dynamic' as const }])('counts by hand', (chosen) => {
  const network = randomNetwork(chosen, 6);
  const images = randomImages(network, 20, 6);
  const set = {
    count: 20,
    height: 4,
    width: 4,
    pixels: Uint8Array.from(Buffer.concat(images)),
    labels: new Uint8Array(20),
  };
  const [hidden, logits] = inspect(network, set, 20);
  const traces = images.map((pixels) => evaluate(network, pixels).layers[0]!);
  const codes = traces.map((trace) => Array.from(trace.codes));
  const accumulators = traces.flatMap((trace) => Array.from(trace.accumulators));
  expect(hidden!.reached).toEqual({ low: Math.min(0, ...accumulators), high: Math.max(0, ...accumulators) });
  expect(hidden!.proven.low).toBeLessThanOrEqual(hidden!.reached.low);
  expect(hidden!.proven.high).toBeGreaterThanOrEqual(hidden!.reached.high);
  expect(hidden!.codes).toEqual({
    format: 'u4',
    largest: Math.max(...codes.flat()),
    zeroShare: codes.flat().filter((code) => code === 0).length / 180,
    saturatedShare: codes.flat().filter((code) => code === 15).length / 180,
    dead: Array.from({ length: 9 }, (_, n) => n).filter((n) => codes.every((row) => row[n] === 0)),
    shifts: { low: Math.min(...traces.map((t) => t.shift)), high: Math.max(...traces.map((t) => t.shift)) },
  });
  expect(logits!.codes).toBe(null);
  expect(inspectionReport([hidden!, logits!], 20)).toMatch(/over 20 images/);
});

test('advice names the layer and the number', () => {
  const layer = {
    layer: 'fc0',
    outputs: 8,
    zeros: 0.5,
    proven: { low: -10, high: 10 },
    reached: { low: -5, high: 5 },
    allotted: 's5',
    used: 's4',
  };
  const codes = {
    format: 'u8',
    largest: 60,
    zeroShare: 0.9,
    saturatedShare: 0,
    dead: [1, 2],
    shifts: { low: 3, high: 3 },
  };
  expect(suggestions([{ ...layer, codes }])).toEqual([
    'fc0: codes never pass 60; --act-bits 6 would hold them',
    'fc0: 2 neurons never fire; a smaller --hidden may do as well',
  ]);
  expect(
    suggestions([{ ...layer, codes: { ...codes, largest: 255, saturatedShare: 0.05, dead: [] } }]),
  ).toEqual(['fc0: 5.0 % of the codes are clipped; try more --act-bits']);
  expect(suggestions([{ ...layer, codes: null }])).toEqual([]);
});
