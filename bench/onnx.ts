// ONNX models of a 784-N-10 net for the simulator's bench, written as protobuf by hand: a few nodes, two weight matrices.
// Field numbers are those of onnx.proto3.
type Bytes = number[];

const varint = (value: number): Bytes => {
  const bytes: Bytes = [];
  let rest = value;
  for (; rest > 127; rest = Math.floor(rest / 128)) bytes.push((rest % 128) | 128);
  return [...bytes, rest];
};
const integer = (field: number, value: number): Bytes => [...varint(field * 8), ...varint(value)];
const bytes = (field: number, value: Bytes | Uint8Array): Uint8Array =>
  Uint8Array.from([...varint(field * 8 + 2), ...varint(value.length), ...value]);
const text = (field: number, value: string): Uint8Array => bytes(field, Array.from(Buffer.from(value)));
const joined = (...parts: readonly (Bytes | Uint8Array)[]): Uint8Array =>
  Uint8Array.from(Buffer.concat(parts.map((p) => Buffer.from(p))));

const FLOAT = 1;
const UINT8 = 2;
const INT8 = 3;
const INT32 = 6;

const tensor = (name: string, type: number, dims: readonly number[], raw: Uint8Array): Uint8Array =>
  joined(...dims.map((d) => integer(1, d)), integer(2, type), text(8, name), bytes(9, raw));
const node = (
  op: string,
  inputs: readonly string[],
  output: string,
  attributes: readonly Uint8Array[] = [],
): Uint8Array =>
  bytes(
    1,
    joined(
      ...inputs.map((i) => text(1, i)),
      text(2, output),
      text(4, op),
      ...attributes.map((a) => bytes(5, a)),
    ),
  );
const castTo = (type: number): Uint8Array => joined(text(1, 'to'), integer(3, type), integer(20, 2));
const value = (field: number, name: string, type: number, columns: number): Uint8Array => {
  const shape = joined(bytes(1, text(2, 'batch')), bytes(1, Uint8Array.from(integer(1, columns))));
  const tensorType = joined(integer(1, type), bytes(2, shape));
  return bytes(field, joined(text(1, name), bytes(2, bytes(1, tensorType))));
};

const model = (
  nodes: readonly Uint8Array[],
  tensors: readonly Uint8Array[],
  input: number,
  output: number,
): Uint8Array => {
  const graph = joined(
    ...nodes,
    text(2, 'net'),
    ...tensors.map((t) => bytes(5, t)),
    value(11, 'x', input, 784),
    value(12, 'y', output, 10),
  );
  return joined(integer(1, 8), bytes(7, graph), bytes(8, joined(text(1, ''), integer(2, 15))));
};

const rawOf = (values: Float32Array | Int32Array): Uint8Array =>
  new Uint8Array(values.buffer, values.byteOffset, values.byteLength);

/** `trits` row-major [outputs, inputs] to [inputs, outputs]. */
const turned = (trits: Int8Array, rows: number): Int8Array => {
  const columns = trits.length / rows;
  return Int8Array.from(trits, (_, i) => trits[(i % rows) * columns + Math.floor(i / rows)]!);
};

/** Floats: h = min(floor(relu(x W1) * 2^-shift + 1/2), 255), y = h W2. */
export const floatModel = (w1: Int8Array, w2: Int8Array, hidden: number, shift: number): Uint8Array => {
  const weights = (name: string, trits: Int8Array, rows: number): Uint8Array =>
    tensor(name, FLOAT, [trits.length / rows, rows], rawOf(Float32Array.from(turned(trits, rows))));
  const scalar = (name: string, x: number): Uint8Array => tensor(name, FLOAT, [], rawOf(Float32Array.of(x)));
  return model(
    [
      node('MatMul', ['x', 'w1'], 'a'),
      node('Relu', ['a'], 'r'),
      node('Mul', ['r', 'scale'], 's'),
      node('Add', ['s', 'half'], 'p'),
      node('Floor', ['p'], 'f'),
      node('Min', ['f', 'top'], 'h'),
      node('MatMul', ['h', 'w2'], 'y'),
    ],
    [
      weights('w1', w1, hidden),
      weights('w2', w2, 10),
      scalar('scale', 2 ** -shift),
      scalar('half', 0.5),
      scalar('top', 255),
    ],
    FLOAT,
    FLOAT,
  );
};

/** Integers: MatMulInteger of u8 and s8, requantized by integer Max, Add, Div, Min and a cast. */
export const integerModel = (w1: Int8Array, w2: Int8Array, hidden: number, shift: number): Uint8Array => {
  const weights = (name: string, trits: Int8Array, rows: number): Uint8Array => {
    const values = turned(trits, rows);
    return tensor(name, INT8, [values.length / rows, rows], new Uint8Array(values.buffer));
  };
  const scalar = (name: string, x: number): Uint8Array => tensor(name, INT32, [], rawOf(Int32Array.of(x)));
  return model(
    [
      node('MatMulInteger', ['x', 'w1'], 'a'),
      node('Max', ['a', 'zero'], 'r'),
      node('Add', ['r', 'half'], 'p'),
      node('Div', ['p', 'unit'], 's'),
      node('Min', ['s', 'top'], 'm'),
      node('Cast', ['m'], 'h', [castTo(UINT8)]),
      node('MatMulInteger', ['h', 'w2'], 'y'),
    ],
    [
      weights('w1', w1, hidden),
      weights('w2', w2, 10),
      scalar('zero', 0),
      scalar('half', shift === 0 ? 0 : 2 ** (shift - 1)),
      scalar('unit', 2 ** shift),
      scalar('top', 255),
    ],
    UINT8,
    INT32,
  );
};
