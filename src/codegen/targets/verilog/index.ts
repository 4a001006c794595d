// The Verilog target: a static library, copied verbatim, under a thin generated top.

import { render, templateText } from '../../../util/render.ts';
import type { EmitRequest } from '../../bundle.ts';
import type { Target } from '../target.ts';
import { createDesign, type Design, topView } from './design.ts';
import { projectFiles } from './project.ts';
import { romFiles, romsOf } from './roms.ts';
import { testbench } from './testbench.ts';
import { vectorFile, vectorStreams } from './vectors.ts';

/** The library modules that a design instantiates, in compile order. */
const libraryOf = (design: Design): string[] => {
  const kinds = new Set(design.layers.map(({ layer }) => layer.requantize.kind));
  return [
    ...(design.plain ? ['bitsim_pixel_code'] : ['bitsim_input_sum']),
    'bitsim_frame_guard',
    'bitsim_replay_buffer',
    'bitsim_select_add',
    // the unit names them in a branch that a design without base 3 leaves out, but a linter wants to see them
    'bitsim_base3_decode',
    'bitsim_base3_lanes',
    'bitsim_mvu',
    'bitsim_serialize',
    ...(kinds.has('static-shift') ? ['bitsim_requantize_static'] : []),
    ...(kinds.has('thresholds') ? ['bitsim_requantize_thresholds'] : []),
    ...(kinds.has('dynamic-shift') ? ['bitsim_requantize_dynamic'] : []),
    ...(design.layers.length > 1 || !design.plain ? ['bitsim_gather'] : []),
    'bitsim_argmax',
  ];
};

const ports = (design: Design) =>
  [
    { name: 'aclk', direction: 'in', bits: 1 },
    { name: 'aresetn', direction: 'in', bits: 1 },
    { name: 's_axis_tvalid', direction: 'in', bits: 1 },
    { name: 's_axis_tready', direction: 'out', bits: 1 },
    { name: 's_axis_tlast', direction: 'in', bits: 1 },
    { name: 's_axis_tdata', direction: 'in', bits: design.inLanes * design.pixelBits },
    { name: 'm_axis_tvalid', direction: 'out', bits: 1 },
    { name: 'm_axis_tready', direction: 'in', bits: 1 },
    { name: 'm_axis_tlast', direction: 'out', bits: 1 },
    { name: 'm_axis_tdata', direction: 'out', bits: 32 },
    { name: 'frame_error', direction: 'out', bits: 1 },
  ] as const;

export const verilog: Target = {
  emit: ({ network, plan, rom, vectors, toolVersion }: EmitRequest) => {
    const design = createDesign(network, plan, toolVersion);
    const roms = romsOf(design, rom);
    const streams = vectorStreams(design, vectors);
    const library = libraryOf(design).map((name): [string, string] => [
      `rtl/${name}.v`,
      templateText(`verilog/lib/${name}.v`),
    ]);
    const romSources = roms.flatMap((item) => romFiles(item, design.tool));
    const top: [string, string] = [
      `rtl/${design.top}.v`,
      render('verilog/folded/top.v.hbs', topView(design)),
    ];
    const rtl = [...library, ...romSources, top].map(([path]) => path).filter((path) => path.endsWith('.v'));
    return {
      files: [
        ...library,
        ...romSources,
        top,
        ['tb/tb.v', testbench(design, roms, streams)],
        ...streams.map(vectorFile),
        ...projectFiles(design, roms, streams, rtl),
      ],
      top: { module: design.top, clock: 'aclk', reset: 'aresetn', ports: ports(design) },
      roms: roms.map(({ layer, data }) => ({ layer, ...data })),
      vectors: streams.map(({ data }) => data),
    };
  },
};
