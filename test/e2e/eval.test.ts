// `bitsim eval` and `bitsim predict` through the built command line: the reference model's answers, whatever the threads.
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { encode } from 'fast-png';
import { beforeAll, expect, test } from 'vitest';
import { loadDataset } from '../../src/data/index.ts';
import { readNetwork } from '../../src/layers/validate.ts';
import { pixelsOf } from '../../src/model/dataset.ts';
import { evaluate } from '../../src/sim/reference.ts';
import { evaluateSet } from '../../src/sim/simulate.ts';
import { writeIdxFolder } from '../support/idx.ts';
import { bitsim, workspace } from './bitsim.ts';

const cwd = workspace();

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'), { train: 2500 });
  const quick = ['--data', 'data', '--hidden', '40', '--epochs', '1', '--batch', '32', '--out', 'out/net'];
  expect((await bitsim({ cwd }, 'train', ...quick)).code).toBe(0);
});

const network = () => readNetwork(join(cwd, 'out/net/network.json'));

test('eval gives the reference accuracy, on one thread and on two', async () => {
  const { train } = loadDataset(join(cwd, 'data'));
  const { right } = evaluateSet(network(), train);
  const results = [];
  for (const threads of ['1', '2']) {
    const args = ['eval', '--model', 'out/net', '--split', 'train', '--threads', threads, '--json'];
    const { code, stdout } = await bitsim({ cwd }, ...args);
    expect(code).toBe(0);
    results.push(JSON.parse(stdout).metrics);
  }
  expect(results[0].accuracy).toBe(right / 2500);
  expect(results[1]).toEqual(results[0]);
  const { stdout } = await bitsim({ cwd }, 'eval');
  expect(stdout).toMatch(/^test accuracy .* of 60 images/);
});

test('predict: an image of the set, the same as PNG, and inverted', async () => {
  const { test: images } = loadDataset(join(cwd, 'data'));
  const [height, width] = [images.height, images.width];
  const pixels = pixelsOf(images, 7);
  const trace = evaluate(network(), pixels);
  const write = (name: string, values: Uint8Array): void =>
    writeFileSync(join(cwd, name), encode({ width, height, data: values, depth: 8, channels: 1 }));
  write('seven.png', pixels);
  write(
    'negative.png',
    pixels.map((pixel) => 255 - pixel),
  );
  for (const args of [['idx:7'], ['seven.png'], ['negative.png', '--invert']]) {
    const { code, stdout } = await bitsim({ cwd }, 'predict', ...args, '--model', 'out/net', '--json');
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(result.logits).toEqual(Array.from(trace.logits));
    expect(result.class).toBe(trace.class);
  }
  const { stdout } = await bitsim({ cwd }, 'predict', 'idx:7');
  expect(stdout).toContain(`class ${trace.class} (label ${images.labels[7]})`);
});

test.each([
  [['idx:60'], 'idx:60 must be idx:0 to idx:59'],
  [['idx:-1'], 'idx:-1 must be idx:0'],
  [['nowhere.png'], 'picture nowhere.png must be readable'],
  [['data/train-labels-idx1-ubyte'], 'must be a PNG or PGM file'],
  [['wide.pgm'], 'wide.pgm must be'],
  [[], 'PICTURE must be named'],
])('predict %j is refused', async (args, message) => {
  writeFileSync(join(cwd, 'wide.pgm'), 'P2 2 1 255 0 0');
  const { code, stderr } = await bitsim({ cwd }, 'predict', ...args, '--model', 'out/net');
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('eval refuses labels that the net does not have', async () => {
  writeIdxFolder(join(cwd, 'more'), { classes: 6 });
  const { code, stderr } = await bitsim({ cwd }, 'eval', 'out/net', '--data', 'more');
  expect(code).toBe(2);
  expect(stderr).toContain('labels must be 0..3, the classes of the network');
});

test('faults: rates are seeded, an exhaustive campaign lists its worst bits', async () => {
  const rates = ['faults', 'out/net', '--rates', '1e-3,0.05', '--trials', '2', '--json'];
  const [first, second] = [await bitsim({ cwd }, ...rates), await bitsim({ cwd }, ...rates)];
  expect(first.code).toBe(0);
  const [a, b] = [JSON.parse(first.stdout), JSON.parse(second.stdout)];
  expect(a.rates).toEqual(b.rates);
  expect(a.rates[1].trials[0].flipped).toBeGreaterThan(100);
  const text = await bitsim(
    { cwd },
    'faults',
    'out/net',
    '--exhaustive',
    '--layer',
    'fc1',
    '--where',
    'activations',
  );
  expect(text.stdout).toContain('layer fc1: each of 320 activations bits inverted in turn');
  expect(text.stdout.split('\n').every((line) => line.length <= 80)).toBe(true);
});

test.each([
  [['--exhaustive'], '--exhaustive must come with --layer'],
  [['--exhaustive', '--layer', 'fc1', '--rates', '0.1'], '--rates must be left out'],
  [['--layer', 'fc9'], '--layer must be one of'],
  [['--rates', '0'], '--rates must be numbers above 0, at most 1'],
  [['--rates', '1e-3,2'], '--rates must be numbers above 0'],
  [['--where', 'rams'], '--where'],
  [['--top', '3'], '--top must come with --exhaustive'],
])('faults %j is refused', async (args, message) => {
  const { code, stderr } = await bitsim({ cwd }, 'faults', 'out/net', ...args);
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});
