// The validation split: training images held out, so that options can be chosen without a look at a test image. Which
// images those are depends on their number alone, not on the run's seed.
import { type Dataset, type LabelledImages, selectImages } from '../model/dataset.ts';
import { seededRandom, shuffle } from '../util/random.ts';

export interface Split {
  readonly train: LabelledImages;
  /** null when nothing is held out. */
  readonly validation: LabelledImages | null;
}

/** Holds `count` training images out; the others keep their order. */
export const holdOut = ({ train }: Dataset, count: number): Split => {
  if (count === 0) return { train, validation: null };
  const order = shuffle(
    Uint32Array.from({ length: train.count }, (_, i) => i),
    seededRandom(0, 'validation'),
  );
  return {
    train: selectImages(train, Array.from(order.subarray(count).sort())),
    validation: selectImages(train, Array.from(order.subarray(0, count).sort())),
  };
};
