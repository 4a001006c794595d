// Feeding: rows of the training set, shuffled and shifted, copied in plain JavaScript into one reused buffer (slicing
// or gathering a data tensor costs far more). What epoch e feeds depends on (seed, e) alone, so a resumed run repeats it.
import { codeCount, inputSpecOf } from '../layers/input.ts';
import { writeCodes } from '../layers/input-codes.ts';
import { type LabelledImages, pixelsOf } from '../model/dataset.ts';
import type { InputSpec } from '../model/network.ts';
import type { TrainOptions } from '../model/training.ts';
import { seededRandom, shuffle } from '../util/random.ts';
import { augment } from './augment.ts';

/** Input codes of `count` images from `start` on, as they are: a [count, codes] matrix. */
export const codesOf = (
  images: LabelledImages,
  start: number,
  count: number,
  spec: InputSpec,
): Float32Array => {
  const size = codeCount(spec);
  const codes = new Float32Array(count * size);
  for (let i = 0; i < count; i++) writeCodes(spec, pixelsOf(images, start + i), codes, i * size);
  return codes;
};

export interface Batch {
  /** [batch, codes] input codes; the same buffer every time. */
  readonly codes: Float32Array;
  readonly labels: Uint8Array;
  /** The same images through the teacher's input; null without one. */
  readonly teacherCodes: Float32Array | null;
}

/** Whole batches of one epoch, in its own order, each image moved at random; a last part batch is dropped. */
export function* epochBatches(
  images: LabelledImages,
  options: TrainOptions,
  epoch: number,
  teacher?: InputSpec,
): Generator<Batch> {
  const random = seededRandom(options.seed, 'epoch', epoch);
  const order = shuffle(
    Uint32Array.from({ length: images.count }, (_, i) => i),
    random,
  );
  const spec = inputSpecOf(options, [images.height, images.width]);
  const size = codeCount(spec);
  const codes = new Float32Array(options.batch * size);
  const labels = new Uint8Array(options.batch);
  const taught = teacher === undefined ? 0 : codeCount(teacher);
  const teacherCodes = teacher === undefined ? null : new Float32Array(options.batch * taught);
  const scratch = new Uint8Array(images.height * images.width);
  for (let at = 0; at + options.batch <= images.count; at += options.batch) {
    for (let i = 0; i < options.batch; i++) {
      const index = order[at + i]!;
      augment(pixelsOf(images, index), images, options, random, scratch);
      writeCodes(spec, scratch, codes, i * size);
      if (teacherCodes !== null) writeCodes(teacher!, scratch, teacherCodes, i * taught);
      labels[i] = images.labels[index]!;
    }
    yield { codes, labels, teacherCodes };
  }
}
