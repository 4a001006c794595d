// Folding files: how a design is folded and packed, chosen by `bitsim plan`, edited by hand, read by `--plan FILE`.
import { z } from 'zod';
import { UserError } from '../util/errors.ts';

export const FOLDING_FORMAT = 'bitsim-folding';
export const FOLDING_VERSION = 1;

const size = z.int().min(1);

const schema = z.strictObject({
  format: z.literal(FOLDING_FORMAT),
  version: z.literal(FOLDING_VERSION),
  /** The net it was made for: a reminder, not a rule. */
  network: z.string().optional(),
  layers: z
    .array(
      z.strictObject({
        layer: z.string(),
        pe: size,
        simd: size,
        /** Registers within the select-add trees. */
        pipeline: z.int().min(0).optional(),
        /** Whether words of zeros are skipped; default off. */
        skipZeros: z.enum(['off', 'on', 'auto']).optional(),
      }),
    )
    .min(1),
  packing: z.enum(['auto', '2bit', 'base3']).default('auto'),
});

export type FoldingFile = z.output<typeof schema>;

const refuse = (source: string, message: string, cause?: unknown): never => {
  throw new UserError({
    subject: `folding file ${source}`,
    rule: `be a ${FOLDING_FORMAT} file of version ${FOLDING_VERSION}`,
    value: message,
    hint: 'bitsim plan --out FILE writes one',
    code: 'BITSIM_FOLDING_FILE',
    cause,
  });
};

const parseJson = (text: string, source: string): unknown => {
  try {
    return JSON.parse(text);
  } catch (error) {
    return refuse(source, (error as Error).message, error);
  }
};

/** Reads a folding file. Throws UserError naming the field that is wrong. */
export const parseFolding = (text: string, source: string): FoldingFile => {
  const result = schema.safeParse(parseJson(text, source));
  if (result.success) return result.data;
  const issue = result.error.issues[0]!;
  return refuse(source, `${issue.path.join('.') || 'file'}: ${issue.message}`);
};

/** The file's text: one line a layer, so that it can be edited and compared. */
export const formatFolding = ({ network, layers, packing }: FoldingFile): string => {
  const lines = layers.map(({ layer, pe, simd, pipeline = 0, skipZeros = 'off' }) => {
    const registers = pipeline === 0 ? '' : `, "pipeline": ${pipeline}`;
    const skips = skipZeros === 'off' ? '' : `, "skipZeros": "${skipZeros}"`;
    return `    { "layer": ${JSON.stringify(layer)}, "pe": ${pe}, "simd": ${simd}${registers}${skips} }`;
  });
  return [
    '{',
    `  "format": "${FOLDING_FORMAT}",`,
    `  "version": ${FOLDING_VERSION},`,
    ...(network === undefined ? [] : [`  "network": ${JSON.stringify(network)},`]),
    '  "layers": [',
    lines.join(',\n'),
    '  ],',
    `  "packing": "${packing}"`,
    '}',
    '',
  ].join('\n');
};
