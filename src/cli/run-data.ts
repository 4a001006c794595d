// The data of a run, loaded again: from the folder that its manifest names (or the one the user names now), and held
// against the digests that were recorded.
import { loadDataset } from '../data/index.ts';
import type { Dataset } from '../model/dataset.ts';
import { UserError } from '../util/errors.ts';
import type { RunManifest } from './run-manifest.ts';

type Split = 'train' | 'test';

const differ = (
  split: Split,
  manifest: RunManifest,
  dataset: Dataset,
  override: string | undefined,
): UserError =>
  new UserError({
    subject: `data ${dataset.name}: ${split} images`,
    rule: `be those that the run was trained with (sha256 ${manifest.data[split].sha256.slice(0, 12)}...)`,
    value: `others (sha256 ${dataset.digests[split].slice(0, 12)}...)`,
    hint:
      override === undefined
        ? 'name the folder of the original data with --data'
        : `the run used ${manifest.data.folder ?? 'the embedded digits'}`,
    code: 'BITSIM_DATA_DIGEST',
  });

/** Throws UserError when one of `splits` is not what the manifest records. */
export const checkDigests = (
  manifest: RunManifest,
  dataset: Dataset,
  override: string | undefined,
  splits: readonly Split[],
): void => {
  const wrong = splits.find((split) => manifest.data[split].sha256 !== dataset.digests[split]);
  if (wrong !== undefined) throw differ(wrong, manifest, dataset, override);
};

/** The data of a run; without a manifest, `override` or the embedded digits. Splits in `check` must match. */
export const loadRunData = (
  manifest: RunManifest | undefined,
  override: string | undefined,
  check: readonly Split[],
): Dataset => {
  const dataset = loadDataset(override ?? manifest?.data.folder ?? undefined);
  if (manifest !== undefined) checkDigests(manifest, dataset, override, check);
  return dataset;
};
