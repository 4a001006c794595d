// Runs the built command line as users do: a process of its own, in a folder of its own.
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll } from 'vitest';

export const MAIN = new URL('../../dist/cli/main.js', import.meta.url).pathname;

export interface Finished {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly stdout: string;
  readonly stderr: string;
}

export interface StartOptions {
  readonly cwd: string;
  readonly env?: Readonly<Record<string, string>>;
  /** When it is killed; for servers, which are meant to last. */
  readonly timeoutMs?: number;
}

export interface Started {
  readonly child: ChildProcess;
  readonly finished: Promise<Finished>;
}

/** A command that hangs is killed before the test gives up on it. */
const TIMEOUT_MS = 100_000;

/** Environment without what would change bitsim's answers. */
const environment = (extra: Readonly<Record<string, string>>): NodeJS.ProcessEnv => {
  const { NO_COLOR: _, FORCE_COLOR: __, BITSIM_DEBUG: ___, npm_command: ____, ...rest } = process.env;
  return { ...rest, ...extra };
};

/** Starts any command; output is captured. */
export const start = (command: string, args: readonly string[], options: StartOptions): Started => {
  const { cwd, env = {}, timeoutMs = TIMEOUT_MS } = options;
  const child = spawn(command, args, {
    cwd,
    env: environment(env),
    stdio: ['ignore', 'pipe', 'pipe'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  });
  let [stdout, stderr] = ['', ''];
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const finished = new Promise<Finished>((resolve, reject) => {
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, stdout, stderr }));
  });
  return { child, finished };
};

export const startBitsim = (options: StartOptions, ...args: readonly string[]): Started =>
  start(process.execPath, [MAIN, ...args], options);

/** Runs `bitsim args` to its end. */
export const bitsim = (options: StartOptions, ...args: readonly string[]): Promise<Finished> =>
  startBitsim(options, ...args).finished;

/** A folder for the whole test file. */
export const workspace = (): string => {
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-e2e-'));
  afterAll(() => rmSync(folder, { recursive: true, force: true }));
  return folder;
};

/** A PATH on which no tool is found. */
export const NO_TOOLS = { PATH: '/nonexistent' } as const;
