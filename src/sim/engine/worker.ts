// One thread of the pool: compiles its network once, then evaluates parts of a set as they are handed to it.
import type { Network } from '../../model/network.ts';
import { compileEngine, type Engine } from './engine.ts';

export interface WorkerTask {
  readonly network: Network;
  readonly activity: Float64Array | undefined;
  readonly pixels: Uint8Array;
  readonly count: number;
}

export interface WorkerResult {
  readonly classes: Uint16Array;
  readonly logits: Int32Array;
}

let known: { readonly name: string; readonly engine: Engine } | undefined;

/** Classes and logits of one part. A pool serves one network, so it is compiled once a thread. */
export default ({ network, activity, pixels, count }: WorkerTask): WorkerResult => {
  if (known?.name !== network.name)
    known = { name: network.name, engine: compileEngine(network, { activity }) };
  const { classes, logits } = known.engine.run(pixels, count);
  return { classes, logits };
};
