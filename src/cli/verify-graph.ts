// Verification of the simulator against the training graph: every hidden code, every logit and the class of every test
// image, by equality; and of the network file against the weights that were trained, trit by trit.
import { createAlu } from '../layers/alu.ts';
import type { LabelledImages } from '../model/dataset.ts';
import { pixelsOf } from '../model/dataset.ts';
import type { Network } from '../model/network.ts';
import type { Comparison, OperationTotals } from '../model/trace.ts';
import type { BackendName, Checkpoint } from '../model/training.ts';
import { lowerCheckpoint } from '../quant/lower.ts';
import { thousands } from '../report/format.ts';
import { createComparison } from '../sim/compare.ts';
import { compareWeights, type WeightComparison } from '../sim/compare-weights.ts';
import { evaluate } from '../sim/reference.ts';
import { operationTotals } from '../sim/simulate.ts';
import { type SelectedBackend, selectBackend } from '../train/backend.ts';
import { evaluateGraph } from '../train/graph.ts';
import type { Context } from './command.ts';
import { type GraphSource, graphSource } from './graph-checkpoint.ts';
import type { RunPaths } from './run-folder.ts';

export interface GraphResult {
  /** null when the training graph cannot express the network; `reason` says why. */
  readonly comparison: Comparison | null;
  readonly reason: string | null;
  /** What the graph was built from. */
  readonly from: GraphSource['from'];
  readonly backend: Pick<SelectedBackend, 'name' | 'version'> | null;
  /** What the simulator did for the images that were compared. */
  readonly operations: OperationTotals | null;
  /** network.json against the weights that were trained; null when there is no checkpoint. */
  readonly weights: WeightComparison | null;
  readonly seconds: number;
}

const compareAll = async (
  network: Network,
  source: GraphSource & { readonly from: 'checkpoint' | 'network' },
  images: LabelledImages,
  context: Context,
): Promise<{ comparison: Comparison; operations: OperationTotals }> => {
  const progress = context.terminal.progress('graph');
  const comparison = createComparison('simulator', 'training graph');
  const alu = createAlu();
  await evaluateGraph(source.checkpoint, images, (index, got) => {
    comparison.add(index, evaluate(network, pixelsOf(images, index), alu), got);
    progress.update((index + 1) / images.count, `${thousands(index + 1)} images`);
  });
  const result = comparison.result();
  progress.done(`${thousands(result.values)} values of ${thousands(result.images)} images compared`);
  return { comparison: result, operations: operationTotals(alu, result.images) };
};

/** The trained weights, lowered again, against the network file. */
const weightsOf = (checkpoint: Checkpoint, network: Network): WeightComparison =>
  compareWeights(lowerCheckpoint(checkpoint, network.name, network.provenance), network);

/** Compares all `images`. Starts a tfjs backend. */
export const verifyGraph = async (
  network: Network,
  paths: RunPaths,
  images: LabelledImages,
  choice: BackendName | 'auto',
  context: Context,
): Promise<GraphResult> => {
  const began = performance.now();
  const source = graphSource(paths, network);
  if (source.from === 'none') {
    const reason = `the training graph cannot express this network: ${source.reason}`;
    context.terminal.warn(`training graph not compared: ${source.reason}`);
    return {
      comparison: null,
      reason,
      from: 'none',
      backend: null,
      operations: null,
      weights: null,
      seconds: 0,
    };
  }
  if (source.from === 'network') {
    context.terminal.warn(
      `${paths.checkpoint} is missing: the training graph is built from network.json itself, so a fault made in lowering cannot show`,
    );
  }
  const weights = source.from === 'checkpoint' ? weightsOf(source.checkpoint, network) : null;
  const { name, version } = await selectBackend(choice);
  const compared = await compareAll(network, source, images, context);
  const seconds = (performance.now() - began) / 1000;
  return { ...compared, reason: null, from: source.from, backend: { name, version }, weights, seconds };
};
