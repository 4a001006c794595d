// `bitsim train` through the built command line on a small data set: what it writes, refuses and survives.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { readCheckpoint } from '../../src/model/checkpoint.ts';
import { writeIdxFolder } from '../support/idx.ts';
import { bitsim, MAIN, start, startBitsim, workspace } from './bitsim.ts';

const cwd = workspace();
writeIdxFolder(join(cwd, 'data'));
writeIdxFolder(join(cwd, 'large'), { train: 4000, side: 8 });
writeIdxFolder(join(cwd, 'other'), { train: 300 });

const QUICK = ['--data', 'data', '--hidden', '8', '--epochs', '1', '--batch', '32'] as const;
const file = (...parts: string[]): Buffer => readFileSync(join(cwd, ...parts));
const json = (...parts: string[]) => JSON.parse(file(...parts).toString('utf8'));
const sha256 = (bytes: Buffer): string => createHash('sha256').update(bytes).digest('hex');

describe('a run', () => {
  test('writes its four files, prints the tables, and says the backend', async () => {
    const { code, stdout, stderr } = await bitsim(
      { cwd },
      'train',
      ...QUICK,
      '--out',
      'out/a',
      '--seed',
      '7',
    );
    expect(code).toBe(0);
    expect(readdirSync(join(cwd, 'out/a')).sort()).toEqual([
      'checkpoint.bin',
      'manifest.json',
      'metrics.json',
      'network.json',
    ]);
    expect(stderr).toMatch(/^backend: tfjs \S+ (node|wasm|cpu)/m);
    for (const title of [
      'test accuracy',
      'precision',
      'macro',
      'confusion matrix',
      'zeros',
      `next: node ${MAIN} verify out/a`,
    ]) {
      expect(stdout).toContain(title);
    }
    // the command to copy is as long as the path it was started by
    const shown = stdout.replaceAll(MAIN, '');
    expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).not.toContain('\x1b');
  });

  test('records versions, seed, options, digests, and no absolute path', () => {
    const manifest = json('out/a/manifest.json');
    expect(manifest).toMatchObject({
      format: 'bitsim-run',
      status: 'finished',
      name: 'a',
      seed: 7,
      node: process.version,
      options: { hidden: [8], epochs: 1, batch: 32, seed: 7 },
      data: { folder: 'data', train: { images: 400 }, test: { images: 60 } },
    });
    expect(manifest.command).toEqual(['train', ...QUICK, '--out', 'out/a', '--seed', '7']);
    for (const [name, digest] of Object.entries(manifest.files))
      expect(sha256(file('out/a', name))).toBe(digest);
    expect(Object.keys(manifest.files).sort()).toEqual(['checkpoint.bin', 'metrics.json', 'network.json']);
    expect(file('out/a/manifest.json').toString()).not.toContain(cwd);
  });

  test('measures: confusion matrix, accuracy and per-class figures agree', () => {
    const { test: metrics, layers, history, lossCurve } = json('out/a/metrics.json');
    const confusion = metrics.confusion as number[][];
    const right = confusion.reduce((sum, row, c) => sum + row[c]!, 0);
    expect(metrics.images).toBe(60);
    expect(confusion.flat().reduce((sum, n) => sum + n, 0)).toBe(60);
    expect(metrics.accuracy).toBeCloseTo(right / 60, 12);
    expect(metrics.perClass).toHaveLength(4);
    expect(layers.map((layer: { layer: string }) => layer.layer)).toEqual(['fc0', 'fc1']);
    expect(history).toHaveLength(1);
    expect(lossCurve.length).toBeGreaterThan(0);
    expect(json('out/a/network.json').provenance.testAccuracy).toBe(metrics.accuracy);
  });

  test('--json prints exactly one object, the same net again, in a fresh folder', async () => {
    const args = ['train', ...QUICK, '--seed', '7', '--name', 'a', '--json'];
    const { code, stdout } = await bitsim({ cwd }, ...args);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(result).toMatchObject({ command: 'train', run: 'out/a-2', name: 'a', test: { images: 60 } });
    expect(file('out/a-2/network.json')).toEqual(file('out/a/network.json'));
    expect(file('out/a-2/metrics.json')).toEqual(file('out/a/metrics.json'));
    expect(file('out/a-2/checkpoint.bin')).toEqual(file('out/a/checkpoint.bin'));
  });
});

describe('what is refused', () => {
  test('a folder with a run, unless forced', async () => {
    const again = await bitsim({ cwd }, 'train', ...QUICK, '--out', 'out/a');
    expect(again.code).toBe(2);
    expect(again.stderr).toContain('replace it with --force');
    expect(json('out/a/manifest.json').seed).toBe(7);
    expect((await bitsim({ cwd }, 'train', ...QUICK, '--out', 'out/a', '--seed', '8', '--force')).code).toBe(
      0,
    );
    expect(json('out/a/manifest.json').seed).toBe(8);
  });

  test("a folder whose manifest.json is somebody else's, even when forced", async () => {
    mkdirSync(join(cwd, 'foreign'));
    writeFileSync(join(cwd, 'foreign/manifest.json'), '{"mine": true}');
    const { code, stderr } = await bitsim({ cwd }, 'train', ...QUICK, '--out', 'foreign', '--force');
    expect(code).toBe(2);
    expect(stderr).toContain('did not write');
    expect(file('foreign/manifest.json').toString()).toBe('{"mine": true}');
  });

  test.each([
    ['a file in the way', 'data/train-labels-idx1-ubyte/run', 'ENOTDIR'],
    ['a file of that name', 'data/train-labels-idx1-ubyte', 'EEXIST'],
    ['a file system that takes no folders', '/proc/bitsim', 'ENOENT'],
  ])('an unwritable out folder, before training: %s', async (_, out, reason) => {
    const { code, stderr } = await bitsim({ cwd }, 'train', ...QUICK, '--out', out);
    expect(code).toBe(2);
    expect(stderr).toMatch(new RegExp(`must be writable, not ${reason}|must be writable`));
    expect(stderr).not.toContain('backend:');
  });

  test('damaged data', async () => {
    writeIdxFolder(join(cwd, 'short'));
    writeFileSync(
      join(cwd, 'short/train-images-idx3-ubyte'),
      file('data/train-images-idx3-ubyte').subarray(0, 999),
    );
    const { code, stderr } = await bitsim({ cwd }, 'train', '--data', 'short');
    expect(code).toBe(2);
    expect(stderr).toContain('short/train-images-idx3-ubyte must hold');
  });
});

describe('a teacher', () => {
  const TAUGHT = ['--data', 'large', '--hidden', '12', '--epochs', '6', '--batch', '16'] as const;

  test('is recorded, and a stopped run goes on with the same one only', async () => {
    const name = ['--name', 'taught'] as const;
    for (const [out, seed] of [
      ['teacher', '1'],
      ['impostor', '2'],
    ] as const) {
      const run = await bitsim(
        { cwd },
        'train',
        '--data',
        'large',
        '--epochs',
        '1',
        '--out',
        out,
        '--seed',
        seed,
      );
      expect(run.code).toBe(0);
    }
    const whole = await bitsim(
      { cwd },
      'train',
      ...TAUGHT,
      ...name,
      '--out',
      'taught',
      '--teacher',
      'teacher',
    );
    expect(whole.stderr).toContain('teacher: teacher, 0.5 of the target');
    const { teacher, options } = json('taught/manifest.json');
    expect(teacher).toEqual({ run: 'teacher', sha256: sha256(file('teacher/checkpoint.bin')) });
    expect(options.distill).toBe(0.5);

    const { child, finished } = startBitsim(
      { cwd },
      ...['train', ...TAUGHT, ...name, '--out', 'stopped', '--teacher', 'teacher'],
    );
    await firstEpoch('stopped');
    child.kill('SIGKILL');
    await finished;
    const wrong = await bitsim({ cwd }, 'train', '--resume', 'stopped', '--teacher', 'impostor');
    expect(wrong.code).toBe(2);
    expect(wrong.stderr).toContain('--teacher must be the run that training began with');
    expect((await bitsim({ cwd }, 'train', '--resume', 'stopped')).code).toBe(0);
    expect(file('stopped/checkpoint.bin').equals(file('taught/checkpoint.bin'))).toBe(true);
  });

  test.each([
    [['--teacher', 'nowhere'], 'checkpoint nowhere/checkpoint.bin must be readable, not missing'],
    [['--teacher', 'out/a'], '--teacher must have been trained on 8 x 8 images'],
    [['--distill', '0.3'], '--distill must come with --teacher RUN'],
    [['--teacher', 'teacher', '--distill', '0'], '--teacher must come with a --distill above 0'],
  ])('%j is refused', async (args, message) => {
    const { code, stderr } = await bitsim({ cwd }, 'train', ...TAUGHT, '--out', 'out/refused', ...args);
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
    expect(existsSync(join(cwd, 'out/refused'))).toBe(false);
  });
});

test('--validation measures on held-out images and reads no test image', async () => {
  const args = ['--data', 'large', '--hidden', '8', '--epochs', '2', '--out', 'held', '--validation', '500'];
  const { code, stdout, stderr } = await bitsim({ cwd }, 'train', ...args, '--json');
  expect(code).toBe(0);
  expect(stderr).toContain('3,500 training and 500 validation images');
  const metrics = json('held/metrics.json');
  expect(metrics.validation.images).toBe(500);
  expect(metrics.test).toBe(undefined);
  expect(metrics.history[1].validationAccuracy).toBe(metrics.validation.accuracy);
  expect(JSON.parse(stdout).validation.accuracy).toBe(metrics.validation.accuracy);
  expect(json('held/network.json').provenance.testAccuracy).toBe(undefined);
});

test.each([
  ['biases', ['--bias', 'on']],
  ['thresholds', ['--requant', 'thresholds', '--act-bits', '2', '--bias', 'on']],
])('%s: trained, and equal in graph and simulator', async (name, args) => {
  const run = `out/${name}`;
  const common = ['--data', 'large', '--hidden', '12,9', '--epochs', '2', '--out', run];
  expect((await bitsim({ cwd }, 'train', ...common, ...args)).code).toBe(0);
  const verified = await bitsim({ cwd }, 'verify', run, '--rtl', 'none');
  expect(verified.stdout).toContain('equal: every compared integer is the same');
  expect(verified.code).toBe(0);
});

describe('a full disk', () => {
  test('while a checkpoint is written: exit 2, the message, how to go on', async () => {
    const command = `ulimit -f 8; exec "${process.execPath}" "${MAIN}" train --data large --hidden 64 --epochs 2 --batch 32 --out out/full`;
    const { code, stderr } = await start('sh', ['-c', command], { cwd }).finished;
    expect(code).toBe(2);
    expect(stderr).toContain('out/full/checkpoint.bin must be writable, not EFBIG');
    expect(stderr).toContain('bitsim train --resume out/full');
    expect(readdirSync(join(cwd, 'out/full'))).toEqual(['manifest.json']);
  });

  test('behind standard output: exit 2', async () => {
    const command = `"${process.execPath}" "${MAIN}" --help > /dev/full`;
    const { code, stderr } = await start('sh', ['-c', command], { cwd }).finished;
    expect(code).toBe(2);
    expect(stderr).toContain('standard output must be writable, not ENOSPC');
  });
});

const LONG = ['--data', 'large', '--hidden', '32', '--epochs', '12', '--batch', '16'] as const;

/** Waits until the run has a checkpoint. */
const firstEpoch = async (run: string): Promise<void> => {
  const deadline = Date.now() + 60_000;
  while (!existsSync(join(cwd, run, 'checkpoint.bin'))) {
    if (Date.now() > deadline) throw new Error(`${run} has no checkpoint after a minute`);
    await new Promise((resolve) => setTimeout(resolve, 3));
  }
};

describe('interruption', () => {
  test('kill -9, then --resume: the same network.json as an uninterrupted run', async () => {
    const whole = await bitsim({ cwd }, 'train', ...LONG, '--out', 'whole', '--name', 'long');
    expect(whole.code).toBe(0);
    const { child, finished } = startBitsim({ cwd }, 'train', ...LONG, '--out', 'killed', '--name', 'long');
    await firstEpoch('killed');
    child.kill('SIGKILL');
    expect((await finished).signal).toBe('SIGKILL');
    expect(existsSync(join(cwd, 'killed/network.json'))).toBe(false);
    const done = readCheckpoint(join(cwd, 'killed/checkpoint.bin')).history.length;
    expect(done).toBeGreaterThanOrEqual(1);
    expect(done).toBeLessThan(12);
    const blocked = await bitsim({ cwd }, 'train', ...LONG, '--out', 'killed');
    expect(blocked.code).toBe(2);
    expect(blocked.stderr).toContain('go on with --resume killed');
    const resumed = await bitsim({ cwd }, 'train', '--resume', 'killed');
    expect(resumed.code).toBe(0);
    expect(resumed.stderr).toMatch(/resuming after epoch \d+ of 12/);
    for (const name of ['network.json', 'metrics.json', 'checkpoint.bin']) {
      expect(file('killed', name).equals(file('whole', name)), name).toBe(true);
    }
  });

  test.each([
    ['SIGINT', 130],
    ['SIGTERM', 143],
  ] as const)('%s: says how to resume, exit %i; --resume alone finds the run', async (signal, exitCode) => {
    const run = `out/${signal}`;
    const { child, finished } = startBitsim({ cwd }, 'train', ...LONG, '--out', run, '--name', 'long');
    await firstEpoch(run);
    child.kill(signal);
    const { code, stderr } = await finished;
    expect(code).toBe(exitCode);
    expect(stderr).toMatch(
      new RegExp(`\\d+ of 12 epochs are saved; go on with: bitsim train --resume ${run}`),
    );
    expect((await bitsim({ cwd }, 'train', '--resume', ...LONG)).code).toBe(0);
    expect(file(run, 'network.json').equals(file('whole/network.json'))).toBe(true);
  });

  test('--resume refuses other data, options, backends and strangers', async () => {
    const refused = async (...args: string[]): Promise<string> => {
      const { code, stderr } = await bitsim({ cwd }, 'train', '--resume', 'killed', ...args);
      expect(code).toBe(2);
      return stderr;
    };
    expect(await refused('--data', 'other')).toContain('must be those that the run was trained with');
    expect(await refused('--epochs', '13')).toContain('--epochs on --resume must be left out, or be 12');
    expect(await refused('--preset', 'demo')).toContain('--hidden on --resume');
    expect(await refused('--name', 'short')).toContain('--name on --resume');
    expect(await refused('--out', 'whole')).toContain('--out on --resume');
    const stranger = await bitsim({ cwd }, 'train', '--resume', 'data');
    expect(stranger.stderr).toContain('must name a run that bitsim train began');
  });
});
