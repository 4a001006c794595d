// Requantizers of the engine: accumulators of 16 images to the next layer's input rows. What each computes is said in
// docs/ir.md.
import { outputsOf, type RequantSpec } from '../../model/network.ts';
import { maxOf } from '../../num/format.ts';
import { roundingConstant } from '../../num/rounding.ts';
import { FunctionCode, I32, V128 } from './assembler.ts';
import { LANES, type LayerLayout, ROW16, ROW32 } from './layout.ts';

const HALVES = [0, 16] as const;

interface Requantizer {
  readonly code: FunctionCode;
  readonly rows: number;
  readonly accumulators: number;
  readonly output: number;
}

/** Narrows four vectors of i32 codes, made by `emit` for each offset, and stores them as a row of 16 lanes. */
const emitVectors = (
  { code, rows, accumulators, output }: Requantizer,
  emit: (at: number, offset: number) => void,
): void => {
  const [at, to] = [code.local(I32), code.local(I32)];
  code.const(output).set(to);
  code.count(at, accumulators, accumulators + rows * ROW32, ROW32, () => {
    HALVES.forEach((half) => {
      code.get(to);
      emit(at, half * 2);
      emit(at, half * 2 + 16);
      code.simd('i16x8NarrowS32').memory('v128Store', half);
    });
    code.advance(to, ROW16);
  });
};

const emitStatic = (target: Requantizer, shift: number, largest: number): void => {
  const { code } = target;
  const [half, top, none] = [code.local(V128), code.local(V128), code.local(V128)];
  code.const(roundingConstant(shift)).simd('i32x4Splat').set(half);
  code.const(largest).simd('i32x4Splat').set(top);
  emitVectors(target, (at, offset) => {
    code.get(at).memory('v128Load', offset).get(none).simd('i32x4MaxS').get(half).simd('i32x4Add');
    code.const(shift).simd('i32x4ShrS').get(top).simd('i32x4MinS');
  });
};

/** The shift differs from lane to lane: one lane after the other. */
const emitDynamic = ({ code, rows, accumulators, output }: Requantizer, bits: number): void => {
  const [lane, at, most, shift, half, value] = Array.from({ length: 6 }, () => code.local(I32)) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  const to = code.local(I32);
  const each = (body: () => void): unknown =>
    code.count(at, 0, rows * ROW32, ROW32, () => {
      code.get(at).get(lane).i32('add').memory('i32Load', accumulators).set(value);
      body();
    });
  code.count(lane, 0, LANES * 4, 4, () => {
    code.const(0).set(most);
    each(() => {
      code
        .get(value)
        .get(most)
        .i32('gtS')
        .if(() => {
          code.get(value).set(most);
        });
    });
    // shift = max(0, length(most) - bits), half = shift = 0 ? 0 : 2^(shift - 1)
    code
      .const(32 - bits)
      .get(most)
      .i32('clz')
      .i32('sub')
      .set(shift);
    code
      .get(shift)
      .const(0)
      .i32('gtS')
      .i32('eqz')
      .if(() => {
        code.const(0).set(shift);
      });
    code.const(1).get(shift).i32('shl').const(1).i32('shrU').set(half);
    code.const(output).get(lane).const(1).i32('shrU').i32('add').set(to);
    each(() => {
      code
        .get(value)
        .const(0)
        .i32('gtS')
        .i32('eqz')
        .if(() => {
          code.const(0).set(value);
        });
      code.get(value).get(half).i32('add').get(shift).i32('shrS').set(value);
      code
        .get(value)
        .const(2 ** bits - 1)
        .i32('gtS')
        .if(() => {
          code.const(2 ** bits - 1).set(value);
        });
      code.get(to).get(value).memory('i32Store16', 0);
      code.advance(to, ROW16);
    });
  });
};

const emitThresholds = (target: Requantizer, thresholds: number, levels: number): void => {
  const { code } = target;
  const from = code.local(I32);
  const [accumulator, reached] = [code.local(V128), code.local(V128)];
  code.const(thresholds - levels * 4).set(from);
  emitVectors(target, (at, offset) => {
    // the row's thresholds move on with the row: once for the first of its four vectors
    if (offset === 0) code.advance(from, levels * 4);
    code.get(at).memory('v128Load', offset).set(accumulator);
    code.zero().set(reached);
    for (let i = 0; i < levels; i++) {
      // a comparison that holds is -1
      code
        .get(reached)
        .get(accumulator)
        .get(from)
        .memory('v128Load32Splat', i * 4);
      code.simd('i32x4GeS').simd('i32x4Sub').set(reached);
    }
    code.get(reached);
  });
};

/** The function that requantizes a layer into `output`, the next layer's input. */
export const emitRequantize = (layout: LayerLayout, spec: RequantSpec, output: number): FunctionCode => {
  const code = new FunctionCode();
  const target = { code, rows: outputsOf(layout.layer), accumulators: layout.accumulators, output };
  if (spec.kind === 'static-shift') emitStatic(target, spec.shift, maxOf(spec.output));
  else if (spec.kind === 'dynamic-shift') emitDynamic(target, spec.output.bits);
  else if (spec.kind === 'thresholds') emitThresholds(target, layout.thresholds, maxOf(spec.output));
  return code;
};
