// A small data set read from IDX files, for tests that train: 400 training images of 6 x 6 in 4 easy classes.
import { loadDataset } from '../../src/data/index.ts';
import type { Dataset } from '../../src/model/dataset.ts';
import { temporaryFolder } from './emitted.ts';
import { type IdxOptions, writeIdxFolder } from './idx.ts';

export const smallDataset = (options?: IdxOptions): Dataset => {
  const folder = temporaryFolder();
  writeIdxFolder(folder, options);
  return loadDataset(folder);
};
