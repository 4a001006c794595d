// network.json: canonical bytes, and every rule broken once.
import { expect, test } from 'vitest';
import { parseNetwork, validateNetwork } from '../../../src/layers/validate.ts';
import type { Network } from '../../../src/model/network.ts';
import { printNetwork } from '../../../src/model/network-file.ts';
import { UserError } from '../../../src/util/errors.ts';
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

test.each([
  recipe,
  { ...recipe, bias: false, shift: 'dynamic' as const },
  { ...recipe, alphabet: 'binary' as const, outputs: [2] },
])('printing and parsing give back the same network and the same bytes', (variant) => {
  const network = randomNetwork(variant, 4);
  const text = printNetwork(network);
  const back = parseNetwork(text);
  expect(back).toEqual(network);
  expect(printNetwork(back)).toBe(text);
});

// biome-ignore lint/suspicious/noExplicitAny: the tests below break the structure on purpose
type Json = any;
const broken = (change: (json: Json) => void): string => {
  const json: Json = JSON.parse(printNetwork(randomNetwork(recipe, 4)));
  change(json);
  return JSON.stringify(json);
};

const CASES: readonly [string, (json: Json) => void, RegExp][] = [
  [
    'a version from the future',
    (n) => {
      n.version = 2;
    },
    /version/,
  ],
  [
    'another format',
    (n) => {
      n.format = 'other';
    },
    /format/,
  ],
  [
    'an unknown field',
    (n) => {
      n.extra = 1;
    },
    /extra/,
  ],
  [
    'an unknown field of a layer',
    (n) => {
      n.layers[0].scale = 0.5;
    },
    /scale/,
  ],
  [
    'a float shift',
    (n) => {
      n.layers[0].requantize.shift = 2.5;
    },
    /shift/,
  ],
  [
    'a float bias',
    (n) => {
      n.layers[0].bias[0] = 0.5;
    },
    /bias/,
  ],
  [
    'another rounding',
    (n) => {
      n.layers[0].requantize.rounding = 'floor';
    },
    /rounding/,
  ],
  [
    'a multiplier',
    (n) => {
      n.layers[0].requantize = { kind: 'scale', factor: 3 };
    },
    /requantize/,
  ],
  [
    'a bad name',
    (n) => {
      n.name = 'a b';
    },
    /name/,
  ],
  [
    'a character that is no trit',
    (n) => {
      n.layers[0].weights.rows[1] = 'x0+-0+';
    },
    /row 1, column 0 must be a ternary trit, not "x"/,
  ],
  [
    'a zero among binary weights',
    (n) => {
      n.layers[0].weights.alphabet = 'binary';
    },
    /must be a binary trit, not "0"/,
  ],
  [
    'ragged rows',
    (n) => {
      n.layers[0].weights.rows[2] = '0';
    },
    /row 2 must have 6 trits, not 1/,
  ],
  [
    'no rows',
    (n) => {
      n.layers[0].weights.rows = [];
    },
    /rows/,
  ],
  [
    'a bad format name',
    (n) => {
      n.layers[0].accumulator = 's99';
    },
    /accumulator/,
  ],
  [
    'no layers',
    (n) => {
      n.layers = [];
    },
    /layers/,
  ],
  [
    'a signed pixel',
    (n) => {
      n.input.pixel = 's8';
    },
    /input.pixel must be u8/,
  ],
  [
    'an input code that does not fit its shift',
    (n) => {
      n.input.code = 'u6';
    },
    /input.code must be u7/,
  ],
  [
    'a shape that does not fit the first layer',
    (n) => {
      n.input.shape = [3, 3];
      n.input.crop = [0, 0, 3, 3];
    },
    /layer fc0: inputs must be 9/,
  ],
  [
    'a crop that leaves the image',
    (n) => {
      n.input.crop = [1, 0, 2, 3];
    },
    /input.crop must lie within the 2 x 3 image, not 1, 0, 2, 3/,
  ],
  [
    'a window that does not divide the crop',
    (n) => {
      n.input.pool = [1, 2];
    },
    /input.pool must divide the 2 x 3 crop/,
  ],
  [
    'an input format that does not fit what comes before',
    (n) => {
      n.layers[1].input = 'u7';
    },
    /layer fc1: input must be u8/,
  ],
  [
    'an accumulator one bit too narrow',
    (n) => {
      n.layers[0].accumulator = 's9';
    },
    /accumulator must hold the worst case \[-?\d+, \d+\], not s9; s1\d/,
  ],
  [
    'an unsigned accumulator',
    (n) => {
      n.layers[0].accumulator = 'u16';
    },
    /accumulator must hold/,
  ],
  [
    'a bias too few',
    (n) => {
      n.layers[0].bias.pop();
    },
    /bias must have one entry for each of 4 outputs, not 3/,
  ],
  [
    'requantization of the logits',
    (n) => {
      n.layers[1].requantize = n.layers[0].requantize;
    },
    /requantize must be none on the last/,
  ],
  [
    'none before another layer',
    (n) => {
      n.layers[0].requantize = { kind: 'none' };
    },
    /must not be none before/,
  ],
  [
    'a signed output',
    (n) => {
      n.layers[0].requantize.output = 's8';
    },
    /requantize output must be u1..u8/,
  ],
  [
    'a wide output',
    (n) => {
      n.layers[0].requantize.output = 'u9';
    },
    /requantize output must be u1..u8/,
  ],
  [
    'no argmax',
    (n) => {
      n.layers.pop();
    },
    /layers must be one or more dense, then one argmax/,
  ],
  [
    'argmax in the middle',
    (n) => {
      n.layers.reverse();
    },
    /layers must be one or more dense/,
  ],
  [
    'two layers of one name',
    (n) => {
      n.layers[1].name = 'fc0';
    },
    /layer names must differ/,
  ],
  [
    'a class too many',
    (n) => {
      n.classes.push('x');
    },
    /classes must have one name for each of 3 logits, not 4/,
  ],
  [
    'an accuracy above 1',
    (n) => {
      n.provenance.testAccuracy = 98;
    },
    /testAccuracy/,
  ],
];

test.each(CASES)('refuses %s', (_, change, message) => {
  const text = broken(change);
  expect(() => parseNetwork(text, 'x.json')).toThrow(message);
  expect(() => parseNetwork(text, 'x.json')).toThrow(UserError);
});

test('refuses what is not JSON, naming the file', () => {
  expect(() => parseNetwork('{', 'x.json')).toThrow(/network x.json: file must be valid \(not JSON/);
});

test('refuses accumulators that float32 could not hold exactly', () => {
  const wide = randomNetwork({ ...recipe, shape: [1, 1], outputs: [1, 1], shift: 0, bias: false }, 1);
  const bias = Int32Array.of(2 ** 24);
  const layers = wide.layers.map((layer, i) =>
    i === 0 && layer.kind === 'dense' ? { ...layer, bias, accumulator: { signed: true, bits: 32 } } : layer,
  );
  expect(() => validateNetwork({ ...wide, layers } as Network)).toThrow(/must stay below 2\^24/);
});
