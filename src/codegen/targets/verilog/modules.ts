// The modules of a design but for its ROMs: those of the library, verbatim, and the generated top. Runs in a browser.
import { render } from '../../../util/render.ts';
import { templateText } from '../../../util/template-text.ts';
import { type Design, topView } from './design.ts';

/** Path in the emitted folder, and text. */
export type ModuleFile = [path: string, text: string];

/** The library modules that a design instantiates, in compile order. */
const libraryOf = (design: Design): string[] => {
  const kinds = new Set(design.layers.map(({ layer }) => layer.requantize.kind));
  const readsAll = design.layers.some(({ plan }) => plan.sparse === undefined);
  const skipsZeros = design.layers.some(({ plan }) => plan.sparse !== undefined);
  return [
    ...(design.plain ? ['bitsim_pixel_code'] : ['bitsim_input_sum']),
    'bitsim_frame_guard',
    ...(readsAll ? ['bitsim_replay_buffer'] : []),
    'bitsim_select_add',
    // the unit names them in a branch that a design without base 3 leaves out, but a linter wants to see them
    ...(readsAll ? ['bitsim_base3_decode', 'bitsim_base3_lanes'] : []),
    'bitsim_accumulate',
    ...(readsAll ? ['bitsim_mvu'] : []),
    ...(skipsZeros ? ['bitsim_frame_buffer', 'bitsim_sparse_reader', 'bitsim_mvu_sparse'] : []),
    'bitsim_serialize',
    ...(kinds.has('static-shift') ? ['bitsim_requantize_static'] : []),
    ...(kinds.has('thresholds') ? ['bitsim_requantize_thresholds'] : []),
    ...(kinds.has('dynamic-shift') ? ['bitsim_requantize_dynamic'] : []),
    ...(design.layers.length > 1 || !design.plain ? ['bitsim_gather'] : []),
    'bitsim_argmax',
  ];
};

/** The library's part. */
export const libraryModules = (design: Design): ModuleFile[] =>
  libraryOf(design).map((name) => [`rtl/${name}.v`, templateText(`verilog/lib/${name}.v`)]);

/** The generated top. */
export const topModule = (design: Design): ModuleFile => [
  `rtl/${design.top}.v`,
  render('verilog/folded/top.v.hbs', topView(design)),
];
