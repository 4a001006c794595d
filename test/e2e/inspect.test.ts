// `bitsim inspect --apply` through the built command line: fewer bits, proven equal, or nothing.
import { cpSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { readNetwork } from '../../src/layers/validate.ts';
import { denseLayers } from '../../src/model/network.ts';
import { writeIdxFolder } from '../support/idx.ts';
import { bitsim, workspace } from './bitsim.ts';

const cwd = workspace();

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'));
  const quick = ['--data', 'data', '--hidden', '12', '--epochs', '2', '--batch', '32', '--out', 'out/net'];
  expect((await bitsim({ cwd }, 'train', ...quick)).code).toBe(0);
});

/** Bits of input and accumulator of each layer. */
const bits = (run: string): number[][] =>
  denseLayers(readNetwork(join(cwd, run, 'network.json'))).map(({ input, accumulator }) => [
    input.bits,
    accumulator.bits,
  ]);

test('writes a net with fewer bits that gives every image the same, and verify agrees', async () => {
  const { code, stdout } = await bitsim(
    { cwd },
    'inspect',
    'out/net',
    '--apply',
    '--out',
    'out/narrow',
    '--json',
  );
  const result = JSON.parse(stdout);
  expect({ code, equal: result.equal }).toEqual({ code: 0, equal: true });
  expect(result.comparisons.train.images).toBe(400);
  expect(result.comparisons.test.images).toBe(60);
  expect(result.written).toBe('out/narrow/network.json');
  const [before, after] = [bits('out/net'), bits('out/narrow')];
  expect(after[1]![0]).toBeLessThan(before[1]![0]!);
  expect(after[1]![1]).toBeLessThan(before[1]![1]!);
  expect(after[0]).toEqual(before[0]);
  const verified = await bitsim({ cwd }, 'verify', 'out/narrow', '--data', 'data', '--rtl', 'none');
  expect(verified.code).toBe(0);
  const again = await bitsim(
    { cwd },
    'inspect',
    'out/narrow',
    '--data',
    'data',
    '--apply',
    '--out',
    'out/same',
  );
  expect(again.code).toBe(0);
  expect(again.stdout).toContain('nothing written: the net is as narrow as its training images allow');
  expect(existsSync(join(cwd, 'out/same'))).toBe(false);
});

test('training images too dark to go by: a test image differs, it is named, nothing is written, exit 1', async () => {
  cpSync(join(cwd, 'data'), join(cwd, 'dark'), { recursive: true });
  const file = join(cwd, 'dark/train-images-idx3-ubyte');
  writeFileSync(
    file,
    readFileSync(file).map((byte, i) => (i < 16 ? byte : byte >> 3)),
  );
  const args = ['inspect', 'out/net', '--data', 'dark', '--apply', '--out', 'out/wrong', '--images', '99'];
  const { code, stdout } = await bitsim({ cwd }, ...args);
  expect(code).toBe(1);
  expect(stdout).toMatch(/train: [\d,]+ values, all equal/);
  expect(stdout).toMatch(/test: [\d,]+ of [\d,]+ values differ; first: image \d+, layer fc\d/);
  expect(stdout).toContain('nothing written');
  expect(existsSync(join(cwd, 'out/wrong/network.json'))).toBe(false);
});

test('refuses a place that holds a run, and no place', async () => {
  const before = readFileSync(join(cwd, 'out/net/network.json'));
  const taken = await bitsim({ cwd }, 'inspect', 'out/net', '--apply', '--out', 'out/net');
  expect(taken.code).toBe(2);
  expect(taken.stderr).toContain('must not hold a run already');
  expect(readFileSync(join(cwd, 'out/net/network.json')).equals(before)).toBe(true);
  const nowhere = await bitsim({ cwd }, 'inspect', 'out/net', '--apply');
  expect(nowhere.code).toBe(2);
  expect(nowhere.stderr).toContain('--apply must come with --out RUN');
});
