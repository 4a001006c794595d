// The inner loops of the engine: one block of inputs for every row of a layer. Tables of the sums that a few inputs can make are
// built once and shared by all rows; a row costs two loads and two additions for each group of inputs.
import { outputsOf } from '../../model/network.ts';
import { FunctionCode, I32, I64, V128 } from './assembler.ts';
import { type LayerLayout, ROW16, type TableLayer } from './layout.ts';

const HALVES = [0, 16] as const;

/** A function's worth: a block of `groups` groups for the sums of a layer. */
export interface Block {
  readonly layout: LayerLayout;
  readonly how: TableLayer;
  /** Address of the tables. */
  readonly tables: number;
  readonly groups: number;
  /** The first block of a segment: its sums begin at zero, whatever is in memory. */
  readonly starts: boolean;
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

/** Where a block function finds its arguments: addresses of the block's inputs, of its rows' codes, and of their sums. */
export const ORDER_AT = 0;
export const CODES_AT = 4;
export const SUMS_AT = 16;

/** Always 0, but V8 cannot know: a constant would be folded, and the fence with it. */
const NEVER_AT = 8;

/** Groups between two fences. V8 moves additions to the end of their block and then has too many loads in flight. */
const FENCE = 8;

/** Offsets of 16 bits that are read at once: the row loop is short of loads more than of anything else. */
const OFFSETS = 4;

/** Locals of the row loop: addresses of sums and codes, offsets read and the one in use, 0, and the sums. */
interface RowLocals {
  readonly at: number;
  readonly codes: number;
  readonly offsets: number;
  readonly offset: number;
  readonly never: number;
  readonly sums: readonly number[];
}

/** Row `row` of a turn: adds to its sums what its codes select. */
const emitRow = (code: FunctionCode, block: Block, locals: RowLocals, row: number): void => {
  const { how, tables, groups, starts } = block;
  const { at, codes, offsets, offset, never, sums } = locals;
  const size = 3 ** how.group * ROW16;
  const half = (i: number): number => row * ROW16 + HALVES[i]!;
  sums.forEach((sum, i) => {
    if (starts) code.zero().set(sum);
    else code.get(at).memory('v128Load', half(i)).set(sum);
  });
  for (let group = 0; group < groups; group++) {
    const digit = group % OFFSETS;
    if (digit === 0)
      code
        .get(codes)
        .memory('i64Load', (row * groups + group) * 2)
        .tee(offsets);
    else code.get(offsets).i64Const(16).i64('shrU').tee(offsets);
    code.i64('wrap');
    if (digit < OFFSETS - 1) code.const(0xffff).i32('and');
    code.set(offset);
    sums.forEach((sum, i) => {
      const entry = tables + group * size + HALVES[i]!;
      code.get(sum).get(offset).memory('v128Load', entry).simd('i16x8Add').set(sum);
    });
    if ((group + 1) % FENCE === 0 && group + 1 < groups) code.get(never).brIf(1);
  }
  sums.forEach((sum, i) => {
    code.get(at).get(sum).memory('v128Store', half(i));
  });
};

/**
 * One block for every row: the sums it adds are looked up by the row's codes. Never-taken branches (`never` is 0) out of the loop
 * keep V8 from sinking the additions.
 */
const emitRows = (code: FunctionCode, block: Block, codes: number): void => {
  const rows = outputsOf(block.layout.layer);
  const turn = rows % 2 === 0 ? 2 : 1;
  const [at, never, end, offset] = [code.local(I32), code.local(I32), code.local(I32), code.local(I32)];
  const [offsets, sums] = [code.local(I64), HALVES.map(() => code.local(V128))];
  code.const(0).memory('i32Load', NEVER_AT).set(never);
  code.const(0).memory('i32Load', SUMS_AT).tee(at);
  code
    .const(rows * ROW16)
    .i32('add')
    .set(end);
  code.block(() => {
    code.loop(() => {
      for (let row = 0; row < turn; row++) {
        if (row > 0) code.get(never).brIf(1);
        emitRow(code, block, { at, codes, offsets, offset, never, sums }, row);
      }
      code.advance(codes, turn * block.groups * 2);
      code
        .advance(at, turn * ROW16)
        .get(at)
        .get(end)
        .i32('ltU')
        .brIf(0);
    });
    code.return();
  });
  sums.forEach((sum, i) => {
    code.get(at).get(sum).memory('v128Store', HALVES[i]!);
  });
};

/** Sets the sums of every row to zero. */
const emitZeros = (code: FunctionCode, layer: LayerLayout['layer']): void => {
  const [at, end] = [code.local(I32), code.local(I32)];
  code.const(0).memory('i32Load', SUMS_AT).tee(at);
  code
    .const(outputsOf(layer) * ROW16)
    .i32('add')
    .set(end);
  code.loop(() => {
    for (const half of HALVES) code.get(at).zero().memory('v128Store', half);
    code.advance(at, ROW16).get(at).get(end).i32('ltU').brIf(0);
  });
};

/** Leaves when no input of the block is lit in any image. */
const emitSkip = (code: FunctionCode, { layout, how, groups, starts }: Block, order: number): void => {
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
      if (starts) emitZeros(code, layout.layer);
      code.return();
    });
};

/** Adds one block to the sums of a layer; one function for all blocks of a size. */
export const emitBlock = (block: Block): FunctionCode => {
  const code = new FunctionCode();
  const [order, codes] = [code.local(I32), code.local(I32)];
  code.const(0).memory('i32Load', ORDER_AT).set(order);
  code.const(0).memory('i32Load', CODES_AT).set(codes);
  emitSkip(code, block, order);
  emitTables(code, block, order);
  emitRows(code, block, codes);
  return code;
};
