// How a command was told to fold: by options, or by a folding file.
import type { FoldingRequest } from '../arch/folded/plan.ts';
import { parseFolding } from '../model/folding-file.ts';
import { readFileWhole } from '../util/files.ts';

export interface FoldingChoice extends Omit<FoldingRequest, 'layers'> {
  /** A folding file; then pe, simd, pipeline, packing and skipZeros are undefined. */
  readonly planFile?: string | undefined;
}

/** What `planFolded` is asked. Throws UserError when the file is missing or malformed. */
export const resolveFolding = ({
  pe,
  simd,
  pipeline,
  packing,
  skipZeros,
  planFile,
}: FoldingChoice): FoldingRequest => {
  if (planFile === undefined) return { pe, simd, pipeline, packing, skipZeros };
  const file = parseFolding(readFileWhole(planFile, 'folding file').toString('utf8'), planFile);
  return {
    layers: file.layers.map(({ layer }) => layer),
    pe: file.layers.map((layer) => layer.pe),
    simd: file.layers.map((layer) => layer.simd),
    pipeline: file.layers.map((layer) => layer.pipeline ?? 0),
    packing: file.packing,
    skipZeros: file.layers.map((layer) => layer.skipZeros ?? 'off'),
  };
};
