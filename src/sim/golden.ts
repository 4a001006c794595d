// Golden vectors: chosen images with every integer that the reference model gives them.
import { type LabelledImages, pixelsOf } from '../model/dataset.ts';
import type { Network } from '../model/network.ts';
import type { GoldenVector } from '../model/vectors.ts';
import { evaluate } from './reference.ts';

/** `count` image indices, classes in turn (0, 1, 2, ... 0, 1, ...), each class in set order. Deterministic. */
export const stratifiedIndices = (images: LabelledImages, count: number): number[] => {
  const byClass = new Map<number, number[]>();
  images.labels.forEach((label, index) => {
    const indices = byClass.get(label) ?? [];
    indices.push(index);
    byClass.set(label, indices);
  });
  const queues = [...byClass.entries()].sort(([a], [b]) => a - b).map(([, indices]) => indices);
  const chosen: number[] = [];
  for (let round = 0; chosen.length < Math.min(count, images.count); round++) {
    chosen.push(...queues.map((queue) => queue[round]).filter((index) => index !== undefined));
  }
  return chosen.slice(0, count);
};

/** Evaluates the images at `indices`. Throws RangeError for an index that the set does not have. */
export const goldenVectors = (
  network: Network,
  images: LabelledImages,
  indices: readonly number[],
): GoldenVector[] =>
  indices.map((image) => {
    if (!Number.isInteger(image) || image < 0 || image >= images.count) {
      throw new RangeError(`image ${image} is not one of the set's ${images.count}`);
    }
    const pixels = pixelsOf(images, image).slice();
    return { image, label: images.labels[image]!, pixels, trace: evaluate(network, pixels) };
  });
