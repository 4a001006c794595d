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

/** Where vectors of accumulators come from, row by row: `at` is the address of the row's. */
interface Source {
  /** Before a row's vectors, and after them. */
  readonly begin?: () => void;
  readonly end?: () => void;
  /** Pushes the vector at byte `offset` of the row. */
  push(at: number, offset: number): void;
}

const inMemory = (code: FunctionCode): Source => ({
  push: (at, offset) => code.get(at).memory('v128Load', offset),
});

/**
 * Accumulators that were never stored: the 16-bit sums of all segments, on top of the biases; or those of the
 * last segment on top of the accumulators so far.
 */
const unflushed = (
  code: FunctionCode,
  { sums, buffers, biases, layer }: LayerLayout,
  whole: boolean,
): Source => {
  const [from, bias] = [code.local(I32), code.local(I32)];
  const start = code.local(V128);
  const size = outputsOf(layer) * ROW16;
  const halves = Array.from({ length: 2 * buffers }, () => code.local(V128));
  code.const(sums).set(from).const(biases).set(bias);
  return {
    begin: () => {
      if (whole) code.get(bias).memory('v128Load32Splat', 0).set(start).advance(bias, 4);
      halves.forEach((half, i) => {
        const offset = (i >> 1) * size + (i & 1) * 16;
        code.get(from).memory('v128Load', offset).set(half);
      });
    },
    push: (at, offset) => {
      if (whole) code.get(start);
      else code.get(at).memory('v128Load', offset);
      const extend = offset % 32 === 0 ? 'i32x4ExtendLowS16' : 'i32x4ExtendHighS16';
      for (let i = offset >> 5; i < halves.length; i += 2) code.get(halves[i]!).simd(extend).simd('i32x4Add');
    },
    end: () => code.advance(from, ROW16),
  };
};

/** Narrows four vectors of i32 codes, made by `emit` for each offset, and stores them as a row of 16 lanes. */
const emitVectors = (
  { code, rows, accumulators, output }: Requantizer,
  { begin, end }: Source,
  emit: (at: number, offset: number) => void,
): void => {
  const [at, to] = [code.local(I32), code.local(I32)];
  code.const(output).set(to);
  code.count(at, accumulators, accumulators + rows * ROW32, ROW32, () => {
    begin?.();
    HALVES.forEach((half) => {
      code.get(to);
      emit(at, half * 2);
      emit(at, half * 2 + 16);
      code.simd('i16x8NarrowS32').memory('v128Store', half);
    });
    code.advance(to, ROW16);
    end?.();
  });
};

const emitStatic = (target: Requantizer, source: Source, shift: number, largest: number): void => {
  const { code } = target;
  const [half, top, none] = [code.local(V128), code.local(V128), code.local(V128)];
  code.const(roundingConstant(shift)).simd('i32x4Splat').set(half);
  code.const(largest).simd('i32x4Splat').set(top);
  emitVectors(target, source, (at, offset) => {
    source.push(at, offset);
    code.get(none).simd('i32x4MaxS').get(half).simd('i32x4Add');
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

const emitThresholds = (target: Requantizer, source: Source, thresholds: number, levels: number): void => {
  const { code } = target;
  const from = code.local(I32);
  const [accumulator, reached] = [code.local(V128), code.local(V128)];
  code.const(thresholds - levels * 4).set(from);
  emitVectors(target, source, (at, offset) => {
    // the row's thresholds move on with the row: once for the first of its four vectors
    if (offset === 0) code.advance(from, levels * 4);
    source.push(at, offset);
    code.set(accumulator);
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

const targetOf = (layout: LayerLayout, output: number): Requantizer => ({
  code: new FunctionCode(),
  rows: outputsOf(layout.layer),
  accumulators: layout.accumulators,
  output,
});

const emitFrom = (target: Requantizer, source: Source, spec: RequantSpec, thresholds: number): void => {
  if (spec.kind === 'static-shift') emitStatic(target, source, spec.shift, maxOf(spec.output));
  else if (spec.kind === 'thresholds') emitThresholds(target, source, thresholds, maxOf(spec.output));
};

/** Segments whose sum needs no more than one addition, which may then saturate: what it cuts off is 0 or the largest code anyway. */
const SATURATING = 2;

/** Whether 16 bits hold everything up to where a static shift gives its largest code. */
const fitsNarrow = ({ layer, buffers }: LayerLayout, shift: number, largest: number): boolean =>
  layer.bias === null && buffers <= SATURATING && (largest + 1) * 2 ** shift <= 2 ** 15;

/** A static shift of sums of at most two segments, in 16 bits from end to end. */
const emitNarrow = (
  { code, rows, output }: Requantizer,
  { sums, buffers }: LayerLayout,
  shift: number,
  largest: number,
): void => {
  const [at, to] = [code.local(I32), code.local(I32)];
  const [half, top, none] = [code.local(V128), code.local(V128), code.local(V128)];
  code.const(roundingConstant(shift)).simd('i16x8Splat').set(half);
  code.const(largest).simd('i16x8Splat').set(top);
  code.const(output).set(to);
  code.count(at, sums, sums + rows * ROW16, ROW16, () => {
    for (const offset of HALVES) {
      code.get(to).get(at).memory('v128Load', offset);
      for (let i = 1; i < buffers; i++)
        code
          .get(at)
          .memory('v128Load', i * rows * ROW16 + offset)
          .simd('i16x8AddSatS');
      code.get(none).simd('i16x8MaxS').get(half).simd('i16x8AddSatS');
      code.const(shift).simd('i16x8ShrS').get(top).simd('i16x8MinS').memory('v128Store', offset);
    }
    code.advance(to, ROW16);
  });
};

/** The function that requantizes a layer into `output`, the next layer's input. */
export const emitRequantize = (layout: LayerLayout, spec: RequantSpec, output: number): FunctionCode => {
  const target = targetOf(layout, output);
  if (spec.kind === 'dynamic-shift') emitDynamic(target, spec.output.bits);
  else emitFrom(target, inMemory(target.code), spec, layout.thresholds);
  return target.code;
};

/** Whether a layer can be requantized while its last sums are widened: a dynamic shift has to see all of them first. */
export const canFinish = (spec: RequantSpec): boolean =>
  spec.kind === 'static-shift' || spec.kind === 'thresholds';

/**
 * The function that widens the last sums of a layer and requantizes them in one go: accumulators are stored nowhere.
 * `whole`: the sums are all there is, none were widened before.
 */
export const emitFinish = (
  layout: LayerLayout,
  spec: RequantSpec,
  output: number,
  whole: boolean,
): FunctionCode => {
  const target = targetOf(layout, output);
  const largest = spec.kind === 'static-shift' ? maxOf(spec.output) : 0;
  if (whole && spec.kind === 'static-shift' && fitsNarrow(layout, spec.shift, largest))
    emitNarrow(target, layout, spec.shift, largest);
  else emitFrom(target, unflushed(target.code, layout, whole), spec, layout.thresholds);
  return target.code;
};
