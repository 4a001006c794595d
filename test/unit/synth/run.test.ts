// Running other programs: caps, time, abort, interruption, and an environment that does not colour what they say.
import { spawn } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, test, vi } from 'vitest';
import { run } from '../../../src/synth/run.ts';
import { temporaryFolder } from '../../support/emitted.ts';

afterEach(() => {
  vi.unstubAllEnvs();
});

const sh = (body: string, options: Parameters<typeof run>[2] = {}) => run('/bin/sh', ['-c', body], options);

const until = async (fact: () => boolean): Promise<void> => {
  while (!fact()) await sleep(20);
};

/** A process that is gone or only waits to be collected. */
const isDead = (pid: number): boolean => {
  const stat = `/proc/${pid}/stat`;
  return !existsSync(stat) || readFileSync(stat, 'utf8').split(') ')[1]!.startsWith('Z');
};

/** A shell command that writes the process id of a long sleep to `file`, then waits for it. */
const sleeper = (file: string): string => `sleep 600 & echo $! > ${file}.tmp; mv ${file}.tmp ${file}; wait`;
const pidIn = (file: string): number => Number(readFileSync(file, 'utf8'));

test('output, exit code and arguments pass through as they are', async () => {
  const result = await run('/bin/sh', ['-c', 'printf "%s" "$1"; printf e >&2; exit 3', 'x', 'a b; $HOME "é']);
  expect(result).toMatchObject({ code: 3, signal: null, stdout: 'a b; $HOME "é', stderr: 'e' });
  expect(result).toMatchObject({ truncated: false, timedOut: false });
});

test('a program that cannot be started rejects', async () => {
  await expect(run('/nowhere/tool', [])).rejects.toThrow(/ENOENT/);
});

test('output beyond the cap is dropped, and said to be', async () => {
  const result = await sh('printf 0123456789; printf 0123456789', { outputCap: 15 });
  expect(result).toMatchObject({ stdout: '012345678901234', truncated: true, code: 0 });
});

test('time running out stops the children too', async () => {
  const file = join(temporaryFolder(), 'pid');
  const result = await sh(sleeper(file), { timeoutMs: 500 });
  expect(result).toMatchObject({ code: null, signal: 'SIGKILL', timedOut: true });
  await until(() => isDead(pidIn(file)));
});

test('a child that left the group does not keep the caller waiting', async () => {
  const file = join(temporaryFolder(), 'pid');
  const result = await sh(sleeper(file).replace('sleep', 'setsid sleep'), { timeoutMs: 500 });
  expect(result.timedOut).toBe(true);
  expect(isDead(pidIn(file))).toBe(false);
  process.kill(pidIn(file), 'SIGKILL');
});

test('an abort stops the children and rejects with its reason', async () => {
  const file = join(temporaryFolder(), 'pid');
  const controller = new AbortController();
  const outcome = expect(sh(sleeper(file), { signal: controller.signal })).rejects.toThrow('enough');
  await until(() => existsSync(file));
  controller.abort(new Error('enough'));
  await outcome;
  await until(() => isDead(pidIn(file)));
  await expect(sh('true', { signal: controller.signal })).rejects.toThrow('enough');
});

test.each(['SIGINT', 'SIGTERM', 'SIGHUP'] as const)('%s ends the caller and what it runs', async (signal) => {
  const file = join(temporaryFolder(), 'pid');
  const module = new URL('../../../dist/synth/run.js', import.meta.url).href;
  const code = `import { run } from ${JSON.stringify(module)}; await run('/bin/sh', ['-c', process.argv[1]]);`;
  const child = spawn(process.execPath, ['--input-type=module', '-e', code, sleeper(file)]);
  const ended = new Promise((resolve) => child.once('close', (_, diedOf) => resolve(diedOf)));
  await until(() => existsSync(file));
  child.kill(signal);
  expect(await ended).toBe(signal);
  await until(() => isDead(pidIn(file)));
});

test('a signal in the very moment of the start finds the listener', async () => {
  const module = new URL('../../../dist/synth/run.js', import.meta.url).href;
  // The program itself signals its parent, before the parent's next turn.
  const code = `import { run } from ${JSON.stringify(module)}; await run('/bin/sh', ['-c', process.argv[1]]);`;
  for (let attempt = 0; attempt < 20; attempt++) {
    const file = join(temporaryFolder(), 'pid');
    const body = `echo $$ > ${file}.tmp; mv ${file}.tmp ${file}; kill -HUP $PPID; exec sleep 600`;
    const child = spawn(process.execPath, ['--input-type=module', '-e', code, body]);
    await new Promise((resolve) => child.once('close', resolve));
    await until(() => isDead(pidIn(file)));
  }
});

test('no listener stays behind', async () => {
  await Promise.all([sh('true'), sh('false')]);
  const before = process.listenerCount('SIGINT');
  await Promise.all([sh('true'), sh('false')]);
  expect(process.listenerCount('SIGINT')).toBe(before);
});

test('a make around bitsim and the locale do not reach the program', async () => {
  vi.stubEnv('MAKEFLAGS', ' -j2 --jobserver-auth=3,4');
  vi.stubEnv('MAKELEVEL', '1');
  vi.stubEnv('LC_ALL', 'xx_XX.UTF-8');
  vi.stubEnv('BITSIM_KEPT', 'kept');
  const { stdout } = await sh('echo "[$MAKEFLAGS][$MAKELEVEL][$LC_ALL][$BITSIM_KEPT]"');
  expect(stdout).toBe('[][][C][kept]\n');
});
