// A teacher: another run's net, whose answers a net in training learns beside the labels. It sees each image as augmented
// for the student, through its own input.
import { inputSpecOf } from '../layers/input.ts';
import type { InputSpec } from '../model/network.ts';
import type { Checkpoint } from '../model/training.ts';
import { UserError } from '../util/errors.ts';
import { disposeIntegers, integersOf, logitsOf } from './graph.ts';
import { softmax } from './loss.ts';

export interface Teacher {
  readonly input: InputSpec;
  /** Probabilities, [count, classes], for [count, codes] input codes of `input`. */
  probabilities(codes: Float32Array, count: number): Float32Array;
  dispose(): void;
}

/** The net of `checkpoint`, its logits scaled as in its own training and divided by `temperature`. */
export const createTeacher = (checkpoint: Checkpoint, temperature: number): Teacher => {
  const integers = checkpoint.layers.map((layer) => integersOf(layer, checkpoint.options.weights));
  const scale = 2 ** -checkpoint.logitShift / temperature;
  return {
    input: inputSpecOf(checkpoint.options, checkpoint.shape),
    probabilities: (codes, count) =>
      softmax(logitsOf(codes, count, integers, checkpoint), checkpoint.classes.length, scale),
    dispose: () => disposeIntegers(integers),
  };
};

/** Throws UserError unless `teacher` has seen images of this shape, and has these classes. */
export const checkTeacher = (
  teacher: Checkpoint,
  shape: readonly [number, number],
  classes: readonly string[],
): void => {
  const describe = (size: readonly [number, number], names: readonly string[]): string =>
    `${size[0]} x ${size[1]} images and ${names.length} classes`;
  const [expected, got] = [describe(shape, classes), describe(teacher.shape, teacher.classes)];
  if (expected === got) return;
  throw new UserError({
    subject: '--teacher',
    rule: `have been trained on ${expected}`,
    value: got,
    code: 'BITSIM_TRAIN_TEACHER',
  });
};
