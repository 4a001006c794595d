// One thread of the pool: compiles its network once, when it starts, then evaluates parts of a set as they are handed to it.
import { workerData } from 'piscina';
import type { Network } from '../../model/network.ts';
import { compileEngine } from './engine.ts';

export interface WorkerSetup {
  readonly network: Network;
  readonly activity: Float64Array | undefined;
}

export interface WorkerTask {
  readonly pixels: Uint8Array;
  readonly count: number;
}

export interface WorkerResult {
  readonly classes: Uint16Array;
  readonly logits: Int32Array;
}

const { network, activity } = workerData as WorkerSetup;
const engine = compileEngine(network, { activity });

/** Classes and logits of one part. */
export default ({ pixels, count }: WorkerTask): WorkerResult => {
  const { classes, logits } = engine.run(pixels, count);
  return { classes, logits };
};
