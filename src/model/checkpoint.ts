// checkpoint.bin: a training run after whole epochs, in one file that is either whole and unaltered or refused.
// Layout: 8 bytes "BITSIMCK", u32 header length (little endian), JSON header, then for each layer latents, first and
// second moments as raw float32 (little endian), the same of its offsets if it has any, then the SHA-256 of everything before it.
import { createHash } from 'node:crypto';
import { z } from 'zod';
import { UserError } from '../util/errors.ts';
import { readFileWhole, writeFileWhole } from '../util/files.ts';
import { trainOptionsSchema } from './train-options.ts';
import { BACKENDS, type Checkpoint, type LayerState } from './training.ts';

const MAGIC = Buffer.from('BITSIMCK');
const DIGEST_BYTES = 32;

const headerSchema = z.strictObject({
  version: z.literal(2),
  options: trainOptionsSchema,
  backend: z.enum(BACKENDS),
  shape: z.tuple([z.int().positive(), z.int().positive()]),
  classes: z.array(z.string()),
  dataset: z.strictObject({
    name: z.string(),
    digests: z.strictObject({ train: z.string(), test: z.string() }),
  }),
  layers: z
    .array(
      z.strictObject({
        inputs: z.int().positive(),
        outputs: z.int().positive(),
        threshold: z.number(),
        offsets: z.strictObject({ unit: z.number().positive(), levels: z.int().min(1).max(15) }).nullable(),
      }),
    )
    .min(1),
  shifts: z.array(z.int()),
  logitShift: z.int(),
  history: z.array(
    z.strictObject({
      epoch: z.int(),
      loss: z.number(),
      trainAccuracy: z.number(),
      validationAccuracy: z.number().nullable(),
      lossCurve: z.array(z.number()),
    }),
  ),
});

const bytesOf = (values: Float32Array): Buffer =>
  Buffer.from(values.buffer, values.byteOffset, values.byteLength);

type LayerSize = z.infer<typeof headerSchema>['layers'][number];

const sizeOf = ({ inputs, outputs, threshold, offsets }: LayerState): LayerSize => ({
  inputs,
  outputs,
  threshold,
  offsets: offsets === null ? null : { unit: offsets.unit, levels: offsets.latents.length / outputs },
});

/** The bytes of a checkpoint file. */
export const encodeCheckpoint = (checkpoint: Checkpoint): Buffer => {
  const { layers, ...rest } = checkpoint;
  const sizes = layers.map(sizeOf);
  const header = Buffer.from(JSON.stringify({ version: 2, ...rest, layers: sizes }));
  const length = Buffer.alloc(4);
  length.writeUInt32LE(header.length);
  const parts = layers.flatMap((layer) => (layer.offsets === null ? [layer] : [layer, layer.offsets]));
  const arrays = parts.flatMap((part) => [part.latents, part.firstMoment, part.secondMoment].map(bytesOf));
  const body = Buffer.concat([MAGIC, length, header, ...arrays]);
  return Buffer.concat([body, createHash('sha256').update(body).digest()]);
};

/** Writes `checkpoint` whole or not at all. */
export const writeCheckpoint = (path: string, checkpoint: Checkpoint): void =>
  writeFileWhole(path, encodeCheckpoint(checkpoint));

const refuse = (path: string, rule: string, value: string): never => {
  throw new UserError({
    subject: `checkpoint ${path}`,
    rule,
    value,
    hint: 'train again, or use a whole copy',
    code: 'BITSIM_CHECKPOINT',
  });
};

const readLayers = (
  body: Buffer,
  start: number,
  sizes: readonly LayerSize[],
): { layers: LayerState[]; end: number } => {
  let at = start;
  const take = (count: number): Float32Array => {
    const bytes = Uint8Array.from(body.subarray(at, at + count * 4));
    at += count * 4;
    return new Float32Array(bytes.buffer, 0, Math.floor(bytes.length / 4));
  };
  const state = (size: number) => ({
    latents: take(size),
    firstMoment: take(size),
    secondMoment: take(size),
  });
  const layers = sizes.map(({ inputs, outputs, threshold, offsets }) => ({
    inputs,
    outputs,
    threshold,
    ...state(inputs * outputs),
    offsets: offsets === null ? null : { unit: offsets.unit, ...state(offsets.levels * outputs) },
  }));
  return { layers, end: at };
};

/** undefined when `text` is not JSON. */
const parseJson = (text: string): unknown => {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
};

/** Reads a checkpoint. Throws UserError when it is missing, cut off, altered or of another version. */
export const readCheckpoint = (path: string): Checkpoint => {
  const file = readFileWhole(path, 'checkpoint');
  const body = file.subarray(0, Math.max(0, file.length - DIGEST_BYTES));
  if (body.length < 12 || !body.subarray(0, 8).equals(MAGIC))
    refuse(path, 'be a bitsim checkpoint', 'something else');
  const digest = createHash('sha256').update(body).digest();
  if (!digest.equals(file.subarray(body.length)))
    refuse(path, 'be whole and unaltered', 'a file whose digest differs');
  const headerEnd = 12 + body.readUInt32LE(8);
  const parsed = headerSchema.safeParse(parseJson(body.subarray(12, headerEnd).toString('utf8')));
  if (!parsed.success)
    return refuse(
      path,
      'have a header of this version',
      parsed.error.issues[0]!.path.join('.') || 'something else',
    );
  const { version: _, layers: sizes, ...header } = parsed.data;
  const { layers, end } = readLayers(body, headerEnd, sizes);
  if (end !== body.length)
    refuse(path, 'hold exactly the weights of its header', `${body.length - end} bytes more`);
  return { ...header, layers };
};
