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

const refuseLabels = (name: string, split: string, rule: string, value: string | number): never => {
  throw new UserError({
    subject: `data ${name}: ${split} labels`,
    rule,
    value,
    hint: 'is a label file damaged, or does it belong to other images?',
    code: 'BITSIM_DATA_LABEL',
  });
};

/** Images of each label. */
const tally = (labels: Uint8Array): Uint32Array => {
  const counts = new Uint32Array(256);
  for (const label of labels) counts[label]!++;
  return counts;
};

/** A label this many times rarer than the mean class, and never tested, is taken for damage. */
const RARE = 100;

/** Names of the classes, 0 to the highest training label. Labels that can hardly be meant are refused. */
const classesOf = (name: string, trainLabels: Uint8Array, testLabels: Uint8Array): string[] => {
  const [train, test] = [tally(trainLabels), tally(testLabels)];
  const used = Array.from(train.keys()).filter((label) => train[label]! > 0);
  const mean = trainLabels.length / used.length;
  const credible = (label: number): boolean => test[label]! > 0 || train[label]! * RARE >= mean;
  const highest = used.filter(credible).at(-1) ?? 0;
  const stray = used.find((label) => !credible(label));
  if (stray !== undefined) {
    const share = `${stray} (${train[stray]} of ${trainLabels.length} training images, no test image)`;
    refuseLabels(name, 'training', `be 0..${highest}`, share);
  }
  if (highest >= 2 * used.length)
    refuseLabels(name, 'training', `have images of most classes 0..${highest}`, `of ${used.length}`);
  if (highest === 0) refuseLabels(name, 'training', 'name two classes or more', 'all 0');
  const unknown = testLabels.find((label) => label > highest);
  if (unknown !== undefined)
    refuseLabels(name, 'test', `be 0..${highest}, the classes of the training labels`, unknown);
  return Array.from({ length: highest + 1 }, (_, i) => String(i));
};

const create = (name: string, train: LabelledImages, test: LabelledImages): Dataset => {
  if (train.height !== test.height || train.width !== test.width) {
    throw new UserError({
      subject: `data ${name}: test images`,
      rule: `be ${train.height} x ${train.width} like the training images`,
      value: `${test.height} x ${test.width}`,
      code: 'BITSIM_DATA_SHAPE',
    });
  }
  const classes = classesOf(name, train.labels, test.labels);
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
