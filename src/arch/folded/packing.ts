// How the trits of each layer lie in its weight ROM: 2 bits each where the design then fits the smallest part, five in a byte
// (four fifths of the words) layer by layer where that is what makes it fit. Binary weights take 1 bit.
import { type DenseLayer, denseLayers, type Network } from '../../model/network.ts';
import type { DensePlan, RomPlan } from '../../model/plan.ts';
import { TRITS_A_BYTE } from '../../num/base3.ts';
import { codeBits } from '../../num/trit.ts';
import { UserError } from '../../util/errors.ts';
import { blockRamsOf, inputMemories, layerMemories } from './memories.ts';

export const PACKINGS = ['auto', '2bit', 'base3'] as const;
export type PackingChoice = (typeof PACKINGS)[number];

/** Block RAMs of the part that `auto` fits designs into where that is possible: iCE40 UP5K. */
const PART_BLOCKS = 30;
const PART_FAMILY = 'ice40';

/** Block RAMs of everything but the weight ROMs. */
const otherBlocks = (network: Network, plans: readonly DensePlan[]): number =>
  plans.reduce(
    (sum, _, i) => {
      const { plain, thresholds } = layerMemories(network, plans, i);
      return sum + blockRamsOf([...plain, ...thresholds], PART_FAMILY);
    },
    blockRamsOf(inputMemories(network), PART_FAMILY),
  );

/** Block RAMs of a weight ROM. */
const romBlocks = ({ words, width }: RomPlan): number =>
  blockRamsOf([{ words, width, kind: 'rom' }], PART_FAMILY);

/** One trit code a lane. */
export const plainRom = ({ weights }: DenseLayer, steps: number, lanes: number): RomPlan => {
  const bits = codeBits(weights.alphabet);
  return { words: steps, width: lanes * bits, packing: bits === 1 ? '1bit' : '2bit' };
};

/** Lanes whose trits share a byte: a multiple of so many can be packed. */
export const BASE3_LANES = TRITS_A_BYTE - 1;

/** Four lanes a byte, the fifth trit for every fifth step; undefined where lanes do not come in fours, or zeros are skipped. */
const base3Rom = ({ weights }: DenseLayer, { pe, simd, cycles, sparse }: DensePlan): RomPlan | undefined => {
  const lanes = pe * simd;
  if (weights.alphabet === 'binary' || sparse !== undefined || lanes % BASE3_LANES !== 0) return undefined;
  return { words: cycles - Math.floor(cycles / TRITS_A_BYTE), width: 2 * lanes, packing: 'base3' };
};

const total = (plans: readonly DensePlan[]): number =>
  plans.reduce((sum, { rom }) => sum + romBlocks(rom), 0);

/** Layers to base 3, the one that saves most first, until the design fits; as it was when it never does. */
const fitted = (layers: readonly DenseLayer[], plans: readonly DensePlan[], room: number): DensePlan[] => {
  const result = [...plans];
  while (total(result) > room) {
    const moves = result.flatMap((plan, i) => {
      const rom = plan.rom.packing === '2bit' ? base3Rom(layers[i]!, plan) : undefined;
      const saved = rom === undefined ? 0 : romBlocks(plan.rom) - romBlocks(rom);
      return rom === undefined || saved <= 0 ? [] : [{ i, rom, saved }];
    });
    const best = moves.sort((a, b) => b.saved - a.saved)[0];
    if (best === undefined) return [...plans];
    result[best.i] = { ...result[best.i]!, rom: best.rom };
  }
  return result;
};

/** `plans` (at 2 bits a trit) with the packing of each ROM chosen. Throws UserError when no layer can take base 3 as asked. */
export const packRoms = (
  network: Network,
  plans: readonly DensePlan[],
  choice: PackingChoice,
): DensePlan[] => {
  const layers = denseLayers(network);
  if (choice === '2bit') return [...plans];
  if (choice === 'auto') return fitted(layers, plans, PART_BLOCKS - otherBlocks(network, plans));
  const packed = plans.map((plan, i) => {
    const rom = base3Rom(layers[i]!, plan);
    return rom === undefined ? plan : { ...plan, rom };
  });
  if (packed.some(({ rom }) => rom.packing === 'base3')) return packed;
  throw new UserError({
    subject: '--packing base3',
    rule: 'have a layer of ternary weights whose PE x SIMD is a multiple of 4 and that reads every word',
    value: plans
      .map(({ layer, pe, simd, sparse }) => `${layer}: ${pe} x ${simd}${sparse ? ' skipping zeros' : ''}`)
      .join(', '),
    hint: 'choose other --pe and --simd, --skip-zeros off for a layer, or --packing 2bit',
    code: 'BITSIM_PLAN_PACKING',
  });
};

/** ROM address of step `step` of a frame; in base 3 every fifth step reads nothing and stays where the next will read. */
export const romAddress = ({ packing }: RomPlan, step: number): number =>
  packing === 'base3' ? step - Math.floor(step / TRITS_A_BYTE) : step;

/** ROM address that the trits of step `step` are from: in base 3 a fifth step's are the fifth ones of the last four words read. */
export const romSource = (rom: RomPlan, step: number): number =>
  romAddress(rom, step) - (rom.packing === 'base3' && step % TRITS_A_BYTE === TRITS_A_BYTE - 1 ? 1 : 0);
