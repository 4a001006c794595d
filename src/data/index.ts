// Where data comes from: a folder of IDX files, or the digits that ship with the tool.
import { createHash } from 'node:crypto';
import { basename, resolve } from 'node:path';
import type { Dataset, LabelledImages } from '../model/dataset.ts';
import { UserError } from '../util/errors.ts';
import { embeddedDigits } from './embedded.ts';
import { readIdxPair } from './idx.ts';

/** Name of the embedded data in reports and manifests. */
export const EMBEDDED = 'mnist-embedded';

const digest = ({ pixels, labels }: LabelledImages): string =>
  createHash('sha256').update(pixels).update(labels).digest('hex');

const create = (name: string, train: LabelledImages, test: LabelledImages): Dataset => {
  if (train.height !== test.height || train.width !== test.width) {
    throw new UserError({
      subject: `data ${name}: test images`,
      rule: `be ${train.height} x ${train.width} like the training images`,
      value: `${test.height} x ${test.width}`,
      code: 'BITSIM_DATA_SHAPE',
    });
  }
  const highest = train.labels.reduce((high, label) => Math.max(high, label), 0);
  const stray = test.labels.find((label) => label > highest);
  if (stray !== undefined) {
    throw new UserError({
      subject: `data ${name}: test labels`,
      rule: `be 0..${highest}, the classes of the training labels`,
      value: stray,
      code: 'BITSIM_DATA_LABEL',
    });
  }
  const classes = Array.from({ length: highest + 1 }, (_, i) => String(i));
  return { name, train, test, classes, digests: { train: digest(train), test: digest(test) } };
};

/** Loads the IDX files in `folder`, or the embedded digits when no folder is given. */
export const loadDataset = (folder?: string): Dataset => {
  if (folder === undefined) {
    const { train, test } = embeddedDigits();
    return create(EMBEDDED, train, test);
  }
  return create(basename(resolve(folder)), readIdxPair(folder, 'train'), readIdxPair(folder, 't10k'));
};
