// docs/ir.md is complete: every field that the schema knows is on the page, its worked example is right, and a reader
// written from the page alone (examples/read_network.py, another language) gives every code and every logit.
import { execFileSync, spawnSync } from 'node:child_process';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { z } from 'zod';
import { parseNetwork } from '../../../src/layers/validate.ts';
import { denseLayers, type Network } from '../../../src/model/network.ts';
import { networkSchema, printNetwork } from '../../../src/model/network-file.ts';
import type { TritMatrix } from '../../../src/num/trit.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { temporaryFolder } from '../../support/emitted.ts';
import { idxImages } from '../../support/idx.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../../support/networks.ts';

const page = readFileSync('docs/ir.md', 'utf8');

/** A node of the schema as JSON Schema prints it; only what names fields and fixed values. */
interface SchemaNode {
  readonly properties?: Readonly<Record<string, SchemaNode>>;
  readonly items?: SchemaNode;
  readonly anyOf?: readonly SchemaNode[];
  readonly oneOf?: readonly SchemaNode[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

/** Field names and fixed string values below a node. */
const wordsOf = (node: SchemaNode): string[] => {
  const { properties = {}, items, anyOf = [], oneOf = [] } = node;
  const below = [...Object.values(properties), ...anyOf, ...oneOf, ...(items === undefined ? [] : [items])];
  const fixed = [...(node.enum ?? []), node.const].filter((value) => typeof value === 'string');
  return [...Object.keys(properties), ...fixed, ...below.flatMap(wordsOf)];
};

/** The text under a `## ` heading, up to the next. */
const sectionOf = (text: string, heading: string): string => {
  const [, section] = text.split(`\n## ${heading}\n`);
  return section?.split('\n## ')[0] ?? '';
};

/** Words that `text` does not show in code style; `weights.rows` shows `rows`, too. */
const missingFrom = (text: string, words: readonly string[]): string[] =>
  [...new Set(words)].filter((word) => !text.includes(`\`${word}\``) && !text.includes(`.${word}\``));

const root = z.toJSONSchema(networkSchema, { io: 'input' }) as SchemaNode;
const layerNodes = root.properties!.layers!.items!;
const layerNode = (kind: string): SchemaNode =>
  [...(layerNodes.oneOf ?? []), ...(layerNodes.anyOf ?? [])].find(
    (node) => node.properties!.kind!.const === kind,
  )!;
const { requantize, ...denseOwn } = layerNode('dense').properties!;

/** Which section of the page owes an explanation of which words. */
const OWED: readonly [heading: string, words: readonly string[]][] = [
  ['Top level', Object.keys(root.properties!)],
  ['`input`', wordsOf(root.properties!.input!)],
  ['`layers`: `dense`', ['requantize', ...wordsOf({ properties: denseOwn })]],
  ['`requantize`', wordsOf(requantize!)],
  ['`layers`: `argmax`', wordsOf(layerNode('argmax'))],
  ['`provenance`', wordsOf(root.properties!.provenance!)],
];

describe('the page', () => {
  test.each(OWED)('section %s names every field of the schema', (heading, words) => {
    expect(words.length).toBeGreaterThan(3);
    expect(missingFrom(sectionOf(page, heading), words)).toEqual([]);
  });

  test('no part of the schema is owed by no section', () => {
    const owed = new Set(OWED.flatMap(([, words]) => words));
    expect(wordsOf(root).filter((word) => !owed.has(word) && word !== 'bitsim-network')).toEqual([]);
    expect(missingFrom(sectionOf(page, 'Top level'), ['bitsim-network'])).toEqual([]);
  });

  test('a field that is taken off the page would be missed', () => {
    for (const [heading, words] of OWED) {
      for (const word of new Set(words)) {
        const without = sectionOf(page, heading).replaceAll(`\`${word}\``, '').replaceAll(`.${word}\``, '');
        expect(missingFrom(without, words), `${heading}: ${word}`).toContain(word);
      }
    }
    expect(missingFrom(page, ['perChannelScale'])).toEqual(['perChannelScale']);
  });

  test('every limit of the schema is the one on the page', () => {
    expect(page).toContain('1 to 4096 each');
    expect(page).toMatch(/`pool` .* 1 to 16 each/);
    expect(page).toMatch(/`shift` \| integer 0\.\.15/);
    expect(page).toMatch(/`shift` \(0\.\.24\)/);
    const { shape, pool, shift } = networkSchema.shape.input.shape;
    for (const [schema, low, high] of [
      [shift, 0, 15],
      [networkSchema.shape.layers.element.options[0].shape.requantize.options[1].shape.shift, 0, 24],
    ] as const) {
      expect([low - 1, low, high, high + 1].map((value) => schema.safeParse(value).success)).toEqual([
        false,
        true,
        true,
        false,
      ]);
    }
    expect([1, 4096, 4097].map((side) => shape.safeParse([side, 1]).success)).toEqual([true, true, false]);
    expect([1, 16, 17].map((side) => pool.safeParse([1, side]).success)).toEqual([true, true, false]);
  });
});

/** A row of the worked example's table: the integers of its last column. */
const stated = (step: string): number[] => {
  const line = sectionOf(page, 'A worked example')
    .split('\n')
    .find((row) => row.startsWith(`| ${step}`));
  const text = line!.split('|').at(-2)!.replaceAll('−', '-');
  return [...text.matchAll(/-?\d+/g)].map(([number]) => Number(number));
};

test('the worked example gives the integers that the page says', () => {
  const network = parseNetwork(/```json\n(.*?)```/s.exec(sectionOf(page, 'A worked example'))![1]!);
  const trace = evaluate(network, Uint8Array.from(stated('pixels')));
  expect(Array.from(trace.inputCodes)).toEqual(stated('input codes'));
  expect(Array.from(trace.layers[0]!.accumulators)).toEqual(stated('accumulators'));
  expect(Array.from(trace.layers[0]!.codes)).toEqual(stated('codes'));
  expect(Array.from(trace.logits)).toEqual(stated('logits'));
  expect([trace.class]).toEqual(stated('class'));
  expect(stated('pixels')).toHaveLength(4);
});

const base: NetworkRecipe = {
  shape: [4, 3],
  outputs: [7, 5, 3],
  inputBits: 6,
  actBits: 4,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};
const RECIPES: readonly [string, NetworkRecipe][] = [
  ['static shift, bias', base],
  ['dynamic shift', { ...base, shift: 'dynamic', bias: false }],
  ['binary, 8 bits, shift 0', { ...base, alphabet: 'binary', inputBits: 8, actBits: 8, shift: 0 }],
  ['one layer, 1 bit', { ...base, outputs: [2], inputBits: 1 }],
  ['cropped, windows of 2 x 2', { ...base, shape: [8, 6], crop: 1, pool: 2 }],
  ['windows of 3 x 3', { ...base, shape: [6, 9], pool: 3, inputBits: 8 }],
  ['all zeros, one class', { ...base, outputs: [9, 1], actBits: 1, shift: 'dynamic', zeros: 1 }],
  ['deep and narrow', { ...base, outputs: [2, 1, 3, 2, 4], actBits: 2, shift: 'dynamic' }],
  ['large shift', { ...base, shift: 9 }],
  ['thresholds', { ...base, shift: 'thresholds' }],
  ['one threshold a neuron', { ...base, shift: 'thresholds', actBits: 1, bias: false }],
];

const python = spawnSync('python3', ['--version']).status === 0;
if (!python && process.env.CI !== undefined) throw new Error('python3 is missing');
if (!python) console.warn('SKIPPED: python3 is missing, so no independent reader was run');

type Files = Readonly<{ network: string; images: string | Uint8Array }>;

const runReader = ({ network, images }: Files, ...options: string[]) => {
  const folder = temporaryFolder();
  writeFileSync(join(folder, 'network.json'), network);
  writeFileSync(join(folder, 'images'), images);
  const files = [join(folder, 'network.json'), join(folder, 'images')];
  return spawnSync('python3', ['examples/read_network.py', ...files, ...options], { encoding: 'utf8' });
};

const lines = (text: string): unknown[] =>
  text
    .trim()
    .split('\n')
    .map((line): unknown => JSON.parse(line));

const expectedOf = (network: Network, images: readonly Uint8Array[]) =>
  images.map((pixels, image) => {
    const trace = evaluate(network, pixels);
    const codes = trace.layers.slice(0, -1).map((layer) => Array.from(layer.codes));
    return { image, class: trace.class, logits: Array.from(trace.logits), codes };
  });

describe.runIf(python)('an independent reader', () => {
  test.each(RECIPES)('agrees in every integer: %s (seeds 0 to 2)', (_, recipe) => {
    for (let seed = 0; seed < 3; seed++) {
      const network = randomNetwork(recipe, seed);
      const images = randomImages(network, 12, seed);
      const files = { network: printNetwork(network), images: idxImages(images, ...recipe.shape) };
      const { stdout, stderr } = runReader(files, '--codes');
      expect(stderr).toBe('');
      expect(lines(stdout)).toEqual(expectedOf(network, images));
    }
  });

  test('takes gzipped images and images as JSON; --images stops early', () => {
    const network = randomNetwork(base, 9);
    const images = randomImages(network, 5, 9);
    const text = printNetwork(network);
    const expected = expectedOf(network, images).map(({ codes: _, ...others }) => others);
    const gzip = runReader({ network: text, images: gzipSync(idxImages(images, ...base.shape)) });
    expect(lines(gzip.stdout)).toEqual(expected);
    const json = JSON.stringify(images.map((image) => Array.from(image)));
    expect(lines(runReader({ network: text, images: json }, '--images', '2').stdout)).toEqual(
      expected.slice(0, 2),
    );
  });

  const network = randomNetwork(base, 9);
  const good: Files = {
    network: printNetwork(network),
    images: idxImages(randomImages(network, 2, 9), ...base.shape),
  };
  const bad: readonly [string, Partial<Files>][] = [
    ['another version', { network: good.network.replace('"version": 1', '"version": 2') }],
    ['no network', { network: '{}' }],
    ['no JSON', { network: '{' }],
    ['a character that is no trit', { network: good.network.replace(/"[+0-]{12}"/, '"x00000000000"') }],
    ['images cut off', { images: (good.images as Buffer).subarray(0, -1) }],
    ['no images', { images: '' }],
    ['images of another shape', { images: idxImages([new Uint8Array(6)], 2, 3) }],
    ['a gzip file cut off', { images: gzipSync(good.images).subarray(0, -9) }],
    ['a JSON image of another size', { images: '[[1, 2]]' }],
    ['a JSON pixel of 256', { images: JSON.stringify([new Array(12).fill(256)]) }],
  ];
  test.each(bad)('exits with 2 and a line that says why: %s', (_, change) => {
    const { status, stdout, stderr } = runReader({ ...good, ...change });
    expect({ status, stdout }).toEqual({ status: 2, stdout: '' });
    expect(stderr).toMatch(/^read_network\.py: .+\n$/);
  });

  test('needs nothing but the standard library', () => {
    const source = readFileSync('examples/read_network.py', 'utf8');
    const modules = [...source.matchAll(/^(?:import|from) (\S+)/gm)].map(([, name]) => name);
    expect(modules.length).toBeGreaterThan(0);
    const program = `import sys; print([m for m in ${JSON.stringify(modules)} if m not in sys.stdlib_module_names])`;
    expect(execFileSync('python3', ['-c', program], { encoding: 'utf8' }).trim()).toBe('[]');
  });
});

describe.runIf(python)('a writer for matrices trained elsewhere', () => {
  const write = (weights: readonly string[], ...options: string[]) => {
    const folder = temporaryFolder();
    const files = weights.map((text, i) => {
      writeFileSync(join(folder, `fc${i}.txt`), text);
      return join(folder, `fc${i}.txt`);
    });
    const out = join(folder, 'network.json');
    const args = ['examples/write_network.py', ...files, '--shape', '3x4', '--out', out, ...options];
    const { status, stderr } = spawnSync('python3', args, { encoding: 'utf8' });
    return { status, stderr, read: () => parseNetwork(readFileSync(out, 'utf8')) };
  };
  const matrix = ({ rows, cols, trits }: TritMatrix): string =>
    Array.from({ length: rows }, (_, r) => trits.slice(r * cols, (r + 1) * cols).join(' ')).join('\n');

  test('what it writes computes what those matrices compute', () => {
    const recipe = { ...base, shape: [3, 4], outputs: [6, 5, 3], inputBits: 7, bias: false } as const;
    const network = randomNetwork({ ...recipe, actBits: 4, shift: 2, alphabet: 'ternary' }, 21);
    const weights = denseLayers(network).map((layer) => matrix(layer.weights));
    const { status, stderr, read } = write(weights, '--input-bits', '7', '--act-bits', '4', '--shift', '2');
    expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
    const written = read();
    for (const pixels of randomImages(network, 20, 4)) {
      expect(Array.from(evaluate(written, pixels).logits)).toEqual(
        Array.from(evaluate(network, pixels).logits),
      );
    }
  });

  const row = '1 0 -1 1 0 -1 1 0 -1 1 0 -1';
  test.each([
    ['a line that is too short', [row.slice(2)], [], /every line must have 12 weights/],
    ['a weight of 2', [row.replace('1', '2')], [], /weights must be -1, 0 or 1/],
    ['a word that is no number', [`${row} x`], [], /fc0\.txt: /],
    ['layers that do not fit', [row, '1 1'], [], /every line must have 1 weights/],
    ['two shifts for one hidden layer', [row, '1'], ['--shift', '1,2'], /--shift: must be one number/],
  ])('refuses %s', (_, weights, options, message) => {
    const { status, stderr } = write(weights, ...options);
    expect(status).toBe(2);
    expect(stderr).toMatch(message);
  });
});
