// Verification of the simulator against the training graph: every hidden code, every logit and the class of every test
// image, by equality; of the simulator against the reference model on some of them; and of the network file against the weights that were trained, trit by trit.
import { createAlu } from '../layers/alu.ts';
import type { LabelledImages } from '../model/dataset.ts';
import { pixelsOf, selectRange } from '../model/dataset.ts';
import type { Network } from '../model/network.ts';
import type { Comparison, OperationTotals } from '../model/trace.ts';
import type { BackendName, Checkpoint } from '../model/training.ts';
import { lowerCheckpoint } from '../quant/lower.ts';
import { thousands } from '../report/format.ts';
import { createComparison } from '../sim/compare.ts';
import { compareWeights, type WeightComparison } from '../sim/compare-weights.ts';
import type { Engine } from '../sim/engine/engine.ts';
import { type EngineImage, engineFor, evaluateImages } from '../sim/engine/evaluate.ts';
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
  /** What the simulator runs on. */
  readonly engine: Engine['kind'] | null;
  /** The simulator against the reference model, on some of the images. */
  readonly reference: Comparison | null;
  /** What the reference model did for them. */
  readonly operations: OperationTotals | null;
  /** network.json against the weights that were trained; null when there is no checkpoint. */
  readonly weights: WeightComparison | null;
  readonly seconds: number;
}

/** Images that the reference model evaluates, too: it holds the engine to account, and counts operations. */
const REFERENCE_IMAGES = 200;

/** The engine against the reference model, every code, on some images. */
const compareReference = (engine: Engine, images: LabelledImages, { terminal }: Context) => {
  const progress = terminal.progress('reference');
  const comparison = createComparison('simulator', 'reference model');
  const alu = createAlu();
  const count = Math.min(REFERENCE_IMAGES, images.count);
  evaluateImages(engine, images, count, (index, expected) => {
    const trace = evaluate(engine.network, pixelsOf(images, index), alu);
    comparison.add(index, expected, { outputs: trace.layers.map(({ codes }) => codes), class: trace.class });
    progress.update((index + 1) / count, `${thousands(index + 1)} images`);
  });
  progress.done(`${thousands(count)} images compared with the reference model`);
  return { reference: comparison.result(), operations: operationTotals(alu, count) };
};

/** The engine's images, one after the other, as the graph asks for them. */
const simulated = (engine: Engine, images: LabelledImages): ((index: number) => EngineImage) => {
  const part = 1000;
  const known = new Map<number, EngineImage>();
  return (index) => {
    const found = known.get(index);
    if (found !== undefined) return found;
    known.clear();
    const start = Math.floor(index / part) * part;
    const count = Math.min(part, images.count - start);
    evaluateImages(engine, selectRange(images, start, count), count, (at, image) =>
      known.set(start + at, image),
    );
    return known.get(index)!;
  };
};

const compareAll = async (
  engine: Engine,
  source: GraphSource & { readonly from: 'checkpoint' | 'network' },
  images: LabelledImages,
  context: Context,
): Promise<Comparison> => {
  const progress = context.terminal.progress('graph');
  const comparison = createComparison('simulator', 'training graph');
  const expected = simulated(engine, images);
  await evaluateGraph(source.checkpoint, images, (index, got) => {
    comparison.add(index, expected(index), got);
    progress.update((index + 1) / images.count, `${thousands(index + 1)} images`);
  });
  const result = comparison.result();
  progress.done(`${thousands(result.values)} values of ${thousands(result.images)} images compared`);
  return result;
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
      engine: null,
      reference: null,
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
  const engine = engineFor(network, images);
  const checked = compareReference(engine, images, context);
  const comparison = await compareAll(engine, source, images, context);
  const seconds = (performance.now() - began) / 1000;
  const backend = { name, version };
  return {
    comparison,
    ...checked,
    engine: engine.kind,
    reason: null,
    from: source.from,
    backend,
    weights,
    seconds,
  };
};
