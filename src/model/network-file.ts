// network.json: reading (structure checked by a schema), writing (canonical: same Network, same bytes).
// Rules that need arithmetic (ranges, chaining) are checked by layers/validate.ts, which every reader goes through.
import * as z from 'zod';
import { formatName, type NumberFormat, parseFormatName } from '../num/format.ts';
import { type Alphabet, type TritMatrix, tritChar, tritOfChar } from '../num/trit.ts';
import { UserError } from '../util/errors.ts';
import {
  type DenseLayer,
  type Layer,
  NETWORK_FORMAT,
  NETWORK_VERSION,
  type Network,
  thresholdRows,
} from './network.ts';

const numberFormat = z.string().transform((name, context): NumberFormat => {
  const format = parseFormatName(name);
  if (format !== undefined) return format;
  context.addIssue({ code: 'custom', message: `must be u1..u32 or s1..s32, not "${name}"` });
  return z.NEVER;
});

const rows = (lines: readonly string[], alphabet: Alphabet): TritMatrix | string => {
  const cols = lines[0]!.length;
  const trits = new Int8Array(lines.length * cols);
  for (const [r, line] of lines.entries()) {
    if (line.length !== cols) return `row ${r} must have ${cols} trits, not ${line.length}`;
    for (let c = 0; c < cols; c++) {
      const trit = tritOfChar(line[c]!, alphabet);
      if (trit === undefined) return `row ${r}, column ${c} must be a ${alphabet} trit, not "${line[c]}"`;
      trits[r * cols + c] = trit;
    }
  }
  return { alphabet, rows: lines.length, cols, trits };
};

const tritMatrix = z
  .strictObject({ alphabet: z.enum(['ternary', 'binary']), rows: z.array(z.string().min(1)).min(1) })
  .transform((value, context): TritMatrix => {
    const matrix = rows(value.rows, value.alphabet);
    if (typeof matrix !== 'string') return matrix;
    context.addIssue({ code: 'custom', message: matrix });
    return z.NEVER;
  });

const thresholds = z
  .array(z.array(z.int()).min(1))
  .min(1)
  .refine((lines) => lines.every((line) => line.length === lines[0]!.length), 'rows must be equally long')
  .transform((lines) => Int32Array.from(lines.flat()));

const rounding = z.literal('half-up');
const requantize = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('none') }),
  z.strictObject({
    kind: z.literal('static-shift'),
    shift: z.int().min(0).max(24),
    rounding,
    output: numberFormat,
  }),
  z.strictObject({ kind: z.literal('dynamic-shift'), rounding, output: numberFormat }),
  z.strictObject({ kind: z.literal('thresholds'), output: numberFormat, thresholds }),
]);

const name = z.string().regex(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/, 'must be letters, digits, - and _');
const bias = z
  .array(
    z
      .int()
      .min(-(2 ** 24))
      .max(2 ** 24),
  )
  .transform((values) => Int32Array.from(values));

const layer = z.discriminatedUnion('kind', [
  z.strictObject({
    kind: z.literal('dense'),
    name,
    input: numberFormat,
    weights: tritMatrix,
    bias: bias.nullable(),
    accumulator: numberFormat,
    requantize,
  }),
  z.strictObject({
    kind: z.literal('argmax'),
    name,
    inputs: z.int().min(1),
    input: numberFormat,
    ties: z.literal('lowest-index'),
  }),
]);

const share = z.number().min(0).max(1).optional();
/** The structure of the file. Exported for the test that holds docs/ir.md against it. */
export const networkSchema = z.strictObject({
  format: z.literal(NETWORK_FORMAT),
  version: z.literal(NETWORK_VERSION),
  name,
  input: z.strictObject({
    shape: z.tuple([z.int().min(1).max(4096), z.int().min(1).max(4096)]),
    pixel: numberFormat,
    crop: z.tuple([z.int().min(0), z.int().min(0), z.int().min(1), z.int().min(1)]),
    pool: z.tuple([z.int().min(1).max(16), z.int().min(1).max(16)]),
    shift: z.int().min(0).max(15),
    code: numberFormat,
  }),
  layers: z.array(layer).min(2),
  classes: z.array(z.string().min(1)).min(1),
  provenance: z.strictObject({
    tool: z.string(),
    dataset: z.string().optional(),
    seed: z.int().optional(),
    epochs: z.int().optional(),
    testAccuracy: share,
    trainAccuracy: share,
  }),
});

const invalid = (source: string, where: string, message: string): UserError =>
  new UserError({
    subject: `network ${source}: ${where}`,
    rule: `be valid (${message})`,
    hint: 'docs/ir.md describes every field',
    code: 'BITSIM_NETWORK_INVALID',
  });

/** Structure of a network file. `source` names it in errors. Use layers/validate.ts's readers instead. */
export const parseNetworkStructure = (text: string, source: string): Network => {
  let json: unknown;
  try {
    json = JSON.parse(text);
  } catch (error) {
    throw invalid(source, 'file', `not JSON: ${(error as Error).message}`);
  }
  const result = networkSchema.safeParse(json);
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  throw invalid(source, issue.path.join('.') || 'file', issue.message);
};

const rowsOf = ({ rows: count, cols, trits }: TritMatrix): string[] =>
  Array.from({ length: count }, (_, r) =>
    Array.from(trits.subarray(r * cols, (r + 1) * cols), tritChar).join(''),
  );

const printRequantize = (spec: DenseLayer['requantize']): object => {
  if (spec.kind === 'none') return { kind: spec.kind };
  if (spec.kind === 'thresholds') {
    const thresholds = thresholdRows(spec).map((row) => Array.from(row));
    return { kind: spec.kind, output: formatName(spec.output), thresholds };
  }
  const { kind, rounding: mode } = spec;
  const shift = spec.kind === 'static-shift' ? { shift: spec.shift } : {};
  return { kind, ...shift, rounding: mode, output: formatName(spec.output) };
};

/** Fields are named one by one, here and below: their order never depends on how the value was built. */
const printLayer = (item: Layer): object => {
  if (item.kind === 'argmax') {
    const { kind, name: title, inputs, input, ties } = item;
    return { kind, name: title, inputs, input: formatName(input), ties };
  }
  return {
    kind: item.kind,
    name: item.name,
    input: formatName(item.input),
    weights: { alphabet: item.weights.alphabet, rows: rowsOf(item.weights) },
    bias: item.bias === null ? null : Array.from(item.bias),
    accumulator: formatName(item.accumulator),
    requantize: printRequantize(item.requantize),
  };
};

/** The canonical text of a network file: two-space JSON, one matrix row a line, a newline at the end. */
export const printNetwork = (network: Network): string => {
  const { format, version, name: title, input, layers, classes, provenance } = network;
  const { shape, pixel, crop, pool, shift, code } = input;
  const { tool, dataset, seed, epochs, testAccuracy, trainAccuracy } = provenance;
  const value = {
    format,
    version,
    name: title,
    input: { shape, pixel: formatName(pixel), crop, pool, shift, code: formatName(code) },
    layers: layers.map(printLayer),
    classes,
    provenance: { tool, dataset, seed, epochs, testAccuracy, trainAccuracy },
  };
  return `${JSON.stringify(value, null, 2)}\n`;
};
