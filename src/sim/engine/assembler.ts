// The bytes of a WebAssembly module, instruction by instruction: just what the engine needs, so that no assembler of many
// megabytes has to be installed and loaded. https://webassembly.github.io/spec/core/binary/

export const I32 = 0x7f;
export const I64 = 0x7e;
export const V128 = 0x7b;
type ValueType = typeof I32 | typeof I64 | typeof V128;

const unsignedLeb = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value >>> 0;
  do {
    bytes.push((rest & 0x7f) | (rest > 0x7f ? 0x80 : 0));
    rest >>>= 7;
  } while (rest > 0);
  return bytes;
};

const signedLeb = (value: number): number[] => {
  const bytes: number[] = [];
  let rest = value | 0;
  for (;;) {
    const byte = rest & 0x7f;
    rest >>= 7;
    if ((rest === 0 && (byte & 0x40) === 0) || (rest === -1 && (byte & 0x40) !== 0)) {
      bytes.push(byte);
      return bytes;
    }
    bytes.push(byte | 0x80);
  }
};

/** Single-byte instructions on i32. */
const I32_OPS = {
  eqz: 0x45,
  ltU: 0x49,
  gtS: 0x4a,
  clz: 0x67,
  add: 0x6a,
  sub: 0x6b,
  and: 0x71,
  or: 0x72,
  shl: 0x74,
  shrS: 0x75,
  shrU: 0x76,
} as const;

/** Single-byte instructions on i64; `wrap` makes an i32 of its low half. */
const I64_OPS = {
  shrU: 0x88,
  wrap: 0xa7,
} as const;

/** SIMD instructions without immediates. */
const SIMD_OPS = {
  anyTrue: 0x53,
  or: 0x50,
  and: 0x4e,
  i8x16Splat: 0x0f,
  i8x16ShrU: 0x6d,
  i16x8ExtendLowU8: 0x89,
  i16x8ExtendHighU8: 0x8a,
  i16x8Neg: 0x81,
  i16x8Add: 0x8e,
  i16x8AddSatS: 0x8f,
  i16x8Sub: 0x91,
  i16x8ShrS: 0x8c,
  i16x8MinS: 0x96,
  i16x8MaxS: 0x98,
  i16x8Splat: 0x10,
  i16x8NarrowS32: 0x85,
  i32x4Splat: 0x11,
  i32x4ExtendLowS16: 0xa7,
  i32x4ExtendHighS16: 0xa8,
  i32x4ShrS: 0xac,
  i32x4Add: 0xae,
  i32x4Sub: 0xb1,
  i32x4MinS: 0xb6,
  i32x4MaxS: 0xb8,
  i32x4GeS: 0x3f,
  i8x16Ne: 0x24,
  i8x16Bitmask: 0x64,
} as const;

/** Memory instructions: opcode, and log2 of the natural alignment. */
const MEMORY_OPS = {
  i32Load: [[0x28], 2],
  i64Load: [[0x29], 3],
  i32Load8U: [[0x2d], 0],
  i32Load16S: [[0x2e], 1],
  i32Load16U: [[0x2f], 1],
  i32Store: [[0x36], 2],
  i32Store16: [[0x3b], 1],
  v128Load: [[0xfd, 0x00], 4],
  v128Load32Splat: [[0xfd, 0x09], 2],
  v128Store: [[0xfd, 0x0b], 4],
} as const;

/** One function: locals are numbered as they are asked for. */
export class FunctionCode {
  private readonly bytes: number[] = [];
  private readonly locals: ValueType[] = [];

  local(type: ValueType): number {
    this.locals.push(type);
    return this.locals.length - 1;
  }

  get(local: number): this {
    return this.raw(0x20, ...unsignedLeb(local));
  }

  set(local: number): this {
    return this.raw(0x21, ...unsignedLeb(local));
  }

  tee(local: number): this {
    return this.raw(0x22, ...unsignedLeb(local));
  }

  const(value: number): this {
    return this.raw(0x41, ...signedLeb(value));
  }

  i32(op: keyof typeof I32_OPS): this {
    return this.raw(I32_OPS[op]);
  }

  i64(op: keyof typeof I64_OPS): this {
    return this.raw(I64_OPS[op]);
  }

  i64Const(value: number): this {
    return this.raw(0x42, ...signedLeb(value));
  }

  simd(op: keyof typeof SIMD_OPS): this {
    return this.raw(0xfd, ...unsignedLeb(SIMD_OPS[op]));
  }

  /** Bytes of two vectors chosen by index, 0..15 of the first and 16..31 of the second. */
  shuffle(lanes: readonly number[]): this {
    return this.raw(0xfd, 0x0d, ...lanes);
  }

  zero(): this {
    return this.raw(0xfd, 0x0c, ...new Array<number>(16).fill(0));
  }

  memory(op: keyof typeof MEMORY_OPS, offset: number): this {
    const [code, align] = MEMORY_OPS[op];
    return this.raw(...code, align, ...unsignedLeb(offset));
  }

  /** local += amount */
  advance(local: number, amount: number): this {
    return this.get(local).const(amount).i32('add').set(local);
  }

  block(body: () => void): this {
    return this.nest(0x02, body);
  }

  loop(body: () => void): this {
    return this.nest(0x03, body);
  }

  if(body: () => void): this {
    return this.nest(0x04, body);
  }

  br(depth: number): this {
    return this.raw(0x0c, ...unsignedLeb(depth));
  }

  brIf(depth: number): this {
    return this.raw(0x0d, ...unsignedLeb(depth));
  }

  return(): this {
    return this.raw(0x0f);
  }

  call(index: number): this {
    return this.raw(0x10, ...unsignedLeb(index));
  }

  /** Repeats `body` with `counter` running from `start` by `step` while below `end`; at least once. */
  count(counter: number, start: number, end: number, step: number, body: () => void): this {
    this.const(start).set(counter);
    return this.loop(() => {
      body();
      this.get(counter).const(step).i32('add').tee(counter).const(end).i32('ltU').brIf(0);
    });
  }

  /** Code section entry. */
  encode(): number[] {
    const runs: [ValueType, number][] = [];
    for (const type of this.locals) {
      const last = runs.at(-1);
      if (last?.[0] === type) last[1]++;
      else runs.push([type, 1]);
    }
    const declared = runs.flatMap(([type, count]) => [...unsignedLeb(count), type]);
    const body = [...unsignedLeb(runs.length), ...declared, ...this.bytes, 0x0b];
    return [...unsignedLeb(body.length), ...body];
  }

  private nest(opcode: number, body: () => void): this {
    this.raw(opcode, 0x40);
    body();
    return this.raw(0x0b);
  }

  private raw(...bytes: readonly number[]): this {
    for (const byte of bytes) this.bytes.push(byte);
    return this;
  }
}

const section = (id: number, body: readonly number[]): number[] => [id, ...unsignedLeb(body.length), ...body];
const name = (text: string): number[] => [text.length, ...Array.from(text, (c) => c.charCodeAt(0))];

/** A module of functions without parameters or results, some of which are exported by name, and its memory. */
export const encodeModule = (
  functions: readonly FunctionCode[],
  pages: number,
  exported: Readonly<Record<string, number>>,
): Uint8Array<ArrayBuffer> => {
  const count = unsignedLeb(functions.length);
  const entries = Object.entries(exported);
  return Uint8Array.from([
    ...[0x00, 0x61, 0x73, 0x6d, 0x01, 0x00, 0x00, 0x00],
    ...section(1, [1, 0x60, 0, 0]),
    ...section(3, [...count, ...functions.map(() => 0)]),
    ...section(5, [1, 0x00, ...unsignedLeb(pages)]),
    ...section(7, [
      ...unsignedLeb(entries.length + 1),
      ...name('memory'),
      ...[2, 0],
      ...entries.flatMap(([key, index]) => [...name(key), 0, ...unsignedLeb(index)]),
    ]),
    ...section(10, [...count, ...functions.flatMap((code) => code.encode())]),
  ]);
};
