// The HLS target: a static C++ library under a thin generated top, weights as constant arrays, and a shim of the vendor's
// types, so that the folder compiles and runs with any C++14 compiler.

import type { HardwarePlan } from '../../../model/plan.ts';
import { formatName } from '../../../num/format.ts';
import { codeBits } from '../../../num/trit.ts';
import { UserError } from '../../../util/errors.ts';
import { render, type View } from '../../../util/render.ts';
import { templateText } from '../../../util/template-text.ts';
import { chunksOf } from '../../data-file.ts';
import type { Target, TargetRequest } from '../target.ts';
import {
  createDesign,
  type Design,
  inputText,
  type LayerDesign,
  shapeName,
  topView,
} from '../verilog/design.ts';
import { afterText } from '../verilog/project.ts';
import type { VectorStream } from '../verilog/vectors.ts';
import { flowFiles, flowsView, HLS_FLOWS, hasWordBeats } from './flows.ts';
import { type HlsRom, hlsRom, romHeader, startsOf } from './roms.ts';
import { hlsStreams, vectorText } from './vectors.ts';

/** Pixels of one beat: types hold at most 64 bits. */
const MOST_LANES = 8;
/** Where a beat is one word, `last` needs room above them. */
const MOST_LANES_OF_A_WORD = 4;

const SHIM = ['ap_int.h', 'hls_stream.h', 'ap_axi_sdata.h'];

/** The widest beat whose pixels divide the first layer's SIMD; one pixel where windows are summed. */
const inLanesOf = ({ plain, plan }: Design, flows: readonly string[]): number => {
  if (!plain) return 1;
  const { simd } = plan.layers[0]!;
  const most = hasWordBeats(flows) ? MOST_LANES_OF_A_WORD : MOST_LANES;
  return Array.from({ length: most }, (_, i) => most - i).find((lanes) => simd % lanes === 0)!;
};

const beatText = (lanes: number): string =>
  lanes === 1 ? 'one raw 8-bit pixel' : `${lanes} raw 8-bit pixels, the first in the lowest bits`;

const layerView = (design: LayerDesign, rom: HlsRom, next: LayerDesign | undefined, index: number): View => {
  const { id, layer, plan } = design;
  const { requantize } = layer;
  return {
    index,
    id,
    name: layer.name,
    inputs: plan.inputs,
    outputs: plan.outputs,
    pe: plan.pe,
    simd: plan.simd,
    cycles: plan.cycles,
    inBits: layer.input.bits,
    codeBits: codeBits(layer.weights.alphabet),
    accBits: plan.accumulator.bits,
    accumulator: formatName(plan.accumulator),
    after: afterText(design),
    base3: plan.rom.packing === 'base3',
    chunkLanes: rom.chunkLanes,
    biasFlag: startsOf(design).length > 1 ? 1 : 0,
    depth: plan.synapseFold + 2,
    static: requantize.kind === 'static-shift',
    shift: requantize.kind === 'static-shift' ? requantize.shift : 0,
    dynamic: requantize.kind === 'dynamic-shift',
    thresholds: requantize.kind === 'thresholds',
    nextId: next?.id ?? '',
  };
};

const streamView = ({ id, words, width, data }: VectorStream, hidden: readonly LayerDesign[]): View => ({
  file: data.file,
  words: words.length,
  chunks: chunksOf(width),
  checksum: data.checksum,
  target: id === 'pixels' || id === 'outputs' ? id : `codes[${hidden.findIndex((layer) => layer.id === id)}]`,
});

const viewOf = (
  design: Design,
  roms: readonly HlsRom[],
  streams: readonly VectorStream[],
  inLanes: number,
): View => {
  const pixels = design.network.input.shape[0] * design.network.input.shape[1];
  const hidden = design.layers.slice(0, -1);
  const { inputSum, plain, pixelShift, firstId, lastId, alphabet } = topView(design) as Record<string, never>;
  return {
    inputSum,
    plain,
    pixelShift,
    firstId,
    lastId,
    alphabet,
    top: design.top,
    tool: design.tool,
    network: design.network.name,
    shape: shapeName(design),
    input: inputText(design),
    beat: beatText(inLanes),
    images: streams.at(-1)!.words.length / (design.classes + 1),
    pixels,
    inLanes,
    inBits: inLanes * design.pixelBits,
    inBeats: pixels / inLanes,
    outBeats: design.classes + 1,
    classes: design.classes,
    hidden: hidden.length,
    layerNames: design.layers.map(({ layer }) => `"${layer.name}"`).join(', '),
    layerSizes: design.layers.map(({ plan }) => plan.outputs).join(', '),
    layers: design.layers.map((layer, i) => layerView(layer, roms[i]!, design.layers[i + 1], i)),
    streams: streams.map((item) => streamView(item, hidden)),
    roms: roms.map(({ id, data }) => ({ id, file: data.file, checksum: data.checksum })),
  };
};

const ports = (inBits: number) =>
  [
    { name: 's_axis_tdata', direction: 'in', bits: inBits },
    { name: 's_axis_tlast', direction: 'in', bits: 1 },
    { name: 'm_axis_tdata', direction: 'out', bits: 32 },
    { name: 'm_axis_tlast', direction: 'out', bits: 1 },
    { name: 'm_axis_tuser', direction: 'out', bits: 1 },
  ] as const;

const coreFiles = (
  design: Design,
  roms: readonly HlsRom[],
  streams: readonly VectorStream[],
  view: View,
): [string, string][] => {
  const file = (path: string, template: string): [string, string] => [path, render(`hls/${template}`, view)];
  return [
    ...SHIM.map((name): [string, string] => [`shim/${name}`, templateText(`hls/shim/${name}`)]),
    ['include/bitsim_hls.hpp', templateText('hls/lib/bitsim_hls.hpp')],
    file(`src/${design.top}.hpp`, 'core/top.hpp.hbs'),
    file(`src/${design.top}.cpp`, 'core/top.cpp.hbs'),
    ...roms.map((rom) => romHeader(rom, design.tool)),
    file('tb/tb.cpp', 'tb/tb.cpp.hbs'),
    ...streams.map(vectorText),
    file('Makefile', 'project/Makefile.hbs'),
    file('README.md', 'project/README.md.hbs'),
  ];
};

/** Throws UserError for a plan that this target has no hardware for. */
export const checkHlsPlan = ({ layers }: HardwarePlan): void => {
  const sparse = layers.find((layer) => layer.sparse !== undefined);
  if (sparse === undefined) return;
  throw new UserError({
    subject: `layer ${sparse.layer}`,
    rule: 'read every word in the HLS target, which has no compressed rows',
    value: 'skipping zeros',
    hint: 'leave --skip-zeros out (in a folding file: skipZeros), or emit --target verilog',
    code: 'BITSIM_HLS_SKIP_ZEROS',
  });
};

export const hls: Target = {
  flows: HLS_FLOWS,
  defaultFlows: ['vitis'],
  goals: 'csim sanitize',
  folded: true,
  emit: ({ network, plan, flows, vectors, toolVersion }: TargetRequest) => {
    checkHlsPlan(plan);
    const design = createDesign(network, plan, toolVersion);
    const roms = design.layers.map(hlsRom);
    const inLanes = inLanesOf(design, flows);
    const streams = hlsStreams(design, inLanes, vectors);
    const view = { ...viewOf(design, roms, streams, inLanes), ...flowsView(flows) };
    return {
      files: [...coreFiles(design, roms, streams, view), ...flowFiles(flows, design.top, view)],
      top: {
        module: design.top,
        clock: 'ap_clk',
        reset: 'ap_rst_n',
        ports: ports(inLanes * design.pixelBits),
      },
      roms: roms.map(({ layer, data }) => ({ layer, ...data })),
      vectors: streams.map(({ data }) => data),
      program: { language: 'c++', sources: [`src/${design.top}.cpp`, 'tb/tb.cpp'] },
    };
  },
};
