// The fast simulator: the reference model's integers, many images at a time. On WebAssembly with SIMD where there is one,
// else in plain JavaScript; both exact for every network, in Node and in browsers.
import { pixelCount, windowTable } from '../../layers/input.ts';
import { type Network, outputsOf } from '../../model/network.ts';
import { emitModule } from './emit.ts';
import { MASK_END_AT } from './emit-input.ts';
import { compileFallback } from './fallback.ts';
import { type EngineLayout, LANES, layOut, ROW16, ROW32 } from './layout.ts';
import { imageOrder, nibblesOf } from './order.ts';
import { allocate, checkPixels } from './results.ts';

export interface EngineOptions {
  /** Default: whether WebAssembly SIMD is there. */
  readonly simd?: boolean | undefined;
  /** How often each input code is not zero (see activityOf); decides speed on real images, never a result. */
  readonly activity?: Float64Array | undefined;
}

/** Outputs of `count` images, one after the other. */
export interface EngineResult {
  readonly classes: Uint16Array;
  /** [count, classes] */
  readonly logits: Int32Array;
  /** Codes of each hidden layer, [count, outputs]; only when asked for. */
  readonly codes: readonly Uint8Array[];
  /** Accumulators of each dense layer, [count, outputs]; only when asked for. */
  readonly accumulators: readonly Int32Array[];
}

export type Detail = 'logits' | 'codes' | 'accumulators';

export interface Engine {
  readonly kind: 'wasm-simd' | 'javascript';
  readonly network: Network;
  /** What was decided for each layer, for people. */
  readonly explain: readonly string[];
  /** Evaluates `count` images of `pixels` (raw bytes, one image after the other). */
  run(pixels: Uint8Array, count: number, detail?: Detail): EngineResult;
}

/** What is used of the global WebAssembly, which the library types leave out without a DOM. */
interface WebAssemblyApi {
  validate(bytes: Uint8Array): boolean;
  readonly Module: new (bytes: Uint8Array) => object;
  readonly Instance: new (module: object) => { readonly exports: Readonly<Record<string, unknown>> };
}

const webAssembly = (globalThis as { WebAssembly?: WebAssemblyApi }).WebAssembly;

// (module (func (drop (i8x16.splat (i32.const 0))))): valid only with SIMD
const SIMD_PROBE = [
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11,
];

/** Whether this JavaScript engine has WebAssembly with SIMD. */
export const hasSimd = (): boolean => webAssembly?.validate(Uint8Array.from(SIMD_PROBE)) === true;

/** Copies the constants of every layer to where the layout has them. */
const writeConstants = (layout: EngineLayout, memory: ArrayBuffer): void => {
  const put = (at: number, values: Int32Array | Uint16Array): void => {
    new Uint8Array(memory).set(new Uint8Array(values.buffer, values.byteOffset, values.byteLength), at);
  };
  const first = layout.layers[0]!.how;
  if (layout.nibbles > 0 && first.method === 'tables') put(layout.nibbles, nibblesOf(first.blockOf));
  if (layout.windows > 0) put(layout.windows, windowTable(layout.network.input));
  for (const { layer, how, input, order, codes, biases, thresholds } of layout.layers) {
    if (layer.bias !== null) put(biases, layer.bias);
    if (layer.requantize.kind === 'thresholds') put(thresholds, layer.requantize.thresholds);
    if (how.method === 'tables') {
      put(
        order,
        how.order.map((offset) => input + offset),
      );
      put(codes, how.codes);
    } else put(codes, how.lists);
  }
};

/** Lanes of 16 images, [rows][16], to one image after the other, counted from image `first` on. */
const unpack = <T extends Uint8Array | Int32Array>(
  lanes: Int16Array | Int32Array,
  rows: number,
  target: T,
  images: Uint32Array,
  first: number,
): void => {
  for (let i = 0; i < images.length; i++) {
    const start = (first + images[i]!) * rows;
    for (let r = 0; r < rows; r++) target[start + r] = lanes[r * LANES + i]!;
  }
};

/** The largest logit of each image, the lowest index of equals. */
export const argmaxRows = (logits: Int32Array, classes: number): Uint16Array => {
  const result = new Uint16Array(logits.length / classes);
  for (let i = 0; i < result.length; i++) {
    let best = 0;
    for (let c = 1; c < classes; c++) if (logits[i * classes + c]! > logits[i * classes + best]!) best = c;
    result[i] = best;
  }
  return result;
};

interface Exports {
  readonly memory: { readonly buffer: ArrayBuffer };
  readonly run: () => void;
  readonly runAll: () => void;
  readonly masks: () => void;
}

const instantiate = (layout: EngineLayout): Exports => {
  const { Instance, Module } = webAssembly!;
  const { exports } = new Instance(new Module(emitModule(layout)));
  return exports as unknown as Exports;
};

/** Copies `count` images to where the module reads them, each to a multiple of the stride. */
const load = (
  { network, pixels: at, pixelStride }: EngineLayout,
  bytes: Uint8Array,
  pixels: Uint8Array,
  count: number,
): void => {
  const size = pixelCount(network.input);
  if (size === pixelStride) {
    bytes.set(pixels.subarray(0, count * size), at);
    return;
  }
  for (let i = 0; i < count; i++) bytes.set(pixels.subarray(i * size, (i + 1) * size), at + i * pixelStride);
};

/** The order in which the images that were loaded are evaluated, by what the module says of the blocks that they light. */
const orderer = (layout: EngineLayout, { memory, masks }: Exports) => {
  if (layout.nibbles === 0)
    return (count: number): Uint32Array => Uint32Array.from({ length: count }, (_, i) => i);
  const words = new Uint32Array(memory.buffer, layout.masks, layout.capacity);
  const end = new Uint32Array(memory.buffer, MASK_END_AT, 1);
  return (count: number): Uint32Array => {
    end[0] = count * layout.pixelStride;
    masks();
    return imageOrder(words.subarray(0, count));
  };
};

/** Where the results of 16 images are in memory, and a function that copies them to their images. */
const collector = ({ layers, network }: EngineLayout, { memory: { buffer } }: Exports) => {
  const accumulatorsOf = layers.map(
    ({ accumulators, layer }) => new Int32Array(buffer, accumulators, (outputsOf(layer) * ROW32) / 4),
  );
  const codesOf = layers
    .slice(1)
    .map(({ input }, i) => new Int16Array(buffer, input, (outputsOf(layers[i]!.layer) * ROW16) / 2));
  return (result: Omit<EngineResult, 'classes'>, images: Uint32Array, first: number): void => {
    unpack(accumulatorsOf.at(-1)!, network.classes.length, result.logits, images, first);
    result.codes.forEach((codes, i) => {
      unpack(codesOf[i]!, outputsOf(layers[i]!.layer), codes, images, first);
    });
    result.accumulators.forEach((accumulators, i) => {
      unpack(accumulatorsOf[i]!, outputsOf(layers[i]!.layer), accumulators, images, first);
    });
  };
};

const compileSimd = (network: Network, activity: Float64Array | undefined): Engine => {
  const layout = layOut(network, activity);
  const wasm = instantiate(layout);
  const { buffer } = wasm.memory;
  writeConstants(layout, buffer);
  const bytes = new Uint8Array(buffer);
  const pointers = new Uint32Array(buffer, layout.pointers, LANES);
  const orderOf = orderer(layout, wasm);
  const collect = collector(layout, wasm);
  const size = pixelCount(network.input);
  return {
    kind: 'wasm-simd',
    network,
    explain: layout.explain,
    run: (pixels, count, detail = 'logits') => {
      checkPixels(network, pixels, count);
      const result = allocate(network, count, detail);
      const run = detail === 'accumulators' ? wasm.runAll : wasm.run;
      for (let first = 0; first < count; first += layout.capacity) {
        const loaded = Math.min(layout.capacity, count - first);
        load(layout, bytes, pixels.subarray(first * size), loaded);
        const order = orderOf(loaded);
        for (let at = 0; at < loaded; at += LANES) {
          const images = order.subarray(at, at + LANES);
          for (let i = 0; i < images.length; i++)
            pointers[i] = layout.pixels + images[i]! * layout.pixelStride;
          run();
          collect(result, images, first);
        }
      }
      return { ...result, classes: argmaxRows(result.logits, network.classes.length) };
    },
  };
};

/** Compiles `network`. Every result is the reference model's, to the integer. */
export const compileEngine = (
  network: Network,
  { simd = hasSimd(), activity }: EngineOptions = {},
): Engine => (simd ? compileSimd(network, activity) : compileFallback(network));
