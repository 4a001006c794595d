// Backends: each starts in a process of its own, quietly, and leaves that process's error handling as it was.
import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { selectBackend } from '../../../src/train/backend.ts';

const run = promisify(execFile);
const SOURCE = new URL('../../../src/train/backend.ts', import.meta.url).href;

/** Runs `body` as a module in a fresh Node, `selectBackend` and `tf` imported. */
const fresh = (body: string) =>
  run(process.execPath, [
    '--import',
    'tsx',
    '--input-type=module',
    '--eval',
    `import { selectBackend } from ${JSON.stringify(SOURCE)};
     import * as tf from '@tensorflow/tfjs-core';
     ${body}`,
  ]);

test.each(['wasm', 'cpu'])('%s starts quietly and computes', async (name) => {
  const { stdout, stderr } = await fresh(`
    const { name, version } = await selectBackend('${name}');
    const product = tf.matMul(tf.tensor2d([1, 2], [1, 2]), tf.tensor2d([3, 4], [2, 1])).dataSync()[0];
    console.log(JSON.stringify([name, version, tf.getBackend(), product]));`);
  expect(JSON.parse(stdout)).toEqual([name, expect.stringMatching(/^\d+\.\d+\.\d+$/), name, 11]);
  expect(stderr).toBe('');
});

test('a bug after the WASM backend started still ends with its own trace and exit 1', async () => {
  const failure = await fresh(`
    await selectBackend('wasm');
    const left = ['uncaughtException', 'unhandledRejection'].map((e) => process.listenerCount(e));
    console.log(left.join());
    throw new Error('the real one');`).catch((error: unknown) => error);
  expect(failure).toMatchObject({
    code: 1,
    stdout: '0,0\n',
    stderr: expect.stringContaining('the real one'),
  });
});

test('auto goes on when a backend does not start, and says which', async () => {
  const { stdout } = await fresh(`
    const set = tf.engine().setBackend.bind(tf.engine());
    tf.engine().setBackend = async (name) => name === 'cpu' && set(name);
    const { name, skipped } = await selectBackend('auto');
    console.log(JSON.stringify([name, skipped]));`);
  const [name, skipped] = JSON.parse(stdout);
  expect(name).toBe('cpu');
  expect(skipped[0]).toMatch(/^node: /);
  expect(skipped[1]).toBe('wasm: it did not start');
});

test('a backend that cannot start is refused with its reason', async () => {
  const outcome = await selectBackend('node').catch((error: unknown) => error);
  if (outcome instanceof Error)
    expect(outcome).toMatchObject({
      code: 'BITSIM_TRAIN_BACKEND',
      message: expect.stringMatching(/--backend node must start on this machine, not failing/),
    });
  else expect(outcome).toMatchObject({ name: 'node' });
});
