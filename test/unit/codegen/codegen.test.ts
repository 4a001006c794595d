// Emission as a pure function: determinism, manifest, ROM layout, view checks.
import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import { packLanes, weightRom } from '../../../src/arch/folded/rom-image.ts';
import { checksumOf, hexText } from '../../../src/codegen/data-file.ts';
import { emit } from '../../../src/codegen/emit.ts';
import { checkDistinct, identifier } from '../../../src/codegen/names.ts';
import { denseLayers } from '../../../src/model/network.ts';
import { render } from '../../../src/util/render.ts';
import { emitDesign } from '../../support/emitted.ts';
import { type NetworkRecipe, randomNetwork, randomVectors } from '../../support/networks.ts';

const recipe: NetworkRecipe = {
  shape: [2, 3],
  outputs: [4, 3],
  inputBits: 4,
  actBits: 3,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};
const network = randomNetwork(recipe, 5);

test('same input, same bytes', () => {
  const [a, b] = [emitDesign({ network }), emitDesign({ network: randomNetwork(recipe, 5) })];
  expect([...a.files]).toEqual([...b.files]);
});

test('the manifest names the SHA-256 of every other file', () => {
  const { files, manifest } = emitDesign({ network });
  const others = [...files.keys()].filter((path) => path !== 'manifest.json' && path !== 'SHA256SUMS');
  expect(Object.keys(manifest.files).sort()).toEqual(others.sort());
  for (const path of others) {
    expect(manifest.files[path]).toBe(createHash('sha256').update(files.get(path)!).digest('hex'));
  }
  expect(JSON.parse(files.get('manifest.json')!)).toEqual(JSON.parse(JSON.stringify(manifest)));
});

test('emitted text holds no date, absolute path or unrendered template', () => {
  for (const [path, text] of emitDesign({ network }).files) {
    expect(text, path).not.toMatch(/\{\{[#/a-z]|undefined|\[object|NaN/);
    expect(text, path).not.toMatch(/20\d\d-\d\d-\d\d|\/(home|root|tmp|work)\//);
  }
});

test('one module a file, and the file is named after it', () => {
  for (const [path, text] of emitDesign({ network, rom: 'case' }).files) {
    if (!path.startsWith('rtl/')) continue;
    expect(text.match(/^module \w+/gm)).toEqual([`module ${path.slice(4, -2)}`]);
    expect(text).toMatch(/^\/\/ SPDX-License-Identifier/);
    expect(text).toContain('`default_nettype none');
  }
});

test('the weight ROM holds each trit at its documented place', () => {
  const layer = denseLayers(network)[0]!;
  const plan = planFolded(network, { pe: [2, 1], simd: [3, 1] }).layers[0]!;
  const { words } = weightRom(layer, plan);
  const code = (word: bigint, lane: number): number => Number((word >> BigInt(2 * lane)) & 3n);
  for (let output = 0; output < 4; output++) {
    for (let input = 0; input < 6; input++) {
      const word = words[Math.floor(output / 2) * 2 + Math.floor(input / 3)]!;
      const trit = layer.weights.trits[output * 6 + input]!;
      expect(code(word, (output % 2) * 3 + (input % 3))).toBe(trit < 0 ? 3 : trit);
    }
  }
});

test('lanes are packed lowest first', () => {
  expect(packLanes([1, 2, 3], 4)).toBe(0x321n);
  expect(hexText([0x321n, 1n], 12)).toBe('321\n001\n');
});

test('the checksum sees every bit of every word, and the order of words', () => {
  const words = [5n, 0n, 1n << 70n, 12345678901234567890n];
  const sum = checksumOf(words, 80);
  for (let word = 0; word < words.length; word++) {
    for (let bit = 0; bit < 80; bit++) {
      const flipped = words.map((value, i) => (i === word ? value ^ (1n << BigInt(bit)) : value));
      expect(checksumOf(flipped, 80)).not.toBe(sum);
    }
  }
  expect(checksumOf([...words].reverse(), 80)).not.toBe(sum);
  expect(checksumOf(words.slice(0, 3), 80)).not.toBe(sum);
});

test('names become identifiers, and collisions are refused', () => {
  expect(identifier('mnist-784')).toBe('mnist_784');
  expect(() => checkDistinct(['a-b', 'a_b'])).toThrow(/must stay distinct/);
});

test('a view with a hole is refused before it is rendered', () => {
  for (const hole of [undefined, null, Number.NaN]) {
    expect(() =>
      render('verilog/project/design.xdc.hbs', { top: 'x', tool: 'y', period: hole } as never),
    ).toThrow(/view/);
  }
  expect(() => render('verilog/project/design.xdc.hbs', { top: 'x', tool: 'y' })).toThrow(/period/);
});

test('an unknown target and an empty vector set are refused', () => {
  const request = {
    network,
    plan: planFolded(network),
    rom: 'readmemh',
    vectors: randomVectors(network, 1, 1),
    toolVersion: '0',
  } as const;
  expect(() => emit({ ...request, target: 'vhdl' })).toThrow(/--target must be one of verilog/);
  expect(() => emit({ ...request, target: 'verilog', vectors: [] })).toThrow(/at least one image/);
});
