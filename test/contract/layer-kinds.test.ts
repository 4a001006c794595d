// Every layer kind that a network file may hold obeys the contract.
import { expect, test } from 'vitest';
import { z } from 'zod';
import type { Layer } from '../../src/model/network.ts';
import { networkSchema } from '../../src/model/network-file.ts';
import { unsigned } from '../../src/num/format.ts';
import { type NetworkRecipe, randomNetwork } from '../support/networks.ts';
import { type LayerSample, layerKindContract } from './layer-kind.ts';

const base: NetworkRecipe = {
  shape: [3, 4],
  outputs: [6, 4],
  inputBits: 5,
  actBits: 3,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};

const dense = (label: string, change: Partial<NetworkRecipe>, index = 0): LayerSample => ({
  label,
  layer: randomNetwork({ ...base, ...change }, 5).layers[index]!,
  last: index === 1,
});

const argmax = (label: string, inputs: number): LayerSample => ({
  label,
  layer: { kind: 'argmax', name: 'argmax', inputs, input: unsigned(9), ties: 'lowest-index' },
  last: true,
});

const SAMPLES: Readonly<Record<Layer['kind'], readonly LayerSample[]>> = {
  dense: [
    dense('static shift', {}),
    dense('dynamic shift', { shift: 'dynamic' }),
    dense('binary, no bias, shift 0', { alphabet: 'binary', bias: false, shift: 0 }),
    dense('one-bit codes', { inputBits: 1, actBits: 1 }),
    dense('all zeros', { zeros: 1, bias: false }),
    dense('logits', {}, 1),
  ],
  argmax: [argmax('one logit', 1), argmax('two logits', 2), argmax('ten logits', 10)],
};

for (const [kind, samples] of Object.entries(SAMPLES)) layerKindContract(kind as Layer['kind'], samples);

test('no kind of the file format is left out', () => {
  const { layers } = networkSchema.shape;
  const kinds = layers.element.options.map((option) => option.shape.kind.value);
  expect(kinds.sort()).toEqual(Object.keys(SAMPLES).sort());
  expect(z.toJSONSchema(networkSchema, { io: 'input' }).properties).toHaveProperty('layers');
});
