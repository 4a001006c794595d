// The reference model over a whole set: classes, how many are right, and what it took, operation by operation.
import { type Alu, createAlu } from '../layers/alu.ts';
import { type LabelledImages, pixelsOf } from '../model/dataset.ts';
import type { Network } from '../model/network.ts';
import type { ImageTrace, OperationTotals } from '../model/trace.ts';
import { evaluate } from './reference.ts';

/** What `alu` counted over `images` images. */
export const operationTotals = (alu: Alu, images: number): OperationTotals => ({
  images,
  ...alu.counts,
  multiplies: 0,
});

export interface SetResult {
  /** Class of each image, in set order. */
  readonly classes: Uint16Array;
  /** Images whose class is their label. */
  readonly right: number;
  readonly operations: OperationTotals;
}

export interface SetListeners {
  /** Every integer of each image, as it is done. */
  readonly onImage?: (index: number, trace: ImageTrace) => void;
  /** Images done so far, after each. */
  readonly onProgress?: (done: number, total: number) => void;
}

/** Evaluates all `images` in order. An empty set is an error: nothing would have been shown. */
export const evaluateSet = (
  network: Network,
  images: LabelledImages,
  { onImage, onProgress }: SetListeners = {},
): SetResult => {
  if (images.count === 0) throw new RangeError(`no image to evaluate with ${network.name}`);
  const alu = createAlu();
  const classes = new Uint16Array(images.count);
  let right = 0;
  for (let index = 0; index < images.count; index++) {
    const trace = evaluate(network, pixelsOf(images, index), alu);
    classes[index] = trace.class;
    if (trace.class === images.labels[index]) right++;
    onImage?.(index, trace);
    onProgress?.(index + 1, images.count);
  }
  return { classes, right, operations: operationTotals(alu, images.count) };
};
