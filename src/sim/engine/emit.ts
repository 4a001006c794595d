// The engine's module: one call evaluates 16 images, each in a lane of its own. Tables of all sums that a few inputs can
// make are shared by every row, so that a row costs two loads and two additions for each group of inputs.
// Same idea, published: Vec-LUT (arXiv 2512.06443). What is exact and why: docs/simulator.md.
import { outputsOf } from '../../model/network.ts';
import { encodeModule, FunctionCode, I32, V128 } from './assembler.ts';
import { emitInput } from './emit-input.ts';
import { emitRequantize } from './emit-requantize.ts';
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

/** Builds the tables of one block; `order` points at its inputs. */
const emitTables = (code: FunctionCode, tables: number, how: TableLayer, order: number): void => {
  const entries = 3 ** how.group;
  const [group, to] = [code.local(I32), code.local(I32)];
  const inputs = Array.from({ length: how.group }, () => code.local(I32));
  const values = Array.from({ length: entries / 3 }, () => code.local(V128));
  const x = code.local(V128);
  code.const(tables).set(to);
  code.count(group, 0, BLOCK * how.group * 4, how.group * 4, () => {
    inputs.forEach((input, i) => {
      code
        .get(order)
        .get(group)
        .i32('add')
        .memory('i32Load', i * 4)
        .set(input);
    });
    for (const half of HALVES) {
      code.zero().set(values[0]!);
      let known = 1;
      for (const input of inputs.slice(0, -1)) {
        code.get(input).memory('v128Load', half).set(x);
        for (let i = 0; i < known; i++) {
          code
            .get(values[i]!)
            .get(x)
            .simd('i16x8Add')
            .set(values[known + i]!);
          code
            .get(values[i]!)
            .get(x)
            .simd('i16x8Sub')
            .set(values[2 * known + i]!);
        }
        known *= 3;
      }
      code.get(inputs.at(-1)!).memory('v128Load', half).set(x);
      for (let i = 0; i < known; i++) {
        const store = (entry: number): unknown => code.memory('v128Store', entry * ROW16 + half);
        code.get(to).get(values[i]!);
        store(i);
        code.get(to).get(values[i]!).get(x).simd('i16x8Add');
        store(known + i);
        code.get(to).get(values[i]!).get(x).simd('i16x8Sub');
        store(2 * known + i);
      }
    }
    code.advance(to, entries * ROW16);
  });
};

/**
 * Adds the 16-bit sums of every row to its 32-bit accumulators, and clears them; `first` of an image, the accumulators
 * are the biases.
 */
const emitFlush = (code: FunctionCode, layout: LayerLayout, first: boolean): void => {
  const { sums, accumulators, biases, layer } = layout;
  const [at, to, bias] = [code.local(I32), code.local(I32), code.local(I32)];
  const [value, start] = [code.local(V128), code.local(V128)];
  code.const(accumulators).set(to);
  code.const(biases).set(bias);
  code.count(at, sums, sums + outputsOf(layer) * ROW16, ROW16, () => {
    if (first) code.get(bias).memory('v128Load32Splat', 0).set(start).advance(bias, 4);
    HALVES.forEach((half) => {
      code.get(at).memory('v128Load', half).set(value);
      (['i32x4ExtendLowS16', 'i32x4ExtendHighS16'] as const).forEach((extend, i) => {
        const offset = half * 2 + i * 16;
        code.get(to);
        if (first) code.get(start);
        else code.get(to).memory('v128Load', offset);
        code.get(value).simd(extend).simd('i32x4Add').memory('v128Store', offset);
      });
      code.get(at).zero().memory('v128Store', half);
    });
    code.advance(to, ROW32);
  });
};

/** Always 0, but V8 cannot know: a constant would be folded, and the fence with it. */
const NEVER_AT = 8;

/** Groups between two fences. V8 moves additions to the end of their block and then has too many loads in flight. */
const FENCE = 4;

/**
 * One block for every row: the sums it adds are looked up by the row's codes. Never-taken branches (`never` is 0) to where
 * the sums are stored keep V8 from sinking the additions.
 */
const emitRows = (
  code: FunctionCode,
  tables: number,
  layout: LayerLayout,
  how: TableLayer,
  codes: number,
): void => {
  const { sums, layer } = layout;
  const size = 3 ** how.group * ROW16;
  const [at, pair, never] = [code.local(I32), code.local(I32), code.local(I32)];
  const [low, high] = [code.local(V128), code.local(V128)];
  const add = (from: number, group: number): void => {
    code
      .get(low)
      .get(from)
      .memory('v128Load', tables + group * size)
      .simd('i16x8Add')
      .set(low);
    code
      .get(high)
      .get(from)
      .memory('v128Load', tables + group * size + 16)
      .simd('i16x8Add')
      .set(high);
  };
  const offset = code.local(I32);
  code.const(0).memory('i32Load', NEVER_AT).set(never);
  code.block(() => {
    code.count(at, sums, sums + outputsOf(layer) * ROW16, ROW16, () => {
      code.get(at).memory('v128Load', 0).set(low);
      code.get(at).memory('v128Load', 16).set(high);
      for (let group = 0; group < BLOCK; group += 2) {
        code
          .get(codes)
          .memory('i32Load', group * 2)
          .tee(pair)
          .const(0xffff)
          .i32('and')
          .set(offset);
        add(offset, group);
        code.get(pair).const(16).i32('shrU').set(offset);
        add(offset, group + 1);
        if ((group + 2) % FENCE === 0 && group + 2 < BLOCK) code.get(never).brIf(1);
      }
      code.get(at).get(low).memory('v128Store', 0);
      code.get(at).get(high).memory('v128Store', 16);
      code.advance(codes, BLOCK * 2);
    });
    code.return();
  });
  code.get(at).get(low).memory('v128Store', 0);
  code.get(at).get(high).memory('v128Store', 16);
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

/** Leaves when no input of the block is lit in any image. */
const emitSkip = (code: FunctionCode, how: TableLayer, order: number): void => {
  const [at, any] = [code.local(I32), code.local(V128)];
  const input = code.local(I32);
  code.zero().set(any);
  code.count(at, 0, BLOCK * how.group * 4, 4, () => {
    code.get(order).get(at).i32('add').memory('i32Load', 0).set(input);
    for (const half of HALVES) code.get(any).get(input).memory('v128Load', half).simd('or').set(any);
  });
  code
    .get(any)
    .simd('anyTrue')
    .i32('eqz')
    .if(() => {
      code.return();
    });
};

/** Where a block function finds its arguments: addresses of the block's inputs and of its rows' codes. */
const ORDER_AT = 0;
const CODES_AT = 4;

/** Adds one block to the sums of a layer; one function for all of its blocks. */
const emitBlock = (layout: LayerLayout, how: TableLayer, tables: number): FunctionCode => {
  const code = new FunctionCode();
  const [order, codes] = [code.local(I32), code.local(I32)];
  code.const(0).memory('i32Load', ORDER_AT).set(order);
  code.const(0).memory('i32Load', CODES_AT).set(codes);
  emitSkip(code, how, order);
  emitTables(code, tables, how, order);
  emitRows(code, tables, layout, how, codes);
  return code;
};

/** Calls the block function for every block, and the flush wherever the sums might leave 16 bits, and at the end. */
const emitBlocks = (
  layout: LayerLayout,
  how: TableLayer,
  block: number,
  flushes: { readonly first: number; readonly later: number },
): FunctionCode => {
  const code = new FunctionCode();
  let flush = flushes.first;
  const stride = outputsOf(layout.layer) * BLOCK * 2;
  for (let b = 0; b < how.blocks; b++) {
    if (how.flushes.includes(b)) {
      code.call(flush);
      flush = flushes.later;
    }
    code
      .const(0)
      .const(layout.order + b * BLOCK * how.group * 4)
      .memory('i32Store', ORDER_AT);
    code
      .const(0)
      .const(layout.codes + b * stride)
      .memory('i32Store', CODES_AT);
    code.call(block);
  }
  return code.call(flush);
};

const flushFunction = (layout: LayerLayout, first: boolean): FunctionCode => {
  const code = new FunctionCode();
  emitFlush(code, layout, first);
  return code;
};

/** A module's functions, and those of them that make up `run`, in order. */
class Program {
  readonly functions: FunctionCode[] = [];
  readonly steps: number[] = [];

  /** Adds a function that others call; its index. */
  part(code: FunctionCode): number {
    return this.functions.push(code) - 1;
  }

  step(code: FunctionCode): void {
    this.steps.push(this.part(code));
  }
}

const emitLayer = (program: Program, layout: EngineLayout, index: number): void => {
  const own = layout.layers[index]!;
  const next = layout.layers[index + 1];
  const { how } = own;
  if (how.method === 'lists') {
    program.step(emitBiases(own));
    program.step(emitLists(own));
  } else {
    const block = program.part(emitBlock(own, how, layout.tables));
    const first = program.part(flushFunction(own, true));
    const later = program.part(flushFunction(own, false));
    program.step(emitBlocks(own, how, block, { first, later }));
  }
  if (next !== undefined) program.step(emitRequantize(own, own.layer.requantize, next.input));
};

/** The module of a layout. Its `run` evaluates the 16 images at `layout.pixels`. */
export const emitModule = (layout: EngineLayout): Uint8Array<ArrayBuffer> => {
  const program = new Program();
  program.step(emitInput(layout));
  layout.layers.forEach((_, i) => {
    emitLayer(program, layout, i);
  });
  const run = new FunctionCode();
  for (const step of program.steps) run.call(step);
  return encodeModule([...program.functions, run], Math.ceil(layout.bytes / PAGE));
};
