// network.json: canonical bytes, and every rule broken once.
import { expect, test } from 'vitest';
import { parseNetwork, validateNetwork } from '../../../src/layers/validate.ts';
import type { Layer, Network } from '../../../src/model/network.ts';
import { printNetwork } from '../../../src/model/network-file.ts';
import { UserError } from '../../../src/util/errors.ts';
import { type NetworkRecipe, randomNetwork } from '../../support/networks.ts';
import { compiledText, trackedFiles } from '../../support/source.ts';

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
  { ...recipe, shape: [4, 6] as const, crop: 1, pool: 2 },
])('printing and parsing give back the same network and the same bytes', (variant) => {
  const network = randomNetwork(variant, 4);
  const text = printNetwork(network);
  const back = parseNetwork(text);
  expect(back).toEqual(network);
  expect(printNetwork(back)).toBe(text);
  expect(text.endsWith('}\n')).toBe(true);
});

/** The same value with the fields of every object in the opposite order. */
const reversed = (value: unknown): unknown => {
  if (Array.isArray(value)) return value.map(reversed);
  if (typeof value !== 'object' || value === null || ArrayBuffer.isView(value)) return value;
  const entries = Object.entries(value).reverse();
  return Object.fromEntries(entries.map(([key, item]) => [key, reversed(item)]));
};

test('the bytes do not depend on the order of fields, in the file or in memory', () => {
  for (const variant of [recipe, { ...recipe, shift: 'dynamic' as const }]) {
    const provenance = { tool: 'x', dataset: 'y', seed: 3, epochs: 1, testAccuracy: 0.5, trainAccuracy: 1 };
    const network = { ...randomNetwork(variant, 4), provenance };
    const text = printNetwork(network);
    expect(printNetwork(parseNetwork(JSON.stringify(reversed(JSON.parse(text)))))).toBe(text);
    expect(printNetwork(reversed(network) as Network)).toBe(text);
  }
});

/** New values by path; `undefined` removes a field. */
type Edits = Readonly<Record<string, unknown>>;

const edited = (edits: Edits): string => {
  const json: unknown = JSON.parse(printNetwork(randomNetwork(recipe, 4)));
  for (const [path, value] of Object.entries(edits)) {
    const keys = path.split('.');
    const parent = keys.slice(0, -1).reduce((at, key) => (at as Record<string, unknown>)[key], json);
    expect(parent, path).toBeTypeOf('object');
    (parent as Record<string, unknown>)[keys.at(-1)!] = value;
  }
  return JSON.stringify(json);
};

const { layers } = JSON.parse(edited({})) as { layers: Record<string, unknown>[] };
const requantize = layers[0]!.requantize;
const narrowRows = ['+0-', '0-+', '+++', '---'];
const DENSE = 'layers.0';
const fourRows = (row: readonly number[]): number[][] => [[...row], [...row], [...row], [...row]];

const CASES: readonly [string, Edits, RegExp][] = [
  ['a version from the future', { version: 2 }, /version/],
  ['another format', { format: 'other' }, /format/],
  ['a missing field', { [`${DENSE}.bias`]: undefined }, /bias/],
  ['a field of another type', { [`${DENSE}.bias`]: '0' }, /bias/],
  ['an unknown field', { extra: 1 }, /extra/],
  ['an unknown field of the input', { 'input.scale': 1 }, /scale/],
  ['an unknown field of a layer', { [`${DENSE}.scale`]: 0.5 }, /scale/],
  ['an unknown field of the weights', { [`${DENSE}.weights.scale`]: 1 }, /scale/],
  ['an unknown field of the requantizer', { [`${DENSE}.requantize.multiplier`]: 1 }, /multiplier/],
  ['an unknown field of argmax', { 'layers.2.scale': 1 }, /scale/],
  ['an unknown field of the provenance', { 'provenance.author': 'x' }, /author/],
  ['a kind that there is not', { [`${DENSE}.kind`]: 'conv2d' }, /layers\.0/],
  ['a float shift', { [`${DENSE}.requantize.shift`]: 2.5 }, /shift/],
  ['a shift beyond 24', { [`${DENSE}.requantize.shift`]: 25 }, /shift/],
  ['a negative shift', { [`${DENSE}.requantize.shift`]: -1 }, /shift/],
  ['a float bias', { [`${DENSE}.bias.0`]: 0.5 }, /bias/],
  ['a bias beyond 2^24', { [`${DENSE}.bias.0`]: 2 ** 24 + 1 }, /bias/],
  ['a float shape', { 'input.shape': [2.5, 3] }, /shape/],
  ['a float input shift', { 'input.shift': 0.5 }, /shift/],
  ['another rounding', { [`${DENSE}.requantize.rounding`]: 'floor' }, /rounding/],
  ['a multiplier', { [`${DENSE}.requantize`]: { kind: 'scale', factor: 3 } }, /requantize/],
  ['another rule for ties', { 'layers.2.ties': 'highest-index' }, /ties/],
  ['a bad name', { name: 'a b' }, /name/],
  ['a bad layer name', { [`${DENSE}.name`]: '0' }, /layers\.0\.name/],
  [
    'a character that is no trit',
    { [`${DENSE}.weights.rows.1`]: 'x0+-0+' },
    /row 1, column 0 must be a ternary trit, not "x"/,
  ],
  [
    'a zero among binary weights',
    { [`${DENSE}.weights.alphabet`]: 'binary' },
    /must be a binary trit, not "0"/,
  ],
  ['ragged rows', { [`${DENSE}.weights.rows.2`]: '0' }, /row 2 must have 6 trits, not 1/],
  ['no rows', { [`${DENSE}.weights.rows`]: [] }, /rows/],
  ['a bad format name', { [`${DENSE}.accumulator`]: 's99' }, /accumulator/],
  ['no layers', { layers: [] }, /layers/],
  ['a class without a name', { 'classes.1': '' }, /classes\.1/],
  ['an accuracy above 1', { 'provenance.testAccuracy': 98 }, /testAccuracy/],
  ['a signed pixel', { 'input.pixel': 's8' }, /input.pixel must be u8/],
  ['an input code that does not fit its shift', { 'input.code': 'u6' }, /input.code must be u7/],
  ['a window that is too large', { 'input.pool': [17, 1] }, /input\.pool/],
  [
    'a crop that leaves the image',
    { 'input.crop': [1, 0, 2, 3] },
    /input.crop must lie within the 2 x 3 image, not 1, 0, 2, 3/,
  ],
  [
    'a window that does not divide the crop',
    { 'input.pool': [1, 2] },
    /input.pool must divide the 2 x 3 crop/,
  ],
  [
    'a shape that does not fit the first layer',
    { 'input.shape': [3, 3], 'input.crop': [0, 0, 3, 3] },
    /layer fc0: inputs must be 9/,
  ],
  [
    'an input format that does not fit what comes before',
    { 'layers.1.input': 'u7' },
    /layer fc1: input must be u8/,
  ],
  [
    'input codes wider than a dense layer takes',
    {
      'input.shift': 0,
      'input.pool': [2, 1],
      'input.code': 'u9',
      [`${DENSE}.input`]: 'u9',
      [`${DENSE}.weights.rows`]: narrowRows,
    },
    /layer fc0: input must be u1..u8, not u9/,
  ],
  [
    'an accumulator one bit too narrow',
    { [`${DENSE}.accumulator`]: 's9' },
    /accumulator must hold the worst case \[-?\d+, \d+\], not s9; s1\d/,
  ],
  ['an unsigned accumulator', { [`${DENSE}.accumulator`]: 'u16' }, /accumulator must hold/],
  [
    'a bias too few',
    { [`${DENSE}.bias`]: [0, 0, 0] },
    /bias must have one entry for each of 4 outputs, not 3/,
  ],
  [
    'requantization of the logits',
    { 'layers.1.requantize': requantize },
    /requantize must be none on the last/,
  ],
  ['none before another layer', { [`${DENSE}.requantize`]: { kind: 'none' } }, /must not be none before/],
  ['a signed output', { [`${DENSE}.requantize.output`]: 's8' }, /requantize output must be u1..u8/],
  ['a wide output', { [`${DENSE}.requantize.output`]: 'u9' }, /requantize output must be u1..u8/],
  [
    'thresholds that are too wide',
    { [`${DENSE}.requantize`]: { kind: 'thresholds', output: 'u5', thresholds: [[1]] } },
    /thresholds must give u1..u4, not u5/,
  ],
  [
    'a threshold too few',
    { [`${DENSE}.requantize`]: { kind: 'thresholds', output: 'u2', thresholds: fourRows([1, 2]) } },
    /thresholds must be 3 for each of 4 outputs, not 8 in all/,
  ],
  [
    'ragged thresholds',
    { [`${DENSE}.requantize`]: { kind: 'thresholds', output: 'u1', thresholds: [[1], [1, 2], [1], [1]] } },
    /thresholds.*equally long/,
  ],
  [
    'thresholds that descend',
    { [`${DENSE}.requantize`]: { kind: 'thresholds', output: 'u2', thresholds: fourRows([1, 3, 2]) } },
    /thresholds must ascend in each row, not 3 before 2/,
  ],
  [
    'a threshold out of reach',
    { [`${DENSE}.requantize`]: { kind: 'thresholds', output: 'u1', thresholds: fourRows([4096]) } },
    /thresholds must lie within the accumulator, s1\d, not 4096/,
  ],
  [
    'a fractional threshold',
    { [`${DENSE}.requantize`]: { kind: 'thresholds', output: 'u1', thresholds: fourRows([0.5]) } },
    /thresholds/,
  ],
  ['no argmax', { layers: layers.slice(0, 2) }, /layers must be one or more dense, then one argmax/],
  ['argmax in the middle', { layers: [...layers].reverse() }, /layers must be one or more dense/],
  ['two argmaxes', { layers: [...layers, layers[2]] }, /layer names must differ|layers must be one/],
  ['two layers of one name', { 'layers.1.name': 'fc0' }, /layer names must differ/],
  ['a class too many', { classes: ['a', 'b', 'c', 'd'] }, /must have one name for each of 3 logits, not 4/],
  [
    'an argmax over another number of logits',
    { 'layers.2.inputs': 4, classes: ['a', 'b', 'c', 'd'] },
    /layer argmax: inputs must be 3/,
  ],
  ['an argmax over another format', { 'layers.2.input': 's32' }, /layer argmax: input must be s/],
];

const refusal = (text: string): UserError => {
  try {
    parseNetwork(text, 'x.json');
  } catch (error) {
    expect(error).toBeInstanceOf(UserError);
    return error as UserError;
  }
  throw new Error('the network was accepted');
};

test('the network that the cases change is itself accepted', () => {
  expect(parseNetwork(edited({})).layers).toHaveLength(3);
});

test.each(CASES)('refuses %s', (_, edits, message) => {
  expect(refusal(edited(edits)).message).toMatch(message);
});

test('each rule of the validator has a case that breaks it', () => {
  const text = [...trackedFiles('src/layers/*.ts'), 'src/model/network-file.ts'].map(compiledText).join('\n');
  const named = [...text.matchAll(/'BITSIM_NETWORK_(\w+)'/g), ...text.matchAll(/'([A-Z]+)',?\s*\)/g)];
  const missing = new Set(named.map(([, rule]) => `BITSIM_NETWORK_${rule}`));
  expect(missing.size).toBeGreaterThanOrEqual(15);
  for (const [, edits] of CASES) missing.delete(refusal(edited(edits)).code);
  // a net that no edit of this one gives: below
  expect([...missing]).toEqual(['BITSIM_NETWORK_EXACT']);
});

test('refuses what is not JSON, naming the file', () => {
  for (const text of ['{', '', 'null', '[]', '3', edited({}).slice(0, -1)]) {
    expect(refusal(text).message, text).toMatch(/^network x\.json: file must be valid/);
  }
});

/** One input, one output, no requantization in between: its worst case is bias and bias + 127. */
const wide = (bias: number): Network => {
  const network = randomNetwork({ ...recipe, shape: [1, 1], outputs: [1, 1], shift: 0, bias: false }, 1);
  const [first, ...others] = network.layers;
  const changed = { ...first, bias: Int32Array.of(bias), accumulator: { signed: true, bits: 32 } } as Layer;
  return { ...network, layers: [changed, ...others] };
};

test('refuses accumulators that float32 could not hold exactly, from 2^24 on', () => {
  expect(() => validateNetwork(wide(2 ** 24))).toThrow(/must stay below 2\^24/);
  expect(() => validateNetwork(wide(-(2 ** 24)))).toThrow(/must stay below 2\^24/);
  expect(() => validateNetwork(wide(2 ** 24 - 128))).not.toThrow();
  expect(() => validateNetwork(wide(128 - 2 ** 24))).not.toThrow();
});
