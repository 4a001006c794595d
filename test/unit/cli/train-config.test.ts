// --config: options by name, a run's own manifest, and everything else refused.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { readTrainConfig } from '../../../src/cli/train-config.ts';
import { DEFAULTS } from '../../../src/train/options.ts';
import { temporaryFolder } from '../../support/emitted.ts';

const read = (content: string) => {
  const path = join(temporaryFolder(), 'config.json');
  writeFileSync(path, content);
  return readTrainConfig(path);
};

test('options by their names', () => {
  expect(read('{ "hidden": [64, 32], "learningRate": 0.01 }')).toEqual({
    hidden: [64, 32],
    learningRate: 0.01,
  });
  expect(read('{}')).toEqual({});
});

test('the manifest of a run', () => {
  expect(read(JSON.stringify({ format: 'bitsim-run', version: 1, options: DEFAULTS }))).toEqual(DEFAULTS);
});

test.each([
  ['[', /be JSON/],
  ['[1]', /hold training options/],
  ['{ "epoch": 3 }', /hold training options.*epoch/],
  ['{ "epochs": "3" }', /epochs/],
  ['{ "weights": "float" }', /weights/],
])('%s is refused', (content, message) => {
  expect(() => read(content)).toThrow(message);
});

test('a missing file is named', () => {
  expect(() => readTrainConfig('/nowhere/config.json')).toThrow(
    /configuration \/nowhere\/config.json must be readable/,
  );
});
