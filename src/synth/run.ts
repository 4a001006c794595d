// Runs one external program: no shell, output captured up to a cap, its whole process group stopped on timeout,
// on abort, and when bitsim itself is interrupted.
import { spawn } from 'node:child_process';

export interface RunOptions {
  readonly cwd?: string | undefined;
  readonly timeoutMs?: number | undefined;
}

export interface RunResult {
  /** Exit code, or null when the program was stopped or died of a signal. */
  readonly code: number | null;
  readonly stdout: string;
  readonly stderr: string;
  readonly seconds: number;
  readonly timedOut: boolean;
}

const OUTPUT_CAP = 16 * 1024 * 1024;
const DEFAULT_TIMEOUT_MS = 20 * 60 * 1000;

const running = new Set<number>();

const stop = (pid: number): void => {
  try {
    process.kill(-pid, 'SIGKILL');
  } catch {
    // it has ended by itself
  }
};

/** Stops every program that is running; for interrupt handlers. */
export const stopAll = (): void => {
  for (const pid of running) stop(pid);
};
process.once('exit', stopAll);

/** Starts `command` with `args` and waits for it. Rejects only when it cannot be started. */
export const run = (command: string, args: readonly string[], options: RunOptions = {}): Promise<RunResult> =>
  new Promise((resolve, reject) => {
    const began = performance.now();
    const output = { stdout: '', stderr: '' };
    let timedOut = false;
    const child = spawn(command, args, {
      cwd: options.cwd,
      detached: true,
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const { pid } = child;
    if (pid !== undefined) running.add(pid);
    const timer = setTimeout(() => {
      timedOut = true;
      if (pid !== undefined) stop(pid);
    }, options.timeoutMs ?? DEFAULT_TIMEOUT_MS);
    for (const stream of ['stdout', 'stderr'] as const) {
      child[stream].setEncoding('utf8').on('data', (text: string) => {
        if (output[stream].length < OUTPUT_CAP) output[stream] += text;
      });
    }
    const finish = (): void => {
      clearTimeout(timer);
      if (pid !== undefined) running.delete(pid);
    };
    child.once('error', (error) => {
      finish();
      reject(error);
    });
    child.once('close', (code) => {
      finish();
      resolve({ code, ...output, seconds: (performance.now() - began) / 1000, timedOut });
    });
  });
