// Projects for ASIC tools around the RTL: LibreLane, OpenROAD-flow-scripts, a Tiny Tapeout tile. None of these tools is run by
// bitsim; the tile's wrapper is linted and simulated.
import type { GoldenVector } from '../../../model/vectors.ts';
import { UserError } from '../../../util/errors.ts';
import { render, type View } from '../../../util/render.ts';
import type { RomStyle } from '../../bundle.ts';
import { hexText } from '../../data-file.ts';
import { addressBits, rangeOf } from '../../names.ts';
import { type Design, inputText, shapeName } from './design.ts';

/** Clock period of the ASIC projects, ns (25 MHz); the user's to change. */
const PERIOD = 40;
/** The largest tile of the shuttles; synthesis tells which is needed. */
const TILES = '8x2';
/** Classes that seven pins can name. */
const MOST_CLASSES = 128;
/** Cycles after which the testbench gives up, beyond what an image takes. */
const SLACK = 1000;

/** A flow's files: their paths and texts. `rtl`: the sources with their texts, in compile order. */
type Flow = (
  design: Design,
  rtl: readonly (readonly [string, string])[],
  vectors: readonly GoldenVector[],
) => [path: string, text: string][];

const sourcesView = (design: Design, rtl: readonly (readonly [string, string])[]): View => ({
  top: design.top,
  tool: design.tool,
  asicPeriod: PERIOD,
  sources: rtl.map(([path], i) => ({ path, comma: i === rtl.length - 1 ? '' : ',' })),
});

const constraint = (view: View): [string, string] => [
  'asic/constraint.sdc',
  render('verilog/asic/constraint.sdc.hbs', view),
];

const librelane: Flow = (design, rtl) => {
  const view = sourcesView(design, rtl);
  return [['asic/librelane/config.json', render('verilog/asic/librelane.json.hbs', view)], constraint(view)];
};

const openroad: Flow = (design, rtl) => {
  const view = sourcesView(design, rtl);
  return [['asic/openroad/config.mk', render('verilog/asic/config.mk.hbs', view)], constraint(view)];
};

const baseName = (path: string): string => path.slice(path.lastIndexOf('/') + 1);

/** Registers that count to `count`, and the literals that they are compared with. */
const counterView = (name: string, count: number): View => {
  const bits = addressBits(count);
  const last = `last${name[0]!.toUpperCase()}${name.slice(1)}`;
  return {
    [`${name}Range`]: rangeOf(bits),
    [`${name}Zero`]: `${bits}'d0`,
    [`${name}One`]: `${bits}'d1`,
    [last]: `${bits}'d${count - 1}`,
  };
};

const tileView = (design: Design, rtl: readonly (readonly [string, string])[], images: number): View => {
  const { inLanes, inBeats, pixelBits, plan } = design;
  const pixels = inLanes * inBeats;
  return {
    ...sourcesView(design, rtl),
    ...counterView('lane', inLanes),
    ...counterView('beat', inBeats),
    network: design.network.name,
    shape: shapeName(design),
    alphabet: design.layers[0]!.layer.weights.alphabet,
    input: inputText(design),
    images,
    pixels,
    inLanes,
    oneLane: inLanes === 1,
    pixelRange: rangeOf(inLanes * pixelBits),
    pixelShift: `[${inLanes * pixelBits - 1}:${pixelBits}]`,
    clockHz: 1e9 / PERIOD,
    tiles: TILES,
    ttSources: [`tt_um_${design.top}.v`, ...rtl.map(([path]) => baseName(path))],
    lastPixel: images * pixels - 1,
    lastImage: images - 1,
    halfPixels: Math.ceil(pixels / 2),
    timeout: plan.latency + SLACK,
  };
};

const checkClasses = ({ classes }: Design): void => {
  if (classes <= MOST_CLASSES) return;
  throw new UserError({
    subject: '--flow tinytapeout',
    rule: `have at most ${MOST_CLASSES} classes, for seven pins`,
    value: classes,
    code: 'BITSIM_EMIT_FLOW_CLASSES',
  });
};

const tinytapeout: Flow = (design, rtl, vectors) => {
  checkClasses(design);
  const view = tileView(design, rtl, vectors.length);
  const file = (path: string, template: string): [string, string] => [
    `asic/tinytapeout/${path}`,
    render(`verilog/asic/${template}`, view),
  ];
  const data = (name: string, values: readonly number[]): [string, string] => [
    `asic/tinytapeout/test/${name}.hex`,
    hexText(values.map(BigInt), 8),
  ];
  return [
    file('info.yaml', 'info.yaml.hbs'),
    file('docs/info.md', 'info.md.hbs'),
    file('src/config.json', 'tt-config.json.hbs'),
    file(`src/tt_um_${design.top}.v`, 'tt_um.v.hbs'),
    ...rtl.map(([path, text]): [string, string] => [`asic/tinytapeout/src/${baseName(path)}`, text]),
    file('test/tb.v', 'tb.v.hbs'),
    file('test/Makefile', 'Makefile.hbs'),
    data(
      'pixels',
      vectors.flatMap(({ pixels }) => Array.from(pixels)),
    ),
    data(
      'classes',
      vectors.map(({ trace }) => trace.class),
    ),
  ];
};

const FLOWS: Readonly<Record<string, Flow>> = { librelane, openroad, tinytapeout };

/** Names of the flows, for `emit --flow`. */
export const VERILOG_FLOWS = Object.keys(FLOWS);

const checkRom = (flows: readonly string[], rom: RomStyle): void => {
  if (flows.length === 0 || rom === 'case') return;
  throw new UserError({
    subject: `--flow ${flows.join(',')}`,
    rule: 'come with --rom case: an ASIC has no memory that is loaded from a file',
    value: `--rom ${rom}`,
    code: 'BITSIM_EMIT_FLOW_ROM',
  });
};

/** Path and text of every file of the flows. Throws UserError where the design does not suit one. */
export const flowFiles = (
  flows: readonly string[],
  rom: RomStyle,
  ...rest: Parameters<Flow>
): [string, string][] => {
  checkRom(flows, rom);
  const files = flows.flatMap((flow) => FLOWS[flow]!(...rest));
  return [...new Map(files)];
};
