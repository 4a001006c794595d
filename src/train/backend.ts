// Chooses where tensors are computed: tfjs-node when it loads, else the WASM backend, else plain JavaScript.
// Same graph and same integers on each; bit-reproducible training holds on one backend at a time.
import { createRequire } from 'node:module';
import * as tf from '@tensorflow/tfjs-core';
import { BACKENDS, type BackendName } from '../model/training.ts';
import { UserError } from '../util/errors.ts';

export interface SelectedBackend {
  readonly name: BackendName;
  /** Version of the tfjs package behind it. */
  readonly version: string;
  /** Backends that were tried first and why they were passed over. */
  readonly skipped: readonly string[];
}

/** tfjs-node registers itself as `tensorflow`. */
const REGISTERED: Readonly<Record<BackendName, string>> = { node: 'tensorflow', wasm: 'wasm', cpu: 'cpu' };
const NODE_PACKAGE = '@tensorflow/tfjs-node';

const activate = async (name: string): Promise<void> => {
  if (!(await tf.setBackend(name))) throw new Error('it did not start');
  await tf.ready();
};

const startNode = async (): Promise<void> => {
  // tfjs-node 4.22 calls util.isNullOrUndefined, which Node 23 removed
  const util = createRequire(import.meta.url)('node:util') as {
    isNullOrUndefined?: (value: unknown) => boolean;
  };
  util.isNullOrUndefined ??= (value) => value === null || value === undefined;
  await import(NODE_PACKAGE);
  await activate(REGISTERED.node);
};

/** Emscripten turns every later uncaught error into exit 7; only the listeners it adds are removed. */
const withoutNewListeners = async (start: () => Promise<void>): Promise<void> => {
  const events = ['uncaughtException', 'unhandledRejection'] as const;
  const before = events.map((event) => new Set(process.listeners(event as 'uncaughtException')));
  try {
    await start();
  } finally {
    events.forEach((event, i) => {
      for (const listener of process.listeners(event as 'uncaughtException')) {
        if (!before[i]!.has(listener)) process.removeListener(event, listener);
      }
    });
  }
};

const START: Readonly<Record<BackendName, () => Promise<void>>> = {
  node: startNode,
  wasm: () =>
    withoutNewListeners(async () => {
      await import('@tensorflow/tfjs-backend-wasm');
      await activate(REGISTERED.wasm);
    }),
  cpu: async () => {
    tf.env().set('IS_TEST', true); // no banner advertising tfjs-node
    await import('@tensorflow/tfjs-backend-cpu');
    await activate(REGISTERED.cpu);
  },
};

/** Starts the named backend, or with `auto` the first of node, wasm, cpu that starts. */
export const selectBackend = async (choice: BackendName | 'auto'): Promise<SelectedBackend> => {
  const skipped: string[] = [];
  for (const name of choice === 'auto' ? BACKENDS : [choice]) {
    try {
      await START[name]();
      return { name, version: tf.version_core, skipped };
    } catch (error) {
      skipped.push(`${name}: ${(error as Error).message.split('\n')[0]}`);
    }
  }
  throw new UserError({
    subject: `--backend ${choice}`,
    rule: 'start on this machine',
    value: `failing (${skipped.join('; ')})`,
    hint: choice === 'node' ? `install ${NODE_PACKAGE}, or use --backend wasm` : 'try --backend cpu',
    code: 'BITSIM_TRAIN_BACKEND',
  });
};
