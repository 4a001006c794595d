// The engine's module: one call evaluates 16 images, each in a lane of its own. Tables of all sums that a few inputs can
// make are shared by every row, so that a row costs two loads and two additions for each group of inputs.
// Same idea, published: Vec-LUT (arXiv 2512.06443). What is exact and why: docs/simulator.md.
import { outputsOf } from '../../model/network.ts';
import { encodeModule, FunctionCode, I32, V128 } from './assembler.ts';
import { CODES_AT, emitBlock, ORDER_AT, SUMS_AT } from './emit-block.ts';
import { emitInput, emitMasks } from './emit-input.ts';
import { canFinish, emitFinish, emitRequantize } from './emit-requantize.ts';
import {
  BLOCK,
  type EngineLayout,
  type LayerLayout,
  LIST_STEP,
  ROW16,
  ROW32,
  type TableLayer,
} from './layout.ts';

const HALVES = [0, 16] as const;
const PAGE = 65_536;

/**
 * Adds the 16-bit sums of every row to its 32-bit accumulators; `first` of an image, the accumulators
 * are the biases.
 */
const emitFlush = (code: FunctionCode, layout: LayerLayout, first: boolean): void => {
  const { sums, buffers, accumulators, biases, layer } = layout;
  const size = outputsOf(layer) * ROW16;
  const [at, to, bias] = [code.local(I32), code.local(I32), code.local(I32)];
  const start = code.local(V128);
  const values = Array.from({ length: buffers }, () => code.local(V128));
  code.const(accumulators).set(to);
  code.const(biases).set(bias);
  code.count(at, sums, sums + size, ROW16, () => {
    if (first) code.get(bias).memory('v128Load32Splat', 0).set(start).advance(bias, 4);
    HALVES.forEach((half) => {
      values.forEach((value, i) => {
        code
          .get(at)
          .memory('v128Load', i * size + half)
          .set(value);
      });
      (['i32x4ExtendLowS16', 'i32x4ExtendHighS16'] as const).forEach((extend, i) => {
        const offset = half * 2 + i * 16;
        code.get(to);
        if (first) code.get(start);
        else code.get(to).memory('v128Load', offset);
        for (const value of values) code.get(value).simd(extend).simd('i32x4Add');
        code.memory('v128Store', offset);
      });
    });
    code.advance(to, ROW32);
  });
};

/** Sets the accumulators to the biases. */
const emitBiases = ({ accumulators, biases, layer }: LayerLayout): FunctionCode => {
  const code = new FunctionCode();
  const [at, to, value] = [code.local(I32), code.local(I32), code.local(V128)];
  code.const(accumulators).set(to);
  code.count(at, biases, biases + outputsOf(layer) * 4, 4, () => {
    code.get(at).memory('v128Load32Splat', 0).set(value);
    for (let i = 0; i < ROW32; i += 16) code.get(to).get(value).memory('v128Store', i);
    code.advance(to, ROW32);
  });
  return code;
};

/** Goes through all lists; the accumulators of a row stay in four vectors. */
const emitLists = ({ accumulators, codes, layer, input }: LayerLayout): FunctionCode => {
  const code = new FunctionCode();
  const [at, to, left, sign, from] = Array.from({ length: 5 }, () => code.local(I32)) as [
    number,
    number,
    number,
    number,
    number,
  ];
  const sums = HALVES.map(() => code.local(V128));
  code.const(codes).set(at);
  code.count(to, accumulators, accumulators + outputsOf(layer) * ROW32, ROW32, () => {
    code.block(() => {
      code.loop(() => {
        code.get(at).memory('i32Load', 0).tee(left).i32('eqz').brIf(1);
        code.get(at).memory('i32Load', 4).set(sign);
        code.advance(at, 8);
        for (const sum of sums) code.zero().set(sum);
        code.loop(() => {
          for (let i = 0; i < LIST_STEP; i++) {
            code
              .get(at)
              .memory('i32Load', i * 4)
              .set(from);
            sums.forEach((sum, half) => {
              code
                .get(sum)
                .get(from)
                .memory('v128Load', input + half * 16)
                .simd('i16x8Add')
                .set(sum);
            });
          }
          code.advance(at, LIST_STEP * 4);
          code.get(left).const(-LIST_STEP).i32('add').tee(left).brIf(0);
        });
        code
          .get(sign)
          .const(0)
          .i32('gtS')
          .i32('eqz')
          .if(() => {
            for (const sum of sums) code.get(sum).simd('i16x8Neg').set(sum);
          });
        sums.forEach((sum, half) => {
          (['i32x4ExtendLowS16', 'i32x4ExtendHighS16'] as const).forEach((extend, i) => {
            const offset = half * 32 + i * 16;
            code.get(to).get(to).memory('v128Load', offset).get(sum).simd(extend).simd('i32x4Add');
            code.memory('v128Store', offset);
          });
        });
        code.br(0);
      });
    });
    code.advance(at, 4); // past the 0
  });
  return code;
};

/**
 * Calls the block function for every block. Wherever the sums might leave 16 bits, others are taken; or, with a single buffer, the
 * flush is called.
 */
const emitBlocks = (
  layout: LayerLayout,
  how: TableLayer,
  block: (starts: boolean, last: boolean) => number,
  flushes: { readonly first: number; readonly later: number },
): FunctionCode => {
  const code = new FunctionCode();
  const stride = outputsOf(layout.layer) * BLOCK * 2;
  const put = (at: number, value: number): unknown => code.const(0).const(value).memory('i32Store', at);
  put(SUMS_AT, layout.sums);
  for (let b = 0; b < how.blocks; b++) {
    const segment = how.flushes.indexOf(b) + 1;
    if (segment > 0 && layout.buffers > 1)
      put(SUMS_AT, layout.sums + segment * outputsOf(layout.layer) * ROW16);
    else if (segment > 0) code.call(segment === 1 ? flushes.first : flushes.later);
    put(ORDER_AT, layout.order + b * BLOCK * how.group * 4);
    put(CODES_AT, layout.codes + b * stride);
    code.call(block(b === 0 || segment > 0, b === how.blocks - 1));
  }
  return code;
};

const flushFunction = (layout: LayerLayout, first: boolean): FunctionCode => {
  const code = new FunctionCode();
  emitFlush(code, layout, first);
  return code;
};

/** A module's functions, and those of them that make up `run` and, with every accumulator stored, `runAll`, in order. */
class Program {
  readonly functions: FunctionCode[] = [];
  readonly run: number[] = [];
  readonly runAll: number[] = [];

  /** Adds a function that others call; its index. */
  part(code: FunctionCode): number {
    return this.functions.push(code) - 1;
  }

  /** A function of both. */
  step(code: FunctionCode): void {
    const index = this.part(code);
    this.run.push(index);
    this.runAll.push(index);
  }

  /** The function that calls these. */
  sequence(indices: readonly number[]): number {
    const code = new FunctionCode();
    for (const index of indices) code.call(index);
    return this.part(code);
  }
}

const emitTableLayer = (program: Program, own: LayerLayout, how: TableLayer, tables: number): void => {
  const parts = new Map<string, number>();
  const block = (starts: boolean, last: boolean): number => {
    const groups = last ? how.lastGroups : BLOCK;
    const key = `${starts} ${groups}`;
    const known = parts.get(key) ?? program.part(emitBlock({ layout: own, how, tables, groups, starts }));
    parts.set(key, known);
    return known;
  };
  const first = program.part(flushFunction(own, true));
  const later = program.part(flushFunction(own, false));
  program.step(emitBlocks(own, how, block, { first, later }));
};

const emitLayer = (program: Program, layout: EngineLayout, index: number): void => {
  const own = layout.layers[index]!;
  const next = layout.layers[index + 1];
  const spec = own.layer.requantize;
  const { how } = own;
  if (how.method === 'lists') {
    program.step(emitBiases(own));
    program.step(emitLists(own));
    if (next !== undefined) program.step(emitRequantize(own, spec, next.input));
    return;
  }
  emitTableLayer(program, own, how, layout.tables);
  const unwidened = own.buffers === how.flushes.length + 1;
  const last = program.part(flushFunction(own, unwidened));
  const whole = next === undefined ? [last] : [last, program.part(emitRequantize(own, spec, next.input))];
  program.runAll.push(...whole);
  if (next === undefined || !canFinish(spec)) program.run.push(...whole);
  else program.run.push(program.part(emitFinish(own, spec, next.input, unwidened)));
};

/**
 * The module of a layout. Its `run` evaluates the 16 images that `layout.pointers` name; so does `runAll`, which stores the accumulators
 * of every layer; `masks` says which blocks of the first layer each image lights.
 */
export const emitModule = (layout: EngineLayout): Uint8Array<ArrayBuffer> => {
  const program = new Program();
  program.step(emitInput(layout));
  layout.layers.forEach((_, i) => {
    emitLayer(program, layout, i);
  });
  const exported = {
    run: program.sequence(program.run),
    runAll: program.sequence(program.runAll),
    masks: program.part(emitMasks(layout)),
  };
  return encodeModule(program.functions, Math.ceil(layout.bytes / PAGE), exported);
};
