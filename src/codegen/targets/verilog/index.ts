// The Verilog target: a static library, copied verbatim, under a thin generated top.
import type { Target, TargetRequest } from '../target.ts';
import { createDesign, type Design } from './design.ts';
import { flowFiles, VERILOG_FLOWS } from './flows.ts';
import { libraryModules, topModule } from './modules.ts';
import { projectFiles } from './project.ts';
import { romFiles, romsOf } from './roms.ts';
import { testbench } from './testbench.ts';
import { vectorFile, vectorStreams } from './vectors.ts';

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
  flows: VERILOG_FLOWS,
  defaultFlows: [],
  goals: 'lint sim synth',
  folded: true,
  emit: ({ network, plan, rom, flows, vectors, toolVersion }: TargetRequest) => {
    const design = createDesign(network, plan, toolVersion);
    const roms = romsOf(design, rom);
    const streams = vectorStreams(design, vectors);
    const library = libraryModules(design);
    const romSources = roms.flatMap((item) => romFiles(item, design.tool));
    const top = topModule(design);
    const modules = [...library, ...romSources, top].filter(([path]) => path.endsWith('.v'));
    const rtl = modules.map(([path]) => path);
    return {
      files: [
        ...library,
        ...romSources,
        top,
        ['tb/tb.v', testbench(design, roms, streams)],
        ...streams.map(vectorFile),
        ...projectFiles(design, roms, streams, rtl, flows),
        ...flowFiles(flows, rom, design, modules, vectors),
      ],
      top: { module: design.top, clock: 'aclk', reset: 'aresetn', ports: ports(design) },
      roms: roms.map(({ layer, data }) => ({ layer, ...data })),
      vectors: streams.map(({ data }) => data),
      program: null,
    };
  },
};
