// The engine on several threads, this one among them: workers (piscina keeps them) and this thread take parts of a set until none
// is left, so that no result depends on how many threads there are, and nobody waits for a worker that is still starting.
// Node only; the page uses the engine itself.
import { setImmediate, setTimeout } from 'node:timers/promises';
import { Piscina } from 'piscina';
import type { LabelledImages } from '../../model/dataset.ts';
import type { Network } from '../../model/network.ts';
import { compileEngine, type EngineResult } from './engine.ts';
import { engineFor } from './evaluate.ts';
import { activityOf } from './order.ts';
import { evaluatePart, imagesDone, type SharedSet, shareSet, takePart } from './parts.ts';
import type { WorkerSetup } from './worker.ts';

export type PoolResult = Pick<EngineResult, 'classes' | 'logits'>;

/** Threads that hold a compiled network. */
export interface EnginePool {
  /** Classes and logits of all `images`, in memory that threads share. */
  evaluate(images: LabelledImages): Promise<PoolResult>;
  close(): Promise<void>;
}

/** Rejects when one of `jobs` does, and never resolves. */
const failureOf = (jobs: readonly Promise<void>[]): Promise<never> => {
  const failure = Promise.all(jobs).then(() => new Promise<never>(() => {}));
  // a job that is dropped when the pool closes has nothing to say any more
  failure.catch(() => {});
  return failure;
};

/**
 * Starts `threads` - 1 workers for `network`, and for images like `sample`; the thread that calls is one more. Close it, or the
 * process does not end.
 */
export const openPool = (network: Network, sample: LabelledImages, threads: number): EnginePool => {
  const setup: WorkerSetup = { network, activity: activityOf(network, sample.pixels, sample.count) };
  const workers = threads - 1;
  const pool = new Piscina<SharedSet, void>({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: workers,
    maxThreads: workers,
    workerData: setup,
    // built files need no loader that this process may have
    execArgv: [],
  });
  const engine = compileEngine(network, { activity: setup.activity });
  return {
    evaluate: async (images) => {
      const set = shareSet(network, images, threads);
      const failure = failureOf(Array.from({ length: workers }, () => pool.run(set)));
      for (let part = takePart(set); part !== null; part = takePart(set)) {
        evaluatePart(engine, set, part);
        // workers that have started are told of the set by this thread
        await Promise.race([setImmediate(), failure]);
      }
      while (imagesDone(set) < set.count) await Promise.race([setTimeout(1), failure]);
      return { classes: set.classes, logits: set.logits };
    },
    close: () => pool.destroy(),
  };
};

/** Classes and logits of all `images`, on `threads` threads; 1 is this one alone. */
export const evaluateOnThreads = async (
  network: Network,
  images: LabelledImages,
  threads: number,
): Promise<PoolResult> => {
  if (threads === 1) return engineFor(network, images).run(images.pixels, images.count);
  const pool = openPool(network, images, threads);
  try {
    return await pool.evaluate(images);
  } finally {
    await pool.close();
  }
};
