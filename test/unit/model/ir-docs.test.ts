// docs/ir.md is complete: every field of the file is on the page, and a reader written from the page alone
// (examples/read_network.py, another language) gives every code and every logit.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { printNetwork } from '../../../src/model/network-file.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { temporaryFolder } from '../../support/emitted.ts';
import { idxImages } from '../../support/idx.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../../support/networks.ts';

const page = readFileSync('docs/ir.md', 'utf8');

const keysOf = (value: unknown): string[] => {
  if (Array.isArray(value)) return value.flatMap(keysOf);
  if (typeof value !== 'object' || value === null) return [];
  return Object.entries(value).flatMap(([key, item]) => [key, ...keysOf(item)]);
};

const base: NetworkRecipe = {
  shape: [4, 3],
  outputs: [7, 5, 3],
  inputBits: 6,
  actBits: 4,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};
const RECIPES: readonly NetworkRecipe[] = [
  base,
  { ...base, shift: 'dynamic', bias: false },
  { ...base, alphabet: 'binary', inputBits: 8, actBits: 8, shift: 0 },
  { ...base, outputs: [2], inputBits: 1 },
  { ...base, shape: [8, 6], crop: 1, pool: 2 },
  { ...base, shape: [6, 9], pool: 3, inputBits: 8 },
  { ...base, outputs: [9, 1], actBits: 1, shift: 'dynamic', zeros: 1 },
];

test('every field of the file is on the page', () => {
  const provenance = { tool: 't', dataset: 'd', seed: 1, epochs: 1, testAccuracy: 1, trainAccuracy: 1 };
  for (const recipe of RECIPES) {
    const network = { ...randomNetwork(recipe, 1), provenance };
    for (const key of new Set(keysOf(JSON.parse(printNetwork(network))))) {
      expect(page.includes(`\`${key}\``) || page.includes(`.${key}\``), key).toBe(true);
    }
  }
});

const python = spawnSync('python3', ['--version']).status === 0;
if (!python && process.env.CI !== undefined) throw new Error('python3 is missing');

test.runIf(python).each(RECIPES)('an independent reader agrees on %j', (recipe) => {
  for (let seed = 0; seed < 5; seed++) {
    const network = randomNetwork(recipe, seed);
    const images = randomImages(network, 12, seed);
    const folder = temporaryFolder();
    writeFileSync(join(folder, 'network.json'), printNetwork(network));
    writeFileSync(join(folder, 'images'), idxImages(images, recipe.shape[0], recipe.shape[1]));
    const args = [
      'examples/read_network.py',
      join(folder, 'network.json'),
      join(folder, 'images'),
      '--codes',
    ];
    const lines = execFileSync('python3', args, { encoding: 'utf8' }).trim().split('\n');
    const expected = images.map((pixels, image) => {
      const trace = evaluate(network, pixels);
      const codes = trace.layers.slice(0, -1).map((layer) => Array.from(layer.codes));
      return { image, class: trace.class, logits: Array.from(trace.logits), codes };
    });
    expect(lines.map((line) => JSON.parse(line))).toEqual(expected);
  }
});
