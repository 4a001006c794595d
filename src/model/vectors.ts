// Golden vectors: images with every integer they must produce. Handed to the code generator as a value, so that
// codegen never imports the simulator.
import type { ImageTrace } from './trace.ts';

export interface GoldenVector {
  /** Index of the image in the set it came from. */
  readonly image: number;
  readonly label: number;
  readonly pixels: Uint8Array;
  readonly trace: ImageTrace;
}
