// A set that several threads evaluate: pixels, results and what is still to do are in memory that all of them see, and each takes
// part after part until none is left. Who evaluates a part decides no result.
import type { LabelledImages } from '../../model/dataset.ts';
import type { Network } from '../../model/network.ts';
import type { Engine } from './engine.ts';
import { LANES } from './layout.ts';

export interface SharedSet {
  readonly pixels: Uint8Array<SharedArrayBuffer>;
  readonly count: number;
  readonly classes: Uint16Array<SharedArrayBuffer>;
  /** [count, classes] */
  readonly logits: Int32Array<SharedArrayBuffer>;
  /** Images that are taken, and images that are evaluated. */
  readonly progress: Int32Array<SharedArrayBuffer>;
  /** Threads that share the set. */
  readonly threads: number;
}

const TAKEN = 0;
const DONE = 1;
/** Images of the smallest part: the last one to finish keeps the others waiting. */
const SMALLEST_PART = 256;
/** Of what is left, each thread's share is taken in so many parts: large ones first, which are put in better order. */
const SHARES = 2;

const bytes = (length: number): SharedArrayBuffer => new SharedArrayBuffer(length);

/** Pixels that all threads see: the ones given where they are such already. */
const sharedPixels = ({ pixels }: LabelledImages): Uint8Array<SharedArrayBuffer> => {
  if (pixels.buffer instanceof SharedArrayBuffer) return pixels as Uint8Array<SharedArrayBuffer>;
  const copy = new Uint8Array(bytes(pixels.length));
  copy.set(pixels);
  return copy;
};

/** The same images with pixels that all threads see. */
export const shareImages = (images: LabelledImages): LabelledImages => ({
  ...images,
  pixels: sharedPixels(images),
});

export const shareSet = (network: Network, images: LabelledImages, threads: number): SharedSet => ({
  pixels: sharedPixels(images),
  count: images.count,
  classes: new Uint16Array(bytes(images.count * 2)),
  logits: new Int32Array(bytes(images.count * network.classes.length * 4)),
  progress: new Int32Array(bytes(8)),
  threads,
});

/** Images that are evaluated. */
export const imagesDone = ({ progress }: SharedSet): number => Atomics.load(progress, DONE);

/** The next part, no other thread's: its first image and the one after its last; null when none is left. */
export const takePart = ({ progress, count, threads }: SharedSet): readonly [number, number] | null => {
  for (;;) {
    const start = Atomics.load(progress, TAKEN);
    if (start >= count) return null;
    const share = Math.ceil((count - start) / (threads * SHARES * LANES)) * LANES;
    const end = Math.min(count, start + Math.max(SMALLEST_PART, share));
    if (Atomics.compareExchange(progress, TAKEN, start, end) === start) return [start, end];
  }
};

/** Evaluates a part that was taken. */
export const evaluatePart = (
  engine: Engine,
  set: SharedSet,
  [start, end]: readonly [number, number],
): void => {
  const size = set.pixels.length / set.count;
  const { classes, logits } = engine.run(set.pixels.subarray(start * size, end * size), end - start);
  set.classes.set(classes, start);
  set.logits.set(logits, start * engine.network.classes.length);
  Atomics.add(set.progress, DONE, end - start);
};
