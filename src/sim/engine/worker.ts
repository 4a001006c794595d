// One thread of the pool: compiles its network once, when it starts, then takes parts of the sets it is told of.
import { workerData } from 'piscina';
import type { Network } from '../../model/network.ts';
import { compileEngine } from './engine.ts';
import { evaluatePart, type SharedSet, takePart } from './parts.ts';

export interface WorkerSetup {
  readonly network: Network;
  readonly activity: Float64Array | undefined;
}

const { network, activity } = workerData as WorkerSetup;
const engine = compileEngine(network, { activity });

/** Evaluates parts of `set` until none is left. */
export default (set: SharedSet): void => {
  for (let part = takePart(set); part !== null; part = takePart(set)) evaluatePart(engine, set, part);
};
