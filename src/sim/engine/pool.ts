// The engine on several threads: parts of a set go to workers (piscina keeps them) and are put together in order, so that
// no result depends on how many threads there are. Node only; the page uses the engine itself.
import { Piscina } from 'piscina';
import type { LabelledImages } from '../../model/dataset.ts';
import type { Network } from '../../model/network.ts';
import { engineFor } from './evaluate.ts';
import { activityOf } from './order.ts';
import type { WorkerResult, WorkerSetup, WorkerTask } from './worker.ts';

/** Images of one task: enough that handing them over costs little, and a few tasks for each thread. */
const SMALLEST_PART = 256;
const LARGEST_PART = 2048;
const PARTS_A_THREAD = 4;
/** Of which one is being evaluated, and the next is there already. */
const TASKS_A_THREAD = 2;

const partSize = (count: number, threads: number): number =>
  Math.min(LARGEST_PART, Math.max(SMALLEST_PART, Math.ceil(count / (threads * PARTS_A_THREAD))));

/** Threads that hold a compiled network. */
export interface EnginePool {
  /** Classes and logits of all `images`. */
  evaluate(images: LabelledImages): Promise<WorkerResult>;
  close(): Promise<void>;
}

/** Starts `threads` threads for `network`, and for images like `sample`. Close it, or the process does not end. */
export const openPool = (network: Network, sample: LabelledImages, threads: number): EnginePool => {
  const setup: WorkerSetup = { network, activity: activityOf(network, sample.pixels, sample.count) };
  const pool = new Piscina<WorkerTask, WorkerResult>({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
    // the next part is there when one is done
    concurrentTasksPerWorker: TASKS_A_THREAD,
    workerData: setup,
    // built files need no loader that this process may have
    execArgv: [],
  });
  return {
    evaluate: async (images) => {
      const size = images.height * images.width;
      const part = partSize(images.count, threads);
      const classes = new Uint16Array(images.count);
      const logits = new Int32Array(images.count * network.classes.length);
      let next = 0;
      // parts are copied when they are due, and into the same memory again: a core that copies does not evaluate
      const lane = async (): Promise<void> => {
        const shared = new Uint8Array(new SharedArrayBuffer(part * size));
        while (next < images.count) {
          const start = next;
          next += part;
          const end = Math.min(next, images.count);
          shared.set(images.pixels.subarray(start * size, end * size));
          const pixels = shared.subarray(0, (end - start) * size);
          const result = await pool.run({ pixels, count: end - start });
          classes.set(result.classes, start);
          logits.set(result.logits, start * network.classes.length);
        }
      };
      await Promise.all(Array.from({ length: threads * TASKS_A_THREAD }, lane));
      return { classes, logits };
    },
    close: () => pool.destroy(),
  };
};

/** Classes and logits of all `images`, on `threads` threads; 1 is this one. */
export const evaluateOnThreads = async (
  network: Network,
  images: LabelledImages,
  threads: number,
): Promise<WorkerResult> => {
  if (threads === 1) return engineFor(network, images).run(images.pixels, images.count);
  const pool = openPool(network, images, threads);
  try {
    return await pool.evaluate(images);
  } finally {
    await pool.close();
  }
};
