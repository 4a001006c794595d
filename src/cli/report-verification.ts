// verify.json of a run as rows, and whether they are about the network that is there now.
import { existsSync } from 'node:fs';
import { z } from 'zod';
import type { Comparison } from '../report/page/view.ts';
import { readFileWhole } from '../util/files.ts';
import type { RunPaths } from './run-folder.ts';

const count = z.int().min(0);
const pair = z.object({
  left: z.string(),
  right: z.string(),
  images: count,
  values: count,
  mismatches: count,
});
const cycles = z.object({ latency: count, interval: count.nullable() });
const run = z.object({
  version: z.string(),
  equal: z.boolean(),
  images: count,
  codes: count,
  logits: count,
  classes: count,
});

/** What is read of the file. */
const schema = z.object({
  format: z.literal('bitsim-verification'),
  network: z.object({ sha256: z.string() }),
  weights: z.object({ values: count, mismatches: count, structure: z.string().nullable() }).nullable(),
  graph: z.object({
    backend: z.string().nullable().optional(),
    left: z.string().optional(),
    right: z.string().optional(),
    images: count.optional(),
    values: count.optional(),
    mismatches: count.optional(),
    engine: z.string().nullable().optional(),
    reference: pair.nullable().optional(),
  }),
  rtl: z.array(run.extend({ simulator: z.string(), predicted: cycles, measured: cycles.nullable() })),
  hls: run.extend({ compiler: z.string() }).nullable(),
  c: run.extend({ compiler: z.string() }).nullish(),
  missing: z.array(z.string()).optional(),
});

type File = z.output<typeof schema>;
type RtlRun = File['rtl'][number];

const valuesOf = ({ codes, logits, classes }: z.output<typeof run>): number => codes + logits + classes;

/** One run without stalls: latency and, from three images on, interval. */
const cyclesRow = ({ simulator, version, predicted, measured }: RtlRun): Comparison[] =>
  measured === null
    ? []
    : [
        {
          what: 'predicted cycles = RTL, without stalls',
          images: null,
          values: measured.interval === null ? 1 : 2,
          equal:
            measured.latency === predicted.latency &&
            (measured.interval === null || measured.interval === predicted.interval),
          tool: `${simulator} ${version}`,
        },
      ];

const rtlRows = (one: RtlRun): Comparison[] => [
  {
    what: 'simulator = RTL, with random stalls',
    images: one.images,
    values: valuesOf(one),
    equal: one.equal,
    tool: `${one.simulator} ${one.version}`,
  },
  ...cyclesRow(one),
];

const programRow = (what: string, result: File['hls']): Comparison[] => {
  if (result === null) return [];
  const { images, equal, compiler, version } = result;
  return [{ what, images, values: valuesOf(result), equal, tool: `${compiler} ${version}` }];
};

const rows = ({ weights, graph, rtl, hls, c }: File): Comparison[] => [
  ...(weights === null
    ? []
    : [
        {
          what: 'network file = trained weights',
          images: null,
          values: weights.values,
          equal: weights.mismatches === 0 && weights.structure === null,
          tool: 'checkpoint.bin',
        },
      ]),
  ...(graph.reference == null
    ? []
    : [
        {
          what: `${graph.reference.left} = ${graph.reference.right}`,
          images: graph.reference.images,
          values: graph.reference.values,
          equal: graph.reference.mismatches === 0,
          tool: graph.engine ?? '',
        },
      ]),
  ...(graph.values === undefined
    ? []
    : [
        {
          what: `${graph.left} = ${graph.right}`,
          images: graph.images ?? null,
          values: graph.values,
          equal: graph.mismatches === 0,
          tool: graph.backend ?? '',
        },
      ]),
  ...rtl.flatMap(rtlRows),
  ...programRow('simulator = HLS C++', hls),
  ...programRow('simulator = C', c ?? null),
];

/** Rows of verify.json; a note says why there are none. What was verified of another network is not shown. */
export const comparisonsOf = (
  paths: RunPaths,
  digest: string,
): { readonly comparisons: readonly Comparison[]; readonly note: string | null } => {
  if (!existsSync(paths.verification)) {
    return { comparisons: [], note: 'Not verified yet: bitsim verify compares every value.' };
  }
  let parsed: ReturnType<typeof schema.safeParse>;
  try {
    parsed = schema.safeParse(JSON.parse(readFileWhole(paths.verification, 'verification').toString('utf8')));
  } catch {
    return { comparisons: [], note: 'verify.json is no JSON: run bitsim verify again.' };
  }
  if (!parsed.success)
    return { comparisons: [], note: 'verify.json is of another version: run bitsim verify again.' };
  if (parsed.data.network.sha256 !== digest)
    return { comparisons: [], note: 'verify.json is about another network: run bitsim verify again.' };
  const missing = parsed.data.missing ?? [];
  const note = missing.length === 0 ? null : `Not compared, for want of a tool: ${missing.join('; ')}.`;
  return { comparisons: rows(parsed.data), note };
};
