// Plans the folded architecture: one matrix-vector unit per dense layer, all layers running as a pipeline. Decides
// folding, buffer sizes and accumulator widths, and predicts cycles by running the control model.
import { accumulatorFormat, accumulatorRange } from '../../layers/dense/range.ts';
import { type DenseLayer, denseLayers, inputsOf, type Network, outputsOf } from '../../model/network.ts';
import { type DensePlan, type HardwarePlan, PLAN_FORMAT, PLAN_VERSION } from '../../model/plan.ts';
import { signed, signedFormatFor } from '../../num/format.ts';
import { roundingConstant } from '../../num/rounding.ts';
import { UserError } from '../../util/errors.ts';
import { predictCycles } from './cycles.ts';
import { allWords, type CyclesOf, chooseFoldings, divisorsOf, type Folding, mostStages } from './folding.ts';
import { type PackingChoice, packRoms, plainRom } from './packing.ts';
import { cyclesUnder, type SkipChoice, skipZeros } from './skip-zeros.ts';

export interface FoldingRequest {
  /** Outputs a cycle, one entry per dense layer (or one for all). */
  readonly pe?: readonly number[] | undefined;
  /** Inputs a cycle, one entry per dense layer (or one for all). */
  readonly simd?: readonly number[] | undefined;
  /** Registers within the select-add trees, one entry per dense layer; default none. */
  readonly pipeline?: readonly number[] | undefined;
  /** How weights lie in their ROMs; default `auto`. */
  readonly packing?: PackingChoice | undefined;
  /** Whether zeros are skipped, one entry per dense layer (or one for all); default `off`. */
  readonly skipZeros?: readonly SkipChoice[] | undefined;
  /** Names of the dense layers that `pe` and `simd` are meant for; checked where given. */
  readonly layers?: readonly string[] | undefined;
}

const nearest = (value: number, size: number): string =>
  divisorsOf(size)
    .sort((a, b) => Math.abs(Math.log(a / value)) - Math.abs(Math.log(b / value)))
    .slice(0, 2)
    .sort((a, b) => a - b)
    .join(' or ');

const checkDivides = (layer: string, what: 'PE' | 'SIMD', value: number, size: number): void => {
  if (Number.isInteger(value) && value >= 1 && size % value === 0) return;
  const things = what === 'PE' ? 'outputs' : 'inputs';
  throw new UserError({
    subject: `layer ${layer}: ${what}`,
    rule: `divide ${size} ${things}`,
    value,
    hint: value >= 1 ? `try ${nearest(value, size)}` : undefined,
    code: `BITSIM_PLAN_${what}_DIVIDES`,
  });
};

const checkStages = (layer: string, value: number, simd: number): void => {
  const most = mostStages(simd);
  if (Number.isInteger(value) && value >= 0 && value <= most) return;
  throw new UserError({
    subject: `layer ${layer}: pipeline`,
    rule: `be 0 to ${most}, the levels of adders at SIMD ${simd}`,
    value,
    code: 'BITSIM_PLAN_PIPELINE',
  });
};

const perLayer = <T>(
  values: readonly T[] | undefined,
  count: number,
  what: string,
  thing = 'number',
): readonly T[] | undefined => {
  if (values === undefined || values.length === count) return values;
  throw new UserError({
    subject: `--${what}`,
    rule: `have one ${thing} for each of the ${count} dense layers`,
    value: values.length,
    hint: `for example --${what} ${Array.from({ length: count }, () => values[0] ?? 1).join(',')}`,
    code: 'BITSIM_PLAN_COUNT',
  });
};

/** One choice for each layer; a single one is for all. */
export const skipsOf = (
  { skipZeros: given }: Pick<FoldingRequest, 'skipZeros'>,
  count: number,
): readonly SkipChoice[] => {
  const all = given?.length === 1 ? Array.from({ length: count }, () => given[0]!) : given;
  return perLayer(all, count, 'skip-zeros', 'choice') ?? Array.from({ length: count }, () => 'off' as const);
};

/** What foldings are chosen by: the cycles of each layer, zeros skipped or not. */
export const cyclesUnderAll = (layers: readonly DenseLayer[], skips: readonly SkipChoice[]): CyclesOf => {
  const known = new Map(
    layers.map((layer, i) => [layer, { choice: skips[i]!, cycles: new Map<string, number>() }]),
  );
  return (layer, folding) => {
    const { choice, cycles } = known.get(layer)!;
    if (choice === 'off') return allWords(layer, folding);
    const key = `${folding.pe} ${folding.simd}`;
    const found = cycles.get(key) ?? cyclesUnder(choice, layer, folding);
    cycles.set(key, found);
    return found;
  };
};

/** A folding, and its registers. */
interface Pipelined extends Folding {
  readonly pipeline: number;
}

const foldingsOf = (
  layers: readonly DenseLayer[],
  request: FoldingRequest,
  skips: readonly SkipChoice[],
): Pipelined[] => {
  const pe = perLayer(request.pe, layers.length, 'pe');
  const simd = perLayer(request.simd, layers.length, 'simd');
  const pipeline = perLayer(request.pipeline, layers.length, 'pipeline');
  return chooseFoldings(layers, cyclesUnderAll(layers, skips)).map((chosen, i) => {
    const folding = { pe: pe?.[i] ?? chosen.pe, simd: simd?.[i] ?? chosen.simd };
    checkDivides(layers[i]!.name, 'PE', folding.pe, outputsOf(layers[i]!));
    checkDivides(layers[i]!.name, 'SIMD', folding.simd, inputsOf(layers[i]!));
    const stages = pipeline?.[i] ?? 0;
    checkStages(layers[i]!.name, stages, folding.simd);
    return { ...folding, pipeline: stages };
  });
};

/** Constant that the accumulator starts from: the half unit of a static shift, so that rounding costs no adder. */
export const accumulatorStart = (layer: DenseLayer): number =>
  layer.requantize.kind === 'static-shift' ? roundingConstant(layer.requantize.shift) : 0;

/** What the accumulator registers hold between neuron folds: a bias ROM has that constant added in. */
export const restValue = (layer: DenseLayer): number => (layer.bias === null ? accumulatorStart(layer) : 0);

/** Bits of one select-add tree's sum: InBits + 1 + ceil(log2 SIMD). */
export const sumBits = (inBits: number, simd: number): number => inBits + 1 + mostStages(simd);

/** Bits that the sums of a layer need, whatever its folding. */
const neededBits = (layer: DenseLayer): number => {
  // thresholds may lie beyond what is ever reached, and are compared in the same width
  if (layer.requantize.kind === 'thresholds') return accumulatorFormat(layer).bits;
  const start = accumulatorStart(layer);
  const { low, high } = accumulatorRange(layer);
  return signedFormatFor(Math.min(low + start, 0), high + start).bits;
};

const planLayer = (
  layer: DenseLayer,
  { pe, simd, pipeline }: Pipelined,
  { needed, first }: { readonly needed: number; readonly first: boolean },
): DensePlan => {
  const [inputs, outputs] = [inputsOf(layer), outputsOf(layer)];
  const [neuronFold, synapseFold] = [outputs / pe, inputs / simd];
  const cycles = neuronFold * synapseFold;
  return {
    layer: layer.name,
    inputs,
    outputs,
    pe,
    simd,
    neuronFold,
    synapseFold,
    cycles,
    pipeline,
    rom: plainRom(layer, cycles, pe * simd),
    bufferWords: first || neuronFold === 1 ? synapseFold : synapseFold * 2,
    accumulator: signed(Math.max(needed, sumBits(layer.input.bits, simd))),
  };
};

const checkNames = (layers: readonly DenseLayer[], wanted: readonly string[] | undefined): void => {
  const names = layers.map(({ name }) => name).join(', ');
  if (wanted === undefined || wanted.join(', ') === names) return;
  throw new UserError({
    subject: 'layers of the plan file',
    rule: `be ${names}, those of the network`,
    value: wanted.join(', '),
    code: 'BITSIM_PLAN_LAYERS',
  });
};

/** Folds `network` as often as wanted: the weights are gone through once. */
export const layerFolder = (network: Network): ((request: FoldingRequest) => DensePlan[]) => {
  const layers = denseLayers(network);
  const needed = layers.map(neededBits);
  return (request) => {
    checkNames(layers, request.layers);
    const skips = skipsOf(request, layers.length);
    const folded = foldingsOf(layers, request, skips).map((folding, i) =>
      planLayer(layers[i]!, folding, { needed: needed[i]!, first: i === 0 }),
    );
    const read = skipZeros(network, folded, skips);
    return packRoms(network, read, request.packing ?? 'auto');
  };
};

/** Folding, memories and widths of every layer, without predicting cycles. */
export const foldLayers = (network: Network, request: FoldingRequest = {}): DensePlan[] =>
  layerFolder(network)(request);

/** The plan of `network` in the folded architecture. Throws UserError when a folding does not divide its layer. */
export const planFolded = (network: Network, request: FoldingRequest = {}): HardwarePlan => {
  const plans = foldLayers(network, request);
  return {
    format: PLAN_FORMAT,
    version: PLAN_VERSION,
    architecture: 'folded',
    network: network.name,
    layers: plans,
    ...predictCycles(network, plans),
  };
};
