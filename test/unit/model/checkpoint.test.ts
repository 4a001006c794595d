// Checkpoints: whole and unaltered, or refused.
import { createHash } from 'node:crypto';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { encodeCheckpoint, readCheckpoint, writeCheckpoint } from '../../../src/model/checkpoint.ts';
import { classificationMetrics } from '../../../src/model/metrics.ts';
import type { Checkpoint } from '../../../src/model/training.ts';
import { initialLayers } from '../../../src/train/calibrate.ts';
import { DEFAULTS } from '../../../src/train/options.ts';
import { UserError } from '../../../src/util/errors.ts';
import { temporaryFolder } from '../../support/emitted.ts';

const offsets = {
  unit: 16,
  latents: Float32Array.of(0.5, -3),
  firstMoment: Float32Array.of(0.25, 0),
  secondMoment: Float32Array.of(0, 1),
};

const checkpoint: Checkpoint = {
  options: { ...DEFAULTS, hidden: [5] },
  backend: 'wasm',
  shape: [2, 3],
  classes: ['a', 'b'],
  dataset: { name: 'x', digests: { train: 't', test: 'u' } },
  layers: initialLayers([6, 5, 2], 1).map((layer, i) => (i === 0 ? layer : { ...layer, offsets })),
  shifts: [3],
  logitShift: 4,
  history: [{ epoch: 1, loss: 0.5, trainAccuracy: 0.75, validationAccuracy: null, lossCurve: [1, 0.5] }],
};

test('written and read back', () => {
  const path = join(temporaryFolder(), 'checkpoint.bin');
  writeCheckpoint(path, checkpoint);
  expect(readCheckpoint(path)).toEqual(checkpoint);
});

test('any cut and any flipped bit is found', () => {
  const path = join(temporaryFolder(), 'checkpoint.bin');
  const bytes = encodeCheckpoint(checkpoint);
  for (let length = 0; length < bytes.length; length += 37) {
    writeFileSync(path, bytes.subarray(0, length));
    expect(() => readCheckpoint(path), `${length} bytes`).toThrow(/checkpoint .* must be/);
  }
  for (let at = 0; at < bytes.length; at += 41) {
    const altered = Buffer.from(bytes);
    altered[at]! ^= 1;
    writeFileSync(path, altered);
    expect(() => readCheckpoint(path), `byte ${at}`).toThrow(/checkpoint .* must be/);
  }
  expect(readFileSync(path).length).toBe(bytes.length);
});

/** A file of our form around any header, its digest right. */
const wrapped = (header: string, rest: Uint8Array = Buffer.alloc(0)): Buffer => {
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const body = Buffer.concat([Buffer.from('BITSIMCK'), length, Buffer.from(header), rest]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
};

test('a header that is none, of another version, or of other sizes is refused, whatever its digest', () => {
  const path = join(temporaryFolder(), 'checkpoint.bin');
  const bytes = encodeCheckpoint(checkpoint);
  const header = bytes.subarray(12, 12 + bytes.readUInt32LE(8)).toString();
  const weights = bytes.subarray(12 + header.length, -32);
  const refuses = (content: Buffer, message: RegExp): void => {
    writeFileSync(path, content);
    expect(() => readCheckpoint(path)).toThrow(UserError);
    expect(() => readCheckpoint(path)).toThrow(message);
  };
  refuses(wrapped('{"version":'), /header of this version, not something else/);
  refuses(
    wrapped(header.replace('"version":2', '"version":3'), weights),
    /header of this version, not version/,
  );
  refuses(wrapped(header.replace('"hidden":', '"hiddem":'), weights), /header of this version, not options/);
  refuses(wrapped(header.replace('"levels":1', '"levels":2'), weights), /exactly the weights of its header/);
  refuses(wrapped(header, weights.subarray(4)), /exactly the weights of its header/);
  refuses(wrapped(header, Buffer.concat([weights, weights])), /exactly the weights of its header/);
  writeFileSync(path, wrapped(header, weights));
  expect(readCheckpoint(path)).toEqual(checkpoint);
});

test('a missing checkpoint is named', () => {
  expect(() => readCheckpoint('/nowhere/checkpoint.bin')).toThrow(
    /checkpoint \/nowhere\/checkpoint.bin must be readable, not missing/,
  );
});

test('metrics by hand', () => {
  const metrics = classificationMetrics([0, 0, 1, 1, 1, 2], [0, 1, 1, 1, 0, 0], ['a', 'b', 'c']);
  expect(metrics.accuracy).toBe(0.5);
  expect(metrics.confusion).toEqual([
    [1, 1, 0],
    [1, 2, 0],
    [1, 0, 0],
  ]);
  expect(metrics.perClass).toEqual([
    { class: 'a', precision: 1 / 3, recall: 1 / 2, support: 2 },
    { class: 'b', precision: 2 / 3, recall: 2 / 3, support: 3 },
    { class: 'c', precision: 0, recall: 0, support: 1 },
  ]);
  expect(metrics.macro.precision).toBeCloseTo(1 / 3);
  expect(metrics.macro.recall).toBeCloseTo(7 / 18);
});
