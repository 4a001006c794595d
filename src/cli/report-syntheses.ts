// The reports of `bitsim synth` that lie in a run's folder, beside what was estimated for the same folding.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { estimate } from '../arch/folded/estimate.ts';
import { planFolded } from '../arch/folded/plan.ts';
import type { Network } from '../model/network.ts';
import type { SynthesisSummary } from '../report/page/view.ts';
import { DEVICES } from '../synth/devices.ts';
import { readFileWhole } from '../util/files.ts';

const count = z.number().min(0);

/** What is read of a report; what else it holds is for people. */
const schema = z.object({
  format: z.literal('bitsim-synthesis'),
  networkSha256: z.string(),
  device: z.string(),
  folding: z.array(
    z.object({
      layer: z.string(),
      pe: z.int().min(1),
      simd: z.int().min(1),
      pipeline: z.int().min(0).default(0),
      packing: z.string(),
      skipZeros: z.enum(['off', 'on']).default('off'),
    }),
  ),
  cycles: z.object({ interval: count }),
  cells: z.object({ luts: count, flipFlops: count, blockRams: count, dsps: count, carries: count }),
  fmax: z.number().nullable(),
  imagesPerSecond: z.number().nullable(),
  tools: z.object({ yosys: z.string(), nextpnr: z.string().nullable() }),
});

type Report = z.output<typeof schema>;

const summary = (report: Report, network: Network, digest: string): SynthesisSummary | undefined => {
  const { device, folding, cycles, cells, fmax, imagesPerSecond, tools } = report;
  const family = DEVICES.find(({ name }) => name === device)?.family;
  const stale = report.networkSha256 !== digest;
  if (family === undefined) return undefined;
  const [pe, simd] = [folding.map((layer) => layer.pe), folding.map((layer) => layer.simd)];
  const pipeline = folding.map((layer) => layer.pipeline);
  const base3 = folding.some(({ packing }) => packing === 'base3');
  // a folding of another network may not divide this one's layers
  const packing = base3 ? 'auto' : '2bit';
  const skipZeros = folding.map((layer) => layer.skipZeros);
  const plan = stale ? undefined : planFolded(network, { pe, simd, pipeline, packing, skipZeros });
  return {
    device,
    folding: folding.map((layer) => `${layer.pe} x ${layer.simd}`).join(', '),
    cells,
    estimate: plan === undefined ? null : estimate(network, plan.layers, family),
    interval: cycles.interval,
    fmax,
    imagesPerSecond,
    tools: [`Yosys ${tools.yosys}`, ...(tools.nextpnr === null ? [] : [`nextpnr ${tools.nextpnr}`])].join(
      ', ',
    ),
    stale,
  };
};

const read = (path: string): Report | undefined => {
  try {
    const parsed = schema.safeParse(JSON.parse(readFileWhole(path, 'report').toString('utf8')));
    return parsed.success ? parsed.data : undefined;
  } catch {
    return undefined;
  }
};

/** Reports under `folder`, by device; files that are none are left out. */
export const syntheses = (folder: string, network: Network, digest: string): SynthesisSummary[] =>
  readdirSync(folder)
    .filter((name) => name.startsWith('synth-'))
    .sort()
    .flatMap((name) => read(join(folder, name, 'report.json')) ?? [])
    .flatMap((report) => summary(report, network, digest) ?? []);
