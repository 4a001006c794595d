// Thin tops, testbenches and scripts for vendors' tools around the one core.
import { render, type View } from '../../../util/render.ts';
import { templateText } from '../../../util/template-text.ts';

/** Files of one vendor: emitted path, and template. */
interface Flow {
  /** Goals of the emitted Makefile. */
  readonly goals: readonly string[];
  /** Beats are words, not structs with side channels. */
  readonly wordBeats: boolean;
  /** Rendered. */
  readonly templates: (top: string) => readonly (readonly [path: string, template: string])[];
  /** Copied verbatim, under the path that they have among the templates. */
  readonly copies: readonly string[];
}

const FLOWS: Readonly<Record<string, Flow>> = {
  vitis: {
    goals: ['vitis-csim', 'vitis-synth'],
    wordBeats: false,
    templates: () => [
      ['vitis/hls_config.cfg', 'vitis/hls_config.cfg.hbs'],
      ['vitis/run_hls.tcl', 'vitis/run_hls.tcl.hbs'],
    ],
    copies: [],
  },
  catapult: {
    goals: ['catapult-csim', 'catapult-synth'],
    wordBeats: true,
    templates: (top) => [
      [`catapult/${top}_catapult.cpp`, 'catapult/top.cpp.hbs'],
      ['catapult/tb.cpp', 'catapult/tb.cpp.hbs'],
      ['catapult/go_hls.tcl', 'catapult/go_hls.tcl.hbs'],
    ],
    copies: [
      'catapult/include/ap_int.h',
      'catapult/include/hls_stream.h',
      'catapult/shim/ac_int.h',
      'catapult/shim/ac_channel.h',
      'catapult/shim/mc_scverify.h',
    ],
  },
  bambu: {
    goals: ['bambu-csim', 'bambu-synth'],
    wordBeats: true,
    templates: (top) => [
      [`bambu/${top}_bambu.cpp`, 'bambu/top.cpp.hbs'],
      ['bambu/tb.cpp', 'bambu/tb.cpp.hbs'],
      ['bambu/bambu.sh', 'bambu/bambu.sh.hbs'],
    ],
    copies: [],
  },
};

/** Names of the flows, for `emit --flow`. */
export const HLS_FLOWS = Object.keys(FLOWS);

/** Whether some flow wants a beat to be one word. */
export const hasWordBeats = (flows: readonly string[]): boolean =>
  flows.some((flow) => FLOWS[flow]!.wordBeats);

/** Which flows there are, for the templates. */
export const flowsView = (flows: readonly string[]): View => ({
  ...Object.fromEntries(HLS_FLOWS.map((flow) => [flow, flows.includes(flow)])),
  wordBeats: hasWordBeats(flows),
  goals: flows.flatMap((flow) => FLOWS[flow]!.goals),
});

/** Path and text of every file of the flows. */
export const flowFiles = (flows: readonly string[], top: string, view: View): [string, string][] =>
  flows.flatMap((flow) => {
    const { templates, copies } = FLOWS[flow]!;
    return [
      ...templates(top).map(([path, template]): [string, string] => [path, render(`hls/${template}`, view)]),
      ...copies.map((path): [string, string] => [path, templateText(`hls/${path}`)]),
    ];
  });
