// Decides everything that the RTL templates print: names, ranges, literals. One DesignView per emitted design; the
// templates only place its leaves.
import { transferLanes } from '../../../arch/folded/cycles.ts';
import { restValue, sumBits } from '../../../arch/folded/plan.ts';
import { isPlain } from '../../../layers/input.ts';
import { type DenseLayer, denseLayers, type Network } from '../../../model/network.ts';
import type { DensePlan, HardwarePlan } from '../../../model/plan.ts';
import { codeBits } from '../../../num/trit.ts';
import type { View } from '../../../util/render.ts';
import { addressBits, checkDistinct, identifier, rangeOf } from '../../names.ts';

export interface LayerDesign {
  readonly id: string;
  readonly layer: DenseLayer;
  readonly plan: DensePlan;
  /** Codes (or logits) in one transfer to the next stage. */
  readonly lanes: number;
  /** Bits of one output code; 0 for the last layer. */
  readonly outBits: number;
  readonly romModule: string;
  readonly biasModule: string;
  readonly thresholdModule: string;
}

export interface Design {
  readonly network: Network;
  readonly plan: HardwarePlan;
  /** Top module, also the base name of the design's files. */
  readonly top: string;
  readonly layers: readonly LayerDesign[];
  readonly pixelBits: number;
  /** Each code is one pixel; otherwise pixels are cropped or summed first, one a beat. */
  readonly plain: boolean;
  /** Pixels in one input beat. */
  readonly inLanes: number;
  readonly inBeats: number;
  readonly classes: number;
  readonly tool: string;
}

const layerDesign = (top: string, plans: readonly DensePlan[], layer: DenseLayer, i: number): LayerDesign => {
  const id = identifier(layer.name);
  return {
    id,
    layer,
    plan: plans[i]!,
    lanes: transferLanes(plans, i),
    outBits: layer.requantize.kind === 'none' ? 0 : layer.requantize.output.bits,
    romModule: `${top}_${id}_rom`,
    biasModule: `${top}_${id}_bias`,
    thresholdModule: `${top}_${id}_thresholds`,
  };
};

/** The design of `network` under `plan`. */
export const createDesign = (network: Network, plan: HardwarePlan, toolVersion: string): Design => {
  checkDistinct(network.layers.map((layer) => layer.name));
  const top = `bitsim_${identifier(network.name)}`;
  const first = plan.layers[0]!;
  const plain = isPlain(network.input);
  return {
    network,
    plan,
    top,
    layers: denseLayers(network).map((layer, i) => layerDesign(top, plan.layers, layer, i)),
    pixelBits: network.input.pixel.bits,
    plain,
    inLanes: plain ? first.simd : 1,
    inBeats: plain ? first.synapseFold : network.input.shape[0] * network.input.shape[1],
    classes: network.classes.length,
    tool: `bitsim ${toolVersion}`,
  };
};

const thresholdView = ({ layer, plan, lanes, outBits, thresholdModule }: LayerDesign): View => {
  const levels = 2 ** outBits - 1;
  const addrBits = addressBits(plan.outputs / lanes);
  return {
    thresholds: layer.requantize.kind === 'thresholds',
    thresholdModule,
    levels,
    thresholdAddrBits: addrBits,
    thresholdAddrRange: rangeOf(addrBits),
    thresholdRange: rangeOf(Math.max(1, lanes * levels * plan.accumulator.bits)),
  };
};

const requantView = (design: LayerDesign, next: LayerDesign | undefined): View => {
  const { layer, plan, lanes, outBits } = design;
  const { requantize } = layer;
  return {
    ...thresholdView(design),
    dynamic: requantize.kind === 'dynamic-shift',
    hidden: next !== undefined,
    static: requantize.kind === 'static-shift',
    shift: requantize.kind === 'static-shift' ? requantize.shift : 0,
    outBits,
    lanes,
    frameWords: plan.outputs / lanes,
    codeWidth: Math.max(1, lanes * outBits),
    codeRange: rangeOf(Math.max(1, lanes * outBits)),
    gatherParts: next === undefined ? 1 : next.plan.simd / lanes,
    nextId: next?.id ?? '',
  };
};

const foldView = ({ layer, plan, lanes }: LayerDesign): View => {
  const sums = plan.pe * plan.accumulator.bits;
  const acc = lanes * plan.accumulator.bits;
  return {
    pe: plan.pe,
    simd: plan.simd,
    cycles: plan.cycles,
    synapseFold: plan.synapseFold,
    neuronFold: plan.neuronFold,
    bufferFrames: plan.bufferWords / plan.synapseFold,
    sumBits: sumBits(layer.input.bits, plan.simd),
    accBits: plan.accumulator.bits,
    stages: plan.pipeline,
    sparse: plan.sparse !== undefined,
    distanceBits: plan.sparse?.distanceBits ?? 0,
    base3Flag: plan.rom.packing === 'base3' ? 1 : 0,
    romAddrBits: addressBits(plan.rom.words),
    romAddrRange: rangeOf(addressBits(plan.rom.words)),
    romRange: rangeOf(plan.rom.width),
    foldBits: addressBits(plan.neuronFold),
    foldRange: rangeOf(addressBits(plan.neuronFold)),
    start: `${plan.accumulator.bits}'d${restValue(layer)}`,
    noBias: `${sums}'d0`,
    sumsRange: rangeOf(sums),
    accWidth: acc,
    accRange: rangeOf(acc),
    parts: plan.pe / lanes,
  };
};

const layerView = (design: LayerDesign, next: LayerDesign | undefined): View => ({
  id: design.id,
  name: design.layer.name,
  inputs: design.plan.inputs,
  outputs: design.plan.outputs,
  inBits: design.layer.input.bits,
  inRange: rangeOf(design.plan.simd * design.layer.input.bits),
  codeBits: codeBits(design.layer.weights.alphabet),
  romModule: design.romModule,
  biasModule: design.biasModule,
  hasBias: design.layer.bias !== null,
  biasFlag: design.layer.bias === null ? 0 : 1,
  ...foldView(design),
  ...requantView(design, next),
});

/** Layer sizes as people write them, e.g. `784-64-10`. */
export const shapeName = (design: Design): string =>
  [design.plan.layers[0]!.inputs, ...design.plan.layers.map((plan) => plan.outputs)].join('-');

/** The parameters of bitsim_input_sum; unused when every code is one pixel. */
const inputSumView = ({ network, plan, pixelBits }: Design): View => {
  const { shape, crop, pool, shift, code } = network.input;
  return {
    rows: shape[0],
    cols: shape[1],
    top: crop[0],
    left: crop[1],
    cropRows: crop[2],
    cropCols: crop[3],
    poolRows: pool[0],
    poolCols: pool[1],
    pixelBits,
    sumBits: code.bits + shift,
    shift,
    codeBits: code.bits,
    codeRange: rangeOf(code.bits),
    simd: plan.layers[0]!.simd,
  };
};

/** What one input beat carries, in words. */
export const beatText = ({ inLanes }: Design): string =>
  inLanes === 1 ? 'one raw 8-bit pixel' : `${inLanes} raw 8-bit pixels, the first in the lowest bits`;

/** How pixels become input codes, in words. */
export const inputText = ({ network, plain }: Design): string => {
  const { crop, pool, shift } = network.input;
  if (plain) return `code = pixel >> ${shift}`;
  const [top, left, height, width] = crop;
  const part = `the ${height} x ${width} pixels from row ${top}, column ${left}`;
  return `code = (sum of a ${pool[0]} x ${pool[1]} window) >> ${shift}, over ${part}`;
};

/** View of templates/verilog/folded/top.v.hbs. */
export const topView = (design: Design): View => {
  const first = design.layers[0]!;
  const last = design.layers.at(-1)!;
  return {
    top: design.top,
    network: design.network.name,
    shape: shapeName(design),
    alphabet: first.layer.weights.alphabet,
    tool: design.tool,
    inLanes: design.inLanes,
    beat: beatText(design),
    input: inputText(design),
    inBeats: design.inBeats,
    outBeats: design.classes + 1,
    classes: design.classes,
    latency: design.plan.latency,
    interval: design.plan.initiationInterval,
    pixelRange: rangeOf(design.inLanes * design.pixelBits),
    plain: design.plain,
    inputSum: inputSumView(design),
    pixelShift: design.network.input.shift,
    guardWidth: design.inLanes * (design.plain ? first.layer.input.bits : design.pixelBits),
    guardRange: rangeOf(design.inLanes * (design.plain ? first.layer.input.bits : design.pixelBits)),
    firstId: first.id,
    lastId: last.id,
    logitBits: last.plan.accumulator.bits,
    layers: design.layers.map((layer, i) => layerView(layer, design.layers[i + 1])),
  };
};
