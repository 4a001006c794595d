// From a network to an emission: plan, golden vectors from real images through the reference model, bundle. Shared by
// emit and verify, so that what is verified is what is emitted.
import { planFolded } from '../arch/folded/plan.ts';
import type { Bundle, RomStyle } from '../codegen/bundle.ts';
import { emit } from '../codegen/emit.ts';
import type { LabelledImages } from '../model/dataset.ts';
import type { Network } from '../model/network.ts';
import type { HardwarePlan } from '../model/plan.ts';
import type { GoldenVector } from '../model/vectors.ts';
import { goldenVectors, stratifiedIndices } from '../sim/golden.ts';
import { UserError } from '../util/errors.ts';
import { type FoldingChoice, resolveFolding } from './folding-choice.ts';
import { bitsimVersion } from './version.ts';

/** Lane-cycles of one image: what a simulator's time grows with. */
export const laneCycles = ({ layers, initiationInterval }: HardwarePlan): number =>
  layers.reduce((sum, { pe, simd }) => sum + pe * simd, 0) * initiationInterval;

/** Images from which the steady interval can be measured. */
export const leastImages = ({ steadyFrom }: HardwarePlan): number => Math.max(3, steadyFrom + 1);

/** Throws UserError when the images do not fit the network. */
export const checkShape = (network: Network, images: LabelledImages): void => {
  const [height, width] = network.input.shape;
  if (images.height === height && images.width === width) return;
  throw new UserError({
    subject: 'test images',
    rule: `be ${height} x ${width}, what network ${network.name} takes`,
    value: `${images.height} x ${images.width}`,
    hint: 'name the right data with --data',
    code: 'BITSIM_DATA_SHAPE',
  });
};

/** Throws UserError when there are fewer than `count` images. */
const checkCount = (images: LabelledImages, count: number): void => {
  if (count <= images.count) return;
  throw new UserError({
    subject: 'number of images',
    rule: `be at most ${images.count}, the test images there are`,
    value: count,
    code: 'BITSIM_CLI_IMAGES',
  });
};

export interface DesignRequest extends FoldingChoice {
  readonly network: Network;
  readonly images: LabelledImages;
  readonly target: string;
  readonly rom: RomStyle;
  readonly flows?: readonly string[] | undefined;
  /** Number of golden vectors. */
  readonly vectors: (plan: HardwarePlan) => number;
}

export interface Design {
  readonly plan: HardwarePlan;
  readonly vectors: readonly GoldenVector[];
  readonly bundle: Bundle;
}

/** Plans and emits. Throws UserError for foldings, targets and counts that do not work. */
export const makeDesign = (request: DesignRequest): Design => {
  const { network, images, target, rom, flows } = request;
  checkShape(network, images);
  const plan = planFolded(network, resolveFolding(request));
  const count = request.vectors(plan);
  checkCount(images, count);
  const vectors = goldenVectors(network, images, stratifiedIndices(images, count));
  const bundle = emit({ network, plan, target, rom, flows, vectors, toolVersion: bitsimVersion() });
  return { plan, vectors, bundle };
};
