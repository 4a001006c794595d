// Input of the engine: raw pixels of 16 images to rows of codes with an image in each lane.
import { codeCount, isPlain, windowSize } from '../../layers/input.ts';
import { FunctionCode, I32, V128 } from './assembler.ts';
import { type EngineLayout, LANES, NIBBLE_TABLE, ROW16 } from './layout.ts';

/** Interleaves the low, or high, eight bytes of two vectors. */
const interleave = (high: boolean): number[] =>
  Array.from({ length: 16 }, (_, i) => (high ? 8 : 0) + (i >> 1) + (i % 2) * 16);

/** Plain input: 16 x 16 bytes at a time are turned round, shifted, and widened to rows of 16 lanes. */
const emitTranspose = ({ network, pointers, pixelStride, layers }: EngineLayout): FunctionCode => {
  const code = new FunctionCode();
  const images = Array.from({ length: LANES }, () => code.local(I32));
  const at = code.local(I32);
  const to = code.local(I32);
  let rows = Array.from({ length: LANES }, () => code.local(V128));
  let spare = Array.from({ length: LANES }, () => code.local(V128));
  const { shift } = network.input;
  code.const(layers[0]!.input).set(to);
  images.forEach((image, lane) => {
    code
      .const(0)
      .memory('i32Load', pointers + lane * 4)
      .set(image);
  });
  code.count(at, 0, pixelStride, 16, () => {
    rows.forEach((row, lane) => {
      code.get(images[lane]!).get(at).i32('add').memory('v128Load', 0).set(row);
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
const emitWindows = ({ network, pointers, layers, windows }: EngineLayout): FunctionCode => {
  const code = new FunctionCode();
  const [window, lane, to, sum] = [code.local(I32), code.local(I32), code.local(I32), code.local(I32)];
  const image = code.local(I32);
  const size = windowSize(network.input);
  code.const(layers[0]!.input).set(to);
  code.count(window, 0, codeCount(network.input) * size * 4, size * 4, () => {
    code.count(lane, 0, LANES * 4, 4, () => {
      code.get(lane).memory('i32Load', pointers).set(image);
      code.const(0).set(sum);
      for (let i = 0; i < size; i++) {
        code
          .get(window)
          .memory('i32Load', windows + i * 4)
          .get(image)
          .i32('add');
        code.memory('i32Load8U', 0).get(sum).i32('add').set(sum);
      }
      code.get(to).get(sum).const(network.input.shift).i32('shrU').memory('i32Store16', 0);
      code.advance(to, 2);
    });
  });
  return code;
};

/** The function that turns the 16 images that `layout.pointers` name into the first layer's input rows. */
export const emitInput = (layout: EngineLayout): FunctionCode =>
  isPlain(layout.network.input) ? emitTranspose(layout) : emitWindows(layout);

/** Where `masks` finds how many bytes of images it is to go through. */
export const MASK_END_AT = 12;

/** Bytes of the table of one vector of 16 pixels: for each four of them, the blocks of their 16 subsets. */
const VECTOR_TABLE = 4 * NIBBLE_TABLE;

/**
 * The function that marks, for each of the images at `layout.pixels`, the blocks that its lit pixels are in, as a word of bits.
 * `layout.nibbles` has the blocks of every set of lit pixels among four neighbours.
 */
export const emitMasks = ({ network, pixels, pixelStride, nibbles, masks }: EngineLayout): FunctionCode => {
  const code = new FunctionCode();
  if (nibbles === 0) return code;
  const [image, end, at, table] = [code.local(I32), code.local(I32), code.local(I32), code.local(I32)];
  const [to, lit, found] = [code.local(I32), code.local(I32), code.local(I32)];
  const kept = code.local(V128);
  // a pixel's low bits are shifted out of its code
  code
    .const((0xff << network.input.shift) & 0xff)
    .simd('i8x16Splat')
    .set(kept);
  code.const(0).memory('i32Load', MASK_END_AT).set(end);
  code.loop(() => {
    code.const(0).set(found).const(0).set(table);
    code.count(at, 0, pixelStride, 16, () => {
      code.get(image).get(at).i32('add').memory('v128Load', pixels).get(kept).simd('and');
      code.zero().simd('i8x16Ne').simd('i8x16Bitmask').set(lit);
      for (let nibble = 0; nibble < 4; nibble++) {
        // a nibble times 4, the bytes of a word
        code.get(lit).const(Math.abs(4 * nibble - 2));
        code
          .i32(nibble === 0 ? 'shl' : 'shrU')
          .const(0b111100)
          .i32('and')
          .get(table)
          .i32('add');
        code
          .memory('i32Load', nibbles + nibble * NIBBLE_TABLE)
          .get(found)
          .i32('or')
          .set(found);
      }
      code.advance(table, VECTOR_TABLE);
    });
    code.get(to).get(found).memory('i32Store', masks).advance(to, 4);
    code.get(image).const(pixelStride).i32('add').tee(image).get(end).i32('ltU').brIf(0);
  });
  return code;
};
