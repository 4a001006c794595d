// Input of the engine: raw pixels of 16 images to rows of codes with an image in each lane.
import { codeCount, isPlain, windowSize } from '../../layers/input.ts';
import { FunctionCode, I32, V128 } from './assembler.ts';
import { type EngineLayout, LANES, ROW16 } from './layout.ts';

/** Interleaves the low, or high, eight bytes of two vectors. */
const interleave = (high: boolean): number[] =>
  Array.from({ length: 16 }, (_, i) => (high ? 8 : 0) + (i >> 1) + (i % 2) * 16);

/** Plain input: 16 x 16 bytes at a time are turned round, shifted, and widened to rows of 16 lanes. */
const emitTranspose = ({ network, pixels, pixelStride, layers }: EngineLayout): FunctionCode => {
  const code = new FunctionCode();
  const at = code.local(I32);
  const to = code.local(I32);
  let rows = Array.from({ length: LANES }, () => code.local(V128));
  let spare = Array.from({ length: LANES }, () => code.local(V128));
  const { shift } = network.input;
  code.const(layers[0]!.input).set(to);
  code.count(at, 0, pixelStride, 16, () => {
    rows.forEach((row, image) => {
      code
        .get(at)
        .memory('v128Load', pixels + image * pixelStride)
        .set(row);
    });
    for (let round = 0; round < 4; round++) {
      for (let i = 0; i < 8; i++) {
        for (const high of [false, true]) {
          code
            .get(rows[i]!)
            .get(rows[i + 8]!)
            .shuffle(interleave(high))
            .set(spare[2 * i + Number(high)]!);
        }
      }
      [rows, spare] = [spare, rows];
    }
    rows.forEach((row, i) => {
      if (shift > 0) code.get(row).const(shift).simd('i8x16ShrU').set(row);
      code
        .get(to)
        .get(row)
        .simd('i16x8ExtendLowU8')
        .memory('v128Store', i * ROW16);
      code
        .get(to)
        .get(row)
        .simd('i16x8ExtendHighU8')
        .memory('v128Store', i * ROW16 + 16);
    });
    code.advance(to, 16 * ROW16);
  });
  return code;
};

/** Cropped or summed input: every window of every image, by the table of its pixels. */
const emitWindows = ({ network, pixels, pixelStride, layers, windows }: EngineLayout): FunctionCode => {
  const code = new FunctionCode();
  const [window, image, to, sum] = [code.local(I32), code.local(I32), code.local(I32), code.local(I32)];
  const size = windowSize(network.input);
  code.const(layers[0]!.input).set(to);
  code.count(window, 0, codeCount(network.input) * size * 4, size * 4, () => {
    code.count(image, 0, LANES * pixelStride, pixelStride, () => {
      code.const(0).set(sum);
      for (let i = 0; i < size; i++) {
        code
          .get(window)
          .memory('i32Load', windows + i * 4)
          .get(image)
          .i32('add');
        code.memory('i32Load8U', pixels).get(sum).i32('add').set(sum);
      }
      code.get(to).get(sum).const(network.input.shift).i32('shrU').memory('i32Store16', 0);
      code.advance(to, 2);
    });
  });
  return code;
};

/** The function that turns the 16 images at `layout.pixels` into the first layer's input rows. */
export const emitInput = (layout: EngineLayout): FunctionCode =>
  isPlain(layout.network.input) ? emitTranspose(layout) : emitWindows(layout);
