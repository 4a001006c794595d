// The engine on several threads: parts of a set go to workers (piscina keeps them) and are put together in order, so that
// no result depends on how many threads there are. Node only; the page uses the engine itself.
import { Piscina } from 'piscina';
import type { LabelledImages } from '../../model/dataset.ts';
import type { Network } from '../../model/network.ts';
import { compileEngine } from './engine.ts';
import { activityOf } from './order.ts';
import type { WorkerResult, WorkerTask } from './worker.ts';

/** Images of one task: enough that handing them over costs little. */
const PART = 1024;

/** Classes and logits of all `images`, on `threads` threads; 1 is this one. */
export const evaluateOnThreads = async (
  network: Network,
  images: LabelledImages,
  threads: number,
): Promise<WorkerResult> => {
  const activity = activityOf(network, images.pixels, images.count);
  if (threads === 1) return compileEngine(network, { activity }).run(images.pixels, images.count);
  const size = images.height * images.width;
  const pool = new Piscina<WorkerTask, WorkerResult>({
    filename: new URL('./worker.js', import.meta.url).href,
    minThreads: threads,
    maxThreads: threads,
  });
  try {
    const parts = Array.from({ length: Math.ceil(images.count / PART) }, (_, i) => {
      const start = i * PART;
      const count = Math.min(PART, images.count - start);
      const pixels = images.pixels.slice(start * size, (start + count) * size);
      return pool.run({ network, activity, pixels, count });
    });
    const results = await Promise.all(parts);
    const classes = new Uint16Array(images.count);
    const logits = new Int32Array(images.count * network.classes.length);
    results.forEach((result, i) => {
      classes.set(result.classes, i * PART);
      logits.set(result.logits, i * PART * network.classes.length);
    });
    return { classes, logits };
  } finally {
    await pool.destroy();
  }
};
