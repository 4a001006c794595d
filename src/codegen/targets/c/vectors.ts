// Golden vectors as constant arrays, so that the test needs no files and runs where the network will.
import type { GoldenVector } from '../../../model/vectors.ts';
import type { Design } from '../verilog/design.ts';
import { type CArray, numbers } from './arrays.ts';

const FILE = 'test/vectors.h';

export interface CVectors {
  readonly pixels: CArray;
  /** Of each hidden layer. */
  readonly codes: readonly CArray[];
  readonly logits: CArray;
  readonly classes: CArray;
}

/** The arrays of test/vectors.h, image after image. */
export const cVectors = (design: Design, vectors: readonly GoldenVector[]): CVectors => {
  const of = (id: string, type: string, values: (vector: GoldenVector) => ArrayLike<number>): CArray =>
    numbers(
      `expected_${id}`,
      FILE,
      vectors.flatMap((vector) => Array.from(values(vector))),
      type,
    );
  return {
    pixels: { ...of('pixels', 'uint8_t', ({ pixels }) => pixels), id: 'pixels' },
    codes: design.layers
      .slice(0, -1)
      .map(({ id }, i) => of(`${id}_codes`, 'uint8_t', ({ trace }) => trace.layers[i]!.codes)),
    logits: of('logits', 'int32_t', ({ trace }) => trace.logits),
    classes: of('classes', 'int32_t', ({ trace }) => [trace.class]),
  };
};
