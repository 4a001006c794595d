// The engine's module: one call evaluates 16 images, each in a lane of its own. Tables of all sums that a few inputs can
// make are shared by every row, so that a row costs two loads and two additions for each group of inputs.
// Same idea, published: Vec-LUT (arXiv 2512.06443). What is exact and why: docs/simulator.md.
import { outputsOf } from '../../model/network.ts';
import { encodeModule, FunctionCode, I32, V128 } from './assembler.ts';
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

/** A function's worth: adds blocks of `groups` groups to the sums of a layer. */
interface Block {
  readonly layout: LayerLayout;
  readonly how: TableLayer;
  /** Address of the tables. */
  readonly tables: number;
  readonly groups: number;
}

/** Builds the tables of one block; `order` points at its inputs. */
const emitTables = (code: FunctionCode, { how, tables, groups }: Block, order: number): void => {
  const entries = 3 ** how.group;
  const [group, to] = [code.local(I32), code.local(I32)];
  const inputs = Array.from({ length: how.group }, () => code.local(I32));
  const values = Array.from({ length: entries / 3 }, () => code.local(V128));
  const x = code.local(V128);
  code.const(tables).set(to);
  code.count(group, 0, groups * how.group * 4, how.group * 4, () => {
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
        code
          .get(at)
          .zero()
          .memory('v128Store', i * size + half);
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

/** Where a block function finds its arguments: addresses of the block's inputs, of its rows' codes, and of their sums. */
const ORDER_AT = 0;
const CODES_AT = 4;
const SUMS_AT = 16;

/** Always 0, but V8 cannot know: a constant would be folded, and the fence with it. */
const NEVER_AT = 8;

/** Groups between two fences. V8 moves additions to the end of their block and then has too many loads in flight. */
const FENCE = 8;

/**
 * One block for every row: the sums it adds are looked up by the row's codes. Never-taken branches (`never` is 0) to where
 * the sums are stored keep V8 from sinking the additions.
 */
const emitRows = (code: FunctionCode, { layout, how, tables, groups }: Block, codes: number): void => {
  const size = 3 ** how.group * ROW16;
  const [at, pair, never, end] = [code.local(I32), code.local(I32), code.local(I32), code.local(I32)];
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
  code.const(0).memory('i32Load', SUMS_AT).tee(at);
  code
    .const(outputsOf(layout.layer) * ROW16)
    .i32('add')
    .set(end);
  code.block(() => {
    code.loop(() => {
      code.get(at).memory('v128Load', 0).set(low);
      code.get(at).memory('v128Load', 16).set(high);
      for (let group = 0; group < groups; group += 2) {
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
        if ((group + 2) % FENCE === 0 && group + 2 < groups) code.get(never).brIf(1);
      }
      code.get(at).get(low).memory('v128Store', 0);
      code.get(at).get(high).memory('v128Store', 16);
      code.advance(codes, groups * 2);
      code.advance(at, ROW16).get(at).get(end).i32('ltU').brIf(0);
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
const emitSkip = (code: FunctionCode, { how, groups }: Block, order: number): void => {
  const [at, any] = [code.local(I32), code.local(V128)];
  const input = code.local(I32);
  code.zero().set(any);
  code.count(at, 0, groups * how.group * 4, 4, () => {
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

/** Adds one block to the sums of a layer; one function for all blocks of a size. */
const emitBlock = (block: Block): FunctionCode => {
  const code = new FunctionCode();
  const [order, codes] = [code.local(I32), code.local(I32)];
  code.const(0).memory('i32Load', ORDER_AT).set(order);
  code.const(0).memory('i32Load', CODES_AT).set(codes);
  emitSkip(code, block, order);
  emitTables(code, block, order);
  emitRows(code, block, codes);
  return code;
};

/**
 * Calls the block function for every block. Wherever the sums might leave 16 bits, others are taken; or, with a single buffer, the
 * flush is called.
 */
const emitBlocks = (
  layout: LayerLayout,
  how: TableLayer,
  block: { readonly full: number; readonly last: number },
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
    code.call(b < how.blocks - 1 ? block.full : block.last);
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
  const blocks = { layout: own, how, tables };
  const full = program.part(emitBlock({ ...blocks, groups: BLOCK }));
  const last =
    how.lastGroups === BLOCK ? full : program.part(emitBlock({ ...blocks, groups: how.lastGroups }));
  const first = program.part(flushFunction(own, true));
  const later = program.part(flushFunction(own, false));
  program.step(emitBlocks(own, how, { full, last }, { first, later }));
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
