// The C target: one header and one C99 file for a microcontroller, weights as constant arrays, no library, no multiplication;
// beside them a test that holds every integer against the reference model's.
import { codeShape, isPlain, pixelCount } from '../../../layers/input.ts';
import { render, type View } from '../../../util/render.ts';
import type { Target, TargetRequest } from '../target.ts';
import { createDesign, type Design, inputText, shapeName } from '../verilog/design.ts';
import { arrayView, bytesOf, type CArray } from './arrays.ts';
import { arraysOf, type CLayer, cLayer, layerView } from './layers.ts';
import { type CVectors, cVectors } from './vectors.ts';

/** Of int32_t: what the state is aligned to. */
const ALIGNMENT = 4;

const hasDynamic = ({ design }: CLayer): boolean => design.layer.requantize.kind === 'dynamic-shift';
const hasStatic = ({ design }: CLayer): boolean => design.layer.requantize.kind === 'static-shift';

interface StateSizes {
  /** Codes that layers 0, 2, ... read, and those that layers 1, 3, ... read. */
  readonly even: number;
  readonly odd: number;
  /** Sums of the widest layer whose shift is each image's own; 0 without one. */
  readonly sums: number;
  readonly bytes: number;
}

const stateSizes = (layers: readonly CLayer[], classes: number): StateSizes => {
  const widest = (sizes: readonly number[]): number => Math.max(0, ...sizes);
  const read = (parity: number): number =>
    widest(layers.filter((_, i) => i % 2 === parity).map(({ paddedInputs }) => paddedInputs));
  const sums = widest(layers.filter(hasDynamic).map(({ design }) => design.plan.outputs));
  const [even, odd] = [read(0), read(1)];
  const codes = Math.ceil((even + odd) / ALIGNMENT);
  return { even, odd, sums, bytes: ALIGNMENT * (classes + sums + codes) };
};

/** How pixels are read: offsets of rows and windows in the image. */
const inputView = ({ network, plain }: Design, first: CLayer): View => {
  const { shape, crop, pool, shift } = network.input;
  const [rows, cols] = codeShape(network.input);
  return {
    plain: plain && isPlain(network.input),
    pixels: pixelCount(network.input),
    inputShift: shift,
    codes: rows * cols,
    padsInput: first.paddedInputs > rows * cols,
    paddedInput: first.paddedInputs,
    corner: crop[0] * shape[1] + crop[1],
    windowRows: rows,
    windowCols: cols,
    poolRows: pool[0],
    poolCols: pool[1],
    imageCols: shape[1],
    bandPixels: pool[0] * shape[1],
  };
};

const packingsOf = (layers: readonly CLayer[]): View => {
  const packings = new Set(layers.map(({ design }) => design.plan.rom.packing));
  return {
    oneBit: packings.has('1bit'),
    twoBit: packings.has('2bit'),
    base3: packings.has('base3'),
    shifts: layers.some((layer) => hasDynamic(layer) || hasStatic(layer)),
  };
};

const vectorsView = ({ pixels, codes, logits, classes }: CVectors): View => ({
  vectors: [pixels, ...codes, logits, classes].map(arrayView),
});

const viewOf = (design: Design, layers: readonly CLayer[], vectors: CVectors, images: number): View => {
  const state = stateSizes(layers, design.classes);
  const arrays = layers.flatMap(arraysOf);
  const hidden = design.layers.slice(0, -1);
  return {
    ...inputView(design, layers[0]!),
    ...packingsOf(layers),
    ...vectorsView(vectors),
    top: design.top,
    guard: `${design.top.toUpperCase()}_H`,
    macro: design.top.toUpperCase(),
    tool: design.tool,
    network: design.network.name,
    shape: shapeName(design),
    alphabet: design.layers[0]!.layer.weights.alphabet,
    input: inputText(design),
    images,
    classes: design.classes,
    dynamic: state.sums > 0,
    sums: state.sums,
    even: state.even,
    hasOdd: state.odd > 0,
    odd: state.odd,
    stateBytes: state.bytes,
    weightBytes: arrays.reduce((sum, array) => sum + bytesOf(array), 0),
    lastName: design.layers.at(-1)!.layer.name,
    layers: layers.map((layer, i) => layerView(layer, layers[i + 1], i)),
    hidden: hidden.map(({ id, layer, plan }, index) => ({
      index,
      name: layer.name,
      outputs: plan.outputs,
      array: `expected_${id}_codes`,
    })),
    arrays: arrays.map(arrayView),
  };
};

const sourceOf = (top: string): string => `src/${top}.c`;

const files = (design: Design, view: View): [string, string][] => {
  const file = (path: string, template: string): [string, string] => [path, render(`c/${template}`, view)];
  return [
    file(`src/${design.top}.h`, 'net.h.hbs'),
    file(sourceOf(design.top), 'net.c.hbs'),
    file('test/test.c', 'test.c.hbs'),
    file('test/vectors.h', 'vectors.h.hbs'),
    file('Makefile', 'Makefile.hbs'),
    file('README.md', 'README.md.hbs'),
  ];
};

const dataOf = ({ data }: CArray) => data;

export const c: Target = {
  flows: [],
  defaultFlows: [],
  goals: 'test size',
  folded: false,
  emit: ({ network, plan, vectors: golden, toolVersion }: TargetRequest) => {
    const design = createDesign(network, plan, toolVersion);
    const layers = design.layers.map((layer) => cLayer(layer, sourceOf(design.top)));
    const vectors = cVectors(design, golden);
    return {
      files: files(design, viewOf(design, layers, vectors, golden.length)),
      top: { module: design.top, clock: null, reset: null, ports: [] },
      roms: layers.flatMap((layer) =>
        arraysOf(layer).map(({ data }) => ({ layer: layer.design.layer.name, ...data })),
      ),
      vectors: [vectors.pixels, ...vectors.codes, vectors.logits, vectors.classes].map(dataOf),
      program: { language: 'c', sources: ['test/test.c'] },
    };
  },
};
