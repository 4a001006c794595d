// Parts of a set that threads share: every image in exactly one part, whoever takes it, and the engine's results.
import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { LabelledImages } from '../../../../src/model/dataset.ts';
import { compileEngine } from '../../../../src/sim/engine/engine.ts';
import {
  evaluatePart,
  imagesDone,
  shareImages,
  shareSet,
  takePart,
} from '../../../../src/sim/engine/parts.ts';
import { randomImages, randomNetwork } from '../../../support/networks.ts';

const SEED = 83;
const network = randomNetwork(
  { shape: [3, 3], outputs: [5, 4], inputBits: 7, actBits: 8, alphabet: 'ternary', shift: 2, bias: false },
  1,
);

const blank = (count: number): LabelledImages => ({
  count,
  height: 3,
  width: 3,
  pixels: new Uint8Array(count * 9),
  labels: new Uint8Array(count),
});

test(`every image is in one part (seed ${SEED})`, () => {
  fc.assert(
    fc.property(fc.nat(20_000), fc.integer({ min: 1, max: 9 }), (count, threads) => {
      const set = shareSet(network, blank(count), threads);
      let next = 0;
      for (let part = takePart(set); part !== null; part = takePart(set)) {
        expect(part[0]).toBe(next);
        expect(part[1]).toBeGreaterThan(part[0]);
        next = part[1];
      }
      expect(next).toBe(count);
      expect(takePart(set)).toBe(null);
    }),
    { seed: SEED, numRuns: 60 },
  );
});

test('parts in any order give what the whole set gives', () => {
  const pixels = Uint8Array.from(Buffer.concat(randomImages(network, 1000, 3)));
  const images = { ...blank(1000), pixels };
  const engine = compileEngine(network);
  const whole = engine.run(pixels, 1000);
  const set = shareSet(network, images, 3);
  const parts: (readonly [number, number])[] = [];
  for (let part = takePart(set); part !== null; part = takePart(set)) parts.push(part);
  expect(parts.length).toBeGreaterThan(2);
  expect(imagesDone(set)).toBe(0);
  for (const part of parts.reverse()) evaluatePart(engine, set, part);
  expect(imagesDone(set)).toBe(1000);
  expect(Array.from(set.classes)).toEqual(Array.from(whole.classes));
  expect(Array.from(set.logits)).toEqual(Array.from(whole.logits));
});

test('pixels that threads see already are not copied', () => {
  const once = shareImages(blank(4));
  expect(once.pixels.buffer).toBeInstanceOf(SharedArrayBuffer);
  expect(shareImages(once).pixels).toBe(once.pixels);
});
