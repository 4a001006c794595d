// The files around the RTL: Makefile, file list, FuseSoC core, constraints, synthesis scripts, README.
import { formatName } from '../../../num/format.ts';
import { render, type View } from '../../../util/render.ts';
import { beatText, type Design, inputText, type LayerDesign, shapeName } from './design.ts';
import type { Rom } from './roms.ts';
import type { VectorStream } from './vectors.ts';

/** Clock period in the constraint files, ns (100 MHz); the user's to change. */
const PERIOD = '10.0';

/** Synthesis families, each with DSP inference switched on so that "no DSP" is a finding, not a setting. */
const FAMILIES = [
  { family: 'ice40', flow: 'synth_ice40 -dsp', dsp: 't:SB_MAC16' },
  { family: 'xilinx', flow: 'synth_xilinx -family xc7 -flatten', dsp: 't:DSP48E1 t:DSP48E2' },
  { family: 'ecp5', flow: 'synth_ecp5', dsp: 't:MULT18X18D t:ALU54B' },
] as const;

export const afterText = ({ layer }: LayerDesign): string => {
  const spec = layer.requantize;
  if (spec.kind === 'none') return 'logits';
  if (spec.kind === 'thresholds') return `thresholds, ${formatName(spec.output)}`;
  const shift = spec.kind === 'static-shift' ? `shift ${spec.shift}` : 'shift of each image';
  return `${shift}, ${formatName(spec.output)}`;
};

const packingText = ({ rom, sparse }: LayerDesign['plan']): string => {
  if (sparse !== undefined) return ', compressed rows';
  return rom.packing === 'base3' ? ', base 3' : '';
};

const layerRow = (design: LayerDesign): View => ({
  name: design.layer.name,
  inputs: design.plan.inputs,
  outputs: design.plan.outputs,
  pe: design.plan.pe,
  simd: design.plan.simd,
  cycles: design.plan.cycles,
  romWords: design.plan.rom.words,
  romWidth: design.plan.rom.width,
  packing: packingText(design.plan),
  accumulator: formatName(design.plan.accumulator),
  after: afterText(design),
});

const projectView = (
  design: Design,
  roms: readonly Rom[],
  streams: readonly VectorStream[],
  rtl: string[],
  flows: readonly string[],
): View => {
  const data = roms.filter((rom) => rom.style === 'readmemh').map((rom) => ({ file: rom.data.file }));
  return {
    top: design.top,
    tool: design.tool,
    shape: shapeName(design),
    alphabet: design.layers[0]!.layer.weights.alphabet,
    images: streams[0]!.words.length / design.inBeats,
    period: PERIOD,
    inBeats: design.inBeats,
    beat: beatText(design),
    input: inputText(design),
    outBeats: design.classes + 1,
    classes: design.classes,
    latency: design.plan.latency,
    interval: design.plan.initiationInterval,
    base3: design.layers.some(({ plan }) => plan.rom.packing === 'base3'),
    sparse: design.layers.some(({ plan }) => plan.sparse !== undefined),
    readmemh: data.length > 0,
    hasData: data.length > 0,
    data,
    rtl,
    vectors: streams.map((stream) => ({ file: stream.data.file })),
    layers: design.layers.map(layerRow),
    asic: flows.length > 0,
    librelane: flows.includes('librelane'),
    openroad: flows.includes('openroad'),
    tinytapeout: flows.includes('tinytapeout'),
  };
};

const synthFiles = (design: Design, rtl: readonly string[]): [string, string][] =>
  FAMILIES.map(({ family, flow, dsp }) => {
    const view = {
      top: design.top,
      tool: design.tool,
      family,
      command: `${flow} -top ${design.top}`,
      dsp,
      sources: rtl,
    };
    return [`synth/${family}.ys`, render('verilog/project/synth.ys.hbs', view)];
  });

/** Path and text of every file around the RTL. `rtl` lists the RTL files in compile order, `flows` what is in `asic/`. */
export const projectFiles = (
  design: Design,
  roms: readonly Rom[],
  streams: readonly VectorStream[],
  rtl: string[],
  flows: readonly string[],
): [string, string][] => {
  const view = projectView(design, roms, streams, rtl, flows);
  const file = (path: string, template: string): [string, string] => [
    path,
    render(`verilog/project/${template}`, view),
  ];
  return [
    ['files.f', `${rtl.join('\n')}\n`],
    file('Makefile', 'Makefile.hbs'),
    file('README.md', 'README.md.hbs'),
    file(`${design.top}.core`, 'design.core.hbs'),
    file(`constraints/${design.top}.sdc`, 'design.sdc.hbs'),
    file(`constraints/${design.top}.xdc`, 'design.xdc.hbs'),
    ...synthFiles(design, rtl),
  ];
};
