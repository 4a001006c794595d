// Inspection of a run: its network over its test images.
import { readNetwork } from '../layers/validate.ts';
import { denseLayers, type Network } from '../model/network.ts';
import { thousands } from '../report/format.ts';
import { inspect, type LayerInspection } from '../sim/inspect.ts';
import type { Context } from './command.ts';
import { checkShape } from './design.ts';
import { loadRunData } from './run-data.ts';
import { findRun, type RunPaths } from './run-folder.ts';
import { readManifest } from './run-manifest.ts';

export interface InspectRequest {
  readonly run?: string | undefined;
  readonly data?: string | undefined;
  /** First N test images; default all. */
  readonly images?: number | undefined;
}

export interface InspectResult {
  readonly paths: RunPaths;
  readonly network: Network;
  readonly images: number;
  readonly layers: readonly LayerInspection[];
}

export const inspectRun = (request: InspectRequest, { terminal }: Context): InspectResult => {
  const paths = findRun(request.run);
  const network = readNetwork(paths.network);
  terminal.note(`run: ${paths.folder} (${network.name}, ${denseLayers(network).length} dense layers)`);
  const manifest = request.data === undefined ? readManifest(paths) : undefined;
  const images = loadRunData(manifest, request.data, ['test']).test;
  checkShape(network, images);
  const count = Math.min(request.images ?? images.count, images.count);
  const progress = terminal.progress('inspect');
  const layers = inspect(network, images, count, (done) => progress.update(done / count));
  progress.done(`${thousands(count)} images evaluated`);
  return { paths, network, images: count, layers };
};
