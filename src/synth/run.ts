// Runs one external program: no shell, output captured up to a cap, its whole process group stopped on timeout, on
// abort, and when bitsim itself is interrupted. What a program says must not depend on where bitsim was started from:
// messages are in the C locale, and a `make` around bitsim does not reach a `make` below it.

import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Readable } from 'node:stream';

export interface RunOptions {
  readonly cwd?: string | undefined;
  readonly timeoutMs?: number | undefined;
  /** Stops the program; `run` then rejects with the signal's reason. */
  readonly signal?: AbortSignal | undefined;
  /** Characters of stdout and of stderr that are kept; default 16 Mi. */
  readonly outputCap?: number | undefined;
}

export interface RunResult {
  /** Exit code, or null when the program was stopped or died of a signal. */
  readonly code: number | null;
  /** The signal it died of. */
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
  /** True when it said more than the cap; the rest is lost. */
  readonly truncated: boolean;
  readonly seconds: number;
  readonly timedOut: boolean;
}

const OUTPUT_CAP = 16 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 20 * 60 * 1000;
/** A program that left its group may hold the pipes open; they are closed this long after the group was stopped. */
const CLOSE_AFTER_MS = 2_000;
const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;

const running = new Set<number>();

const stop = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
};

/** Stops every program that is running. */
const stopAll = (): void => {
  for (const pid of running) stop(pid);
};
process.once('exit', stopAll);

/** Programs run in groups of their own, which a terminal's Ctrl-C does not reach. Nobody else listening: die of it. */
const onSignal = (signal: NodeJS.Signals): void => {
  stopAll();
  if (process.listenerCount(signal) > 1) return;
  process.removeListener(signal, onSignal);
  process.kill(process.pid, signal);
};

let active = 0;

/** Before a program is started: a signal that comes while it starts must find the listener, or the program is orphaned. */
const enter = (): void => {
  if (active === 0) for (const signal of SIGNALS) process.on(signal, onSignal);
  active++;
};

const leave = (): void => {
  active--;
  if (active === 0) for (const signal of SIGNALS) process.removeListener(signal, onSignal);
};

const MAKE_VARIABLES = ['MAKEFLAGS', 'MFLAGS', 'GNUMAKEFLAGS', 'MAKEOVERRIDES', 'MAKELEVEL', 'MAKEFILES'];

const environment = (): NodeJS.ProcessEnv => {
  const kept = Object.entries(process.env).filter(([name]) => !MAKE_VARIABLES.includes(name));
  return { ...Object.fromEntries(kept), LC_ALL: 'C' };
};

interface Captured {
  text: string;
  truncated: boolean;
}

const capture = (stream: Readable, cap: number): Captured => {
  const captured = { text: '', truncated: false };
  stream.setEncoding('utf8').on('data', (text: string) => {
    captured.truncated ||= captured.text.length + text.length > cap;
    captured.text += text.slice(0, cap - captured.text.length);
  });
  return captured;
};

/** Stops the program's group; resolves its 'close' even when something outside the group holds its pipes. */
const stopGroup = (child: ChildProcess): void => {
  if (child.pid !== undefined) stop(child.pid);
  const close = (): void => {
    child.stdout?.destroy();
    child.stderr?.destroy();
  };
  setTimeout(close, CLOSE_AFTER_MS).unref();
};

const start = (command: string, args: readonly string[], cwd: string | undefined) => {
  const stdio: ['ignore', 'pipe', 'pipe'] = ['ignore', 'pipe', 'pipe'];
  const child = spawn(command, args, { cwd, env: environment(), detached: true, stdio });
  if (child.pid !== undefined) running.add(child.pid);
  return child;
};

const runInGroup = async (
  command: string,
  args: readonly string[],
  { cwd, timeoutMs = DEFAULT_TIMEOUT_MS, signal, outputCap = OUTPUT_CAP }: RunOptions,
): Promise<RunResult> => {
  const began = performance.now();
  const child = start(command, args, cwd);
  const closed = once(child, 'close') as Promise<[number | null, NodeJS.Signals | null]>;
  const [stdout, stderr] = [capture(child.stdout, outputCap), capture(child.stderr, outputCap)];
  let timedOut = false;
  const timer = setTimeout(() => {
    timedOut = true;
    stopGroup(child);
  }, timeoutMs);
  const abort = (): void => stopGroup(child);
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const [code, diedOf] = await closed;
    signal?.throwIfAborted();
    const seconds = (performance.now() - began) / 1000;
    const truncated = stdout.truncated || stderr.truncated;
    return { code, signal: diedOf, stdout: stdout.text, stderr: stderr.text, truncated, seconds, timedOut };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
    if (child.pid !== undefined) running.delete(child.pid);
  }
};

/** Starts `command` with `args` and waits for it. Rejects only when it cannot be started, or is aborted. */
export const run = async (
  command: string,
  args: readonly string[],
  options: RunOptions = {},
): Promise<RunResult> => {
  options.signal?.throwIfAborted();
  enter();
  try {
    return await runInGroup(command, args, options);
  } finally {
    leave();
  }
};
