// Every trit and every bias counts, whether or not an image can show it.
import { expect, test } from 'vitest';
import { parseNetwork } from '../../../src/layers/validate.ts';
import { printNetwork } from '../../../src/model/network-file.ts';
import { compareWeights, describeWeights } from '../../../src/sim/compare-weights.ts';
import { type NetworkRecipe, randomNetwork } from '../../support/networks.ts';

const recipe: NetworkRecipe = {
  shape: [2, 3],
  outputs: [4, 3],
  inputBits: 7,
  actBits: 8,
  alphabet: 'ternary',
  shift: 3,
  bias: true,
};
const network = randomNetwork(recipe, 4);

// biome-ignore lint/suspicious/noExplicitAny: the file is changed on purpose
const changed = (change: (json: any) => void) => {
  const json = JSON.parse(printNetwork(network));
  for (const layer of json.layers) if (layer.kind === 'dense') layer.accumulator = 's24';
  json.layers.at(-1).input = 's24';
  change(json);
  return parseNetwork(JSON.stringify(json));
};

test('the same network, whatever its accumulator widths', () => {
  const result = compareWeights(
    network,
    changed(() => undefined),
  );
  expect(result).toEqual({ values: 6 * 4 + 4 + 4 * 3 + 3, mismatches: 0, first: null, structure: null });
  expect(describeWeights(result)).toBe(undefined);
});

test('each single trit, and a bias', () => {
  for (let row = 0; row < 4; row++) {
    for (let column = 0; column < 6; column++) {
      const other = changed((json) => {
        const line: string = json.layers[0].weights.rows[row];
        const flipped = line[column] === '+' ? '-' : '+';
        json.layers[0].weights.rows[row] = line.slice(0, column) + flipped + line.slice(column + 1);
      });
      const { mismatches, first } = compareWeights(network, other);
      expect(mismatches).toBe(1);
      expect(first).toMatchObject({ layer: 'fc0', neuron: row, input: column });
    }
  }
  const biased = changed((json) => {
    json.layers[1].bias[2] += 1;
  });
  expect(describeWeights(compareWeights(network, biased))).toMatch(
    /trained weights: 1 of 43 differ; first: layer fc1, neuron 2, bias: expected -?\d+, got -?\d+/,
  );
});

test('shift, alphabet, size, input and depth', () => {
  const shifted = changed((json) => {
    json.layers[0].requantize.shift = 4;
  });
  expect(describeWeights(compareWeights(network, shifted))).toMatch(/differ in layer fc0: requantize/);
  for (const other of [
    { ...recipe, outputs: [5, 3] },
    { ...recipe, outputs: [3] },
    { ...recipe, inputBits: 6 },
    { ...recipe, alphabet: 'binary' as const },
  ]) {
    const result = compareWeights(network, randomNetwork(other, 4));
    expect(result.structure).not.toBe(null);
    expect(describeWeights(result)).toMatch(/differ in/);
  }
});
