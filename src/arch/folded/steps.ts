// The steps of a unit in the order in which its accumulators take them, whether it reads every word or skips zeros.
import type { DenseLayer } from '../../model/network.ts';
import type { DensePlan } from '../../model/plan.ts';
import { type SparseRows, sparseRows } from './sparse-rows.ts';

export interface Step {
  /** Which PE rows, and which input word. */
  readonly neuronFold: number;
  readonly synapseFold: number;
  /** Of its neuron fold. */
  readonly first: boolean;
  readonly last: boolean;
}

/** The compressed rows of a layer that skips zeros; null where every word is read. */
export const rowsOf = (layer: DenseLayer, plan: DensePlan): SparseRows | null =>
  plan.sparse === undefined ? null : sparseRows(layer, plan, 2 ** plan.sparse.distanceBits);

/** Step `step` (0..cycles - 1) of a frame. */
export const stepOf = (layer: DenseLayer, plan: DensePlan, step: number): Step => {
  const rows = rowsOf(layer, plan);
  if (rows === null) {
    const [neuronFold, synapseFold] = [Math.floor(step / plan.synapseFold), step % plan.synapseFold];
    return { neuronFold, synapseFold, first: synapseFold === 0, last: synapseFold === plan.synapseFold - 1 };
  }
  const neuronFold = rows.folds[step]!;
  return {
    neuronFold,
    synapseFold: rows.words[step]!,
    first: step === rows.starts[neuronFold],
    last: step + 1 === rows.starts[neuronFold + 1],
  };
};

/** Steps of each neuron fold. */
export const stepsOfFolds = (layer: DenseLayer, plan: DensePlan): number[] => {
  const rows = rowsOf(layer, plan);
  return Array.from({ length: plan.neuronFold }, (_, fold) =>
    rows === null ? plan.synapseFold : rows.starts[fold + 1]! - rows.starts[fold]!,
  );
};
