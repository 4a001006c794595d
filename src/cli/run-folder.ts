// Run folders: where a run's files lie, which run is the latest, and where a new one may go. A finished run holds
// network.json; a run that can be resumed holds manifest.json and, after its first epoch, checkpoint.bin.
import { accessSync, constants, existsSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { UserError } from '../util/errors.ts';
import { makeFolder } from '../util/files.ts';

export const OUT = 'out';
/** What `train --recipe blog` writes: an experiment, not a network. */
export const BLOG_FILE = 'blog.json';
const SEARCH_DEPTH = 3;

export interface RunPaths {
  readonly folder: string;
  readonly network: string;
  readonly metrics: string;
  readonly manifest: string;
  readonly checkpoint: string;
  readonly verification: string;
}

export const runPaths = (folder: string): RunPaths => ({
  folder,
  network: join(folder, 'network.json'),
  metrics: join(folder, 'metrics.json'),
  manifest: join(folder, 'manifest.json'),
  checkpoint: join(folder, 'checkpoint.bin'),
  verification: join(folder, 'verify.json'),
});

/** How a run is named on the command line: its folder, or its network file where that has another name. */
export const nameOfRun = ({ folder, network }: RunPaths): string =>
  network === join(folder, 'network.json') ? folder : network;

const subfolders = (folder: string): string[] => {
  try {
    return readdirSync(folder, { withFileTypes: true })
      .filter((entry) => entry.isDirectory() && !entry.name.startsWith('.'))
      .map((entry) => join(folder, entry.name));
  } catch {
    return [];
  }
};

const foldersWith = (file: string, folder: string, depth = SEARCH_DEPTH): string[] => {
  const here = existsSync(join(folder, file)) ? [folder] : [];
  return depth === 0
    ? here
    : [...here, ...subfolders(folder).flatMap((f) => foldersWith(file, f, depth - 1))];
};

const newestFirst = (folders: readonly string[], file: string): string[] => {
  const times = new Map(folders.map((folder) => [folder, statSync(join(folder, file)).mtimeMs]));
  return [...folders].sort((a, b) => times.get(b)! - times.get(a)! || (a < b ? 1 : -1));
};

/** The run with the newest network.json under out/. */
export const latestRun = (): RunPaths => {
  const newest = newestFirst(foldersWith('network.json', OUT), 'network.json')[0];
  if (newest !== undefined) return runPaths(newest);
  throw new UserError({
    subject: 'RUN',
    rule: `be named, or a finished run be there under ${OUT}/`,
    hint: 'train one first: bitsim train --preset demo',
    code: 'BITSIM_RUN_NONE',
  });
};

/** The newest run under out/ that training began; the ones without network.json first. */
export const latestUnfinishedRun = (isRun: (paths: RunPaths) => boolean): RunPaths => {
  const begun = newestFirst(foldersWith('manifest.json', OUT), 'manifest.json').map(runPaths).filter(isRun);
  const found = begun.find((paths) => !existsSync(paths.network)) ?? begun[0];
  if (found !== undefined) return found;
  throw new UserError({
    subject: '--resume',
    rule: `name a run, or one be there under ${OUT}/`,
    hint: 'start one: bitsim train',
    code: 'BITSIM_RUN_NONE',
  });
};

/** The run at `path`: its folder, or its network.json. Throws when there is no network. */
export const findRun = (path: string | undefined): RunPaths => {
  if (path === undefined) return latestRun();
  const isFile = existsSync(path) && statSync(path).isFile();
  const paths = runPaths(isFile ? dirname(path) : path);
  const network = isFile ? path : paths.network;
  if (existsSync(network)) return { ...paths, network };
  if (existsSync(join(paths.folder, BLOG_FILE))) {
    throw new UserError({
      subject: `run ${path}`,
      rule: 'be a network of integers',
      value: 'the experiment of --recipe blog (float activations, a scale from the whole batch)',
      hint: 'train without --recipe: the default recipe reaches what this one does not',
      code: 'BITSIM_RUN_BLOG',
    });
  }
  const unfinished = existsSync(paths.checkpoint) || existsSync(paths.manifest);
  throw new UserError({
    subject: `run ${path}`,
    rule: 'hold network.json',
    value: existsSync(path) ? 'a folder without one' : 'a missing folder',
    hint: unfinished ? `finish it: bitsim train --resume ${path}` : 'bitsim train --out writes one',
    code: 'BITSIM_RUN_MISSING',
  });
};

/** A name for networks and folders made from free text: letters, digits, `-` and `_`, a letter first. */
export const nameFrom = (free: string): string => {
  const cleaned = free.replace(/[^A-Za-z0-9_-]+/g, '-').replace(/^-+|-+$/g, '');
  return (/^[A-Za-z]/.test(cleaned) ? cleaned : `net-${cleaned}`).slice(0, 64).replace(/-+$/, '');
};

export const nameOfFolder = (folder: string): string => nameFrom(basename(folder));

const isFree = (folder: string): boolean => {
  try {
    return readdirSync(folder).length === 0;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'ENOENT';
  }
};

/** out/name, or out/name-2, out/name-3... : the first that does not exist yet or is empty. */
export const freshFolder = (name: string): string => {
  for (let count = 1; ; count++) {
    const folder = join(OUT, count === 1 ? name : `${name}-${count}`);
    if (isFree(folder)) return folder;
  }
};

/** Creates `folder` and makes sure that files can be written into it. Throws UserError otherwise. */
export const requireWritable = (folder: string): void => {
  makeFolder(folder);
  const probe = join(folder, `.bitsim-${process.pid}`);
  try {
    accessSync(folder, constants.W_OK);
    writeFileSync(probe, 'bitsim');
    rmSync(probe);
  } catch (error) {
    rmSync(probe, { force: true });
    throw new UserError({
      subject: `output folder ${folder}`,
      rule: 'be writable',
      value: (error as NodeJS.ErrnoException).code,
      hint: 'choose another with --out, or free some space',
      code: 'BITSIM_FILE_WRITE',
      cause: error,
    });
  }
};
