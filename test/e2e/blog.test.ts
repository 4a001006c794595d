// `bitsim train --recipe blog` through the built command line: measured, saved seed by seed, and never hardware.
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import { writeIdxFolder } from '../support/idx.ts';
import { bitsim, workspace } from './bitsim.ts';

const cwd = workspace();
writeIdxFolder(join(cwd, 'data'));

const BLOG = ['train', '--recipe', 'blog', '--data', 'data', '--epochs', '1', '--batch', '32'] as const;
const results = (run: string) => JSON.parse(readFileSync(join(cwd, run, 'blog.json'), 'utf8'));

test('runs seeds, reports them, and goes on where it stopped, to the same figures', async () => {
  const whole = await bitsim({ cwd }, ...BLOG, '--seeds', '2', '--out', 'out/whole');
  expect(whole.code).toBe(0);
  for (const part of [
    'accuracy',
    'precision',
    'recall',
    'live classes',
    'mean',
    'confusion matrix',
    'not for hardware',
  ])
    expect(whole.stdout).toContain(part);
  expect(Math.max(...whole.stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
  const one = await bitsim({ cwd }, ...BLOG, '--out', 'out/part');
  expect(one.code).toBe(0);
  expect(results('out/part').results).toHaveLength(1);
  const taken = await bitsim({ cwd }, ...BLOG, '--seeds', '2', '--out', 'out/part');
  expect(taken.code).toBe(2);
  expect(taken.stderr).toContain('go on with --resume out/part');
  const resumed = await bitsim({ cwd }, ...BLOG, '--seeds', '2', '--resume', 'out/part');
  expect(resumed.code).toBe(0);
  expect(resumed.stderr).not.toContain('seed 1:');
  expect(results('out/part').results).toEqual(results('out/whole').results);
  const other = await bitsim({ cwd }, ...BLOG, '--change', 'adam', '--resume', 'out/part');
  expect(other.code).toBe(2);
  expect(other.stderr).toContain('must have been begun with these options');
});

test('the other verbs say why there is nothing to do', async () => {
  expect((await bitsim({ cwd }, ...BLOG, '--out', 'out/none')).code).toBe(0);
  expect(existsSync(join(cwd, 'out/none/network.json'))).toBe(false);
  for (const verb of ['emit', 'verify', 'inspect']) {
    const { code, stderr } = await bitsim({ cwd }, verb, 'out/none');
    expect({ verb, code }).toEqual({ verb, code: 2 });
    expect(stderr).toContain('must be a network of integers, not the experiment of --recipe blog');
  }
});

test.each([
  [['--hidden', '64'], '--hidden must be left out with --recipe blog'],
  [['--change', 'luck'], '--change must name some of no-softmax'],
  [['--seeds', '0'], '--seeds must be a whole number'],
])('%j is refused', async (args, message) => {
  const { code, stderr } = await bitsim({ cwd }, ...BLOG, ...args, '--out', 'out/refused');
  expect(code).toBe(2);
  expect(stderr).toContain(message);
});

test('its options mean nothing to the ordinary recipe', async () => {
  const { code, stderr } = await bitsim({ cwd }, 'train', '--data', 'data', '--seeds', '3');
  expect(code).toBe(2);
  expect(stderr).toContain('--seeds must come with --recipe blog');
});
