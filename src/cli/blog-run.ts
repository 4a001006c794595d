// `bitsim train --recipe blog`: the experiment over several seeds. Each finished seed is written at once, so a stopped run
// loses one seed at most; --resume does the missing ones. It writes blog.json, never a network: there is nothing to emit.
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import { loadDataset } from '../data/index.ts';
import type { BackendName } from '../model/training.ts';
import { percent, thousands } from '../report/format.ts';
import { table } from '../report/table.ts';
import { confusionTable } from '../report/training.ts';
import { selectBackend } from '../train/backend.ts';
import { type BlogOptions, blogOptions } from '../train/blog/options.ts';
import { type BlogResult, runBlog } from '../train/blog/run.ts';
import { UserError } from '../util/errors.ts';
import { readFileWhole, writeFileWhole } from '../util/files.ts';
import type { Context } from './command.ts';
import { BLOG_FILE, freshFolder, requireWritable } from './run-folder.ts';
import { toolName } from './version.ts';

export const BLOG_REASON =
  'float activations, and a scale taken from the whole batch: no integer network computes this, so nothing can be emitted';

export interface BlogRequest {
  readonly changes: readonly string[];
  readonly options: Partial<Pick<BlogOptions, 'epochs' | 'batch'>>;
  readonly data?: string | undefined;
  readonly seed: number;
  readonly seeds: number;
  readonly backend: BackendName | 'auto';
  readonly out?: string | undefined;
  readonly force: boolean;
  readonly resume?: string | true | undefined;
}

interface BlogFile {
  readonly format: 'bitsim-blog';
  readonly version: 1;
  readonly tool: string;
  readonly node: string;
  readonly tfjs: string;
  readonly backend: string;
  readonly note: string;
  readonly data: { readonly name: string; readonly train: string; readonly test: string };
  readonly changes: readonly string[];
  readonly options: BlogOptions;
  readonly results: readonly BlogResult[];
}

const known = z.looseObject({
  format: z.literal('bitsim-blog'),
  data: z.looseObject({ train: z.string(), test: z.string() }),
  options: z.looseObject({}),
  results: z.array(z.looseObject({ seed: z.int() })),
});

const refuse = (folder: string, rule: string, value: string, hint: string): never => {
  throw new UserError({
    subject: `output folder ${folder}`,
    rule,
    value,
    hint,
    code: 'BITSIM_RUN_EXISTS',
  });
};

const readKnown = (path: string, folder: string): BlogFile => {
  let json: unknown;
  try {
    json = JSON.parse(readFileWhole(path, 'experiment').toString('utf8'));
  } catch (error) {
    if (error instanceof UserError) throw error;
  }
  if (known.safeParse(json).success) return json as BlogFile;
  return refuse(folder, `hold a whole ${BLOG_FILE}`, 'a damaged one', 'begin again with --force');
};

/** Seeds that were done before, when `resume` asks for them and everything else is the same. */
const doneBefore = (folder: string, request: BlogRequest, fresh: BlogFile): readonly BlogResult[] => {
  const path = join(folder, BLOG_FILE);
  if (!existsSync(path) || request.force) return [];
  if (request.resume === undefined) {
    return refuse(
      folder,
      'not hold a run already',
      'one of --recipe blog',
      `go on with --resume ${folder}, or replace it with --force`,
    );
  }
  const before = readKnown(path, folder);
  const same =
    JSON.stringify(before.options) === JSON.stringify(fresh.options) &&
    JSON.stringify(before.data) === JSON.stringify(fresh.data) &&
    before.backend === fresh.backend;
  if (same) return before.results;
  return refuse(
    folder,
    'have been begun with these options, data and backend',
    'others',
    'use another --out',
  );
};

const mean = (values: readonly number[]): number => values.reduce((sum, x) => sum + x, 0) / values.length;

const reportOf = ({ results, changes }: BlogFile): string => {
  const rows = results.map(({ seed, test, epochs }) => [
    String(seed),
    percent(test.accuracy),
    percent(test.macro.precision),
    percent(test.macro.recall),
    String(epochs.at(-1)!.liveClasses),
    epochs.map(({ testAccuracy }) => (testAccuracy * 100).toFixed(1)).join(' '),
  ]);
  rows.push([
    'mean',
    percent(mean(results.map(({ test }) => test.accuracy))),
    percent(mean(results.map(({ test }) => test.macro.precision))),
    percent(mean(results.map(({ test }) => test.macro.recall))),
    '',
    '',
  ]);
  const middle = [...results].sort((a, b) => a.test.accuracy - b.test.accuracy)[results.length >> 1]!;
  return [
    `experiment of the blog${changes.length === 0 ? '' : `, changed: ${changes.join(', ')}`}`,
    table(['seed', 'accuracy', 'precision', 'recall', 'live classes', 'by epoch'], rows, [0, 1, 2, 3, 4]),
    '',
    `confusion matrix of seed ${middle.seed}, the median (rows: label, columns: what the net said)`,
    confusionTable(middle.test),
    '',
    'not for hardware:',
    ...BLOG_REASON.split(': ').map((line) => `  ${line}`),
    'what makes it stall: docs/why-70-percent.md',
  ].join('\n');
};

const begin = (
  request: BlogRequest,
  options: BlogOptions,
  dataset: ReturnType<typeof loadDataset>,
  backend: { readonly name: string; readonly version: string },
): BlogFile => ({
  format: 'bitsim-blog',
  version: 1,
  tool: toolName(),
  node: process.version,
  tfjs: backend.version,
  backend: backend.name,
  note: BLOG_REASON,
  data: { name: dataset.name, ...dataset.digests },
  changes: request.changes,
  options,
  results: [],
});

/** Runs the experiment and writes its results after every seed. */
export const blogRun = async (
  request: BlogRequest,
  context: Context,
): Promise<{ report: string; json: object }> => {
  const { terminal } = context;
  const options = blogOptions(request.changes, request.options);
  const dataset = loadDataset(request.data);
  const resumed = typeof request.resume === 'string' ? request.resume : undefined;
  const folder = resumed ?? request.out ?? freshFolder('blog');
  const backend = await selectBackend(request.backend);
  const fresh = begin(request, options, dataset, backend);
  const before = doneBefore(folder, request, fresh);
  requireWritable(folder);
  terminal.note(`backend: tfjs ${backend.version} ${backend.name}`);
  terminal.note(
    `data: ${dataset.name}, ${thousands(dataset.train.count)} training and ${thousands(dataset.test.count)} test images`,
  );
  terminal.note(`run: ${folder}; not for hardware: ${BLOG_REASON}`);
  let file: BlogFile = { ...fresh, results: before };
  context.interrupts.advise(
    () =>
      `${file.results.length} of ${request.seeds} seeds are saved; go on with the same command and --resume ${folder}`,
  );
  for (let seed = request.seed; seed < request.seed + request.seeds; seed++) {
    if (file.results.some((result) => result.seed === seed)) continue;
    const progress = terminal.progress(`seed ${seed}`);
    const result = await runBlog(options, dataset, seed, (share, text) => progress.update(share, text));
    progress.done(`${percent(result.test.accuracy)} of ${thousands(dataset.test.count)} test images`);
    file = { ...file, results: [...file.results, result] };
    writeFileWhole(join(folder, BLOG_FILE), `${JSON.stringify(file, null, 2)}\n`);
  }
  return {
    report: `${reportOf(file)}\nwritten: ${join(folder, BLOG_FILE)}`,
    json: { command: 'train', recipe: 'blog', run: folder, ...file },
  };
};
