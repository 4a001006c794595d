// Measures the tables of docs/why-70-percent.md: the experiment of the blog, and single changes to it, with
// `bitsim train --recipe blog`. Keeps what it found in bench/results/why-70.json, and writes the tables from that file.
//   npx tsx bench/why-70.ts [--data DIR [CHANGES ...]]      CHANGES as for --change, `none` for the experiment itself
import { execFileSync } from 'node:child_process';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

interface Run {
  readonly changes: string;
  readonly epochs: number;
  readonly seeds: number;
}

const RUNS: readonly Run[] = [
  { changes: 'none', epochs: 10, seeds: 4 },
  { changes: 'logits/32', epochs: 5, seeds: 2 },
  { changes: 'no-softmax', epochs: 5, seeds: 2 },
  { changes: 'lr-1e-3', epochs: 5, seeds: 2 },
  { changes: 'float', epochs: 5, seeds: 1 },
  { changes: 'adam,lr-1e-3', epochs: 5, seeds: 1 },
  { changes: 'ternary', epochs: 5, seeds: 1 },
  { changes: 'no-rescale', epochs: 5, seeds: 1 },
  { changes: 'row-rescale', epochs: 5, seeds: 1 },
  { changes: 'no-softmax,adam,lr-1e-3,cosine', epochs: 5, seeds: 1 },
  { changes: 'float,no-softmax,adam,lr-1e-3,cosine', epochs: 5, seeds: 1 },
];

interface Epoch {
  readonly loss: number;
  readonly testAccuracy: number;
  readonly liveClasses: number;
  readonly certain: number;
  readonly dead: number;
  readonly deadWrong: number;
}
interface Seed {
  readonly seed: number;
  readonly epochs: readonly Epoch[];
}
interface Result {
  readonly changes: string;
  readonly tools: string;
  readonly seeds: readonly Seed[];
}

const FILE = 'bench/results/why-70.json';
const PAGE = 'docs/why-70-percent.md';
const known = (): Result[] => (existsSync(FILE) ? (JSON.parse(readFileSync(FILE, 'utf8')) as Result[]) : []);

const measure = ({ changes, epochs, seeds }: Run, data: string): Result => {
  const out = join('out/bench', `blog-${changes.replaceAll(/[/,]/g, '-')}`);
  const args = ['train', '--recipe', 'blog', '--data', data, '--epochs', `${epochs}`, '--seeds', `${seeds}`];
  const change = changes === 'none' ? [] : ['--change', changes];
  const resume = existsSync(join(out, 'blog.json')) ? ['--resume', out] : ['--out', out];
  console.error(`measuring ${changes}`);
  execFileSync(process.execPath, ['dist/cli/main.js', ...args, ...change, ...resume], { stdio: 'ignore' });
  const file = JSON.parse(readFileSync(join(out, 'blog.json'), 'utf8')) as {
    results: Seed[];
    node: string;
    tfjs: string;
    backend: string;
  };
  return {
    changes,
    tools: `Node ${file.node}, tfjs ${file.tfjs} ${file.backend}`,
    seeds: file.results.map(({ seed, epochs: all }) => ({ seed, epochs: all })),
  };
};

const keep = (result: Result): void => {
  const order = RUNS.map(({ changes }) => changes);
  const all = [...known().filter(({ changes }) => changes !== result.changes), result];
  all.sort((a, b) => order.indexOf(a.changes) - order.indexOf(b.changes));
  mkdirSync('bench/results', { recursive: true });
  writeFileSync(FILE, `${JSON.stringify(all, null, 1)}\n`);
};

const percent = (share: number): string => (share * 100).toFixed(1);

/** One line a seed: accuracy and live classes by epoch, and the last epoch's softmax and gradients. */
const lines = ({ changes, seeds }: Result): string[] =>
  seeds.map(({ seed, epochs }) => {
    const last = epochs.at(-1)!;
    const label = changes === 'none' ? 'as reported' : changes.replaceAll(',', ', ');
    return `| ${label} | ${seed} | ${epochs.map((e) => percent(e.testAccuracy)).join(' ')} | ${epochs
      .map((e) => e.liveClasses)
      .join(' ')} | ${percent(last.certain)} | ${percent(last.dead)} | ${percent(last.deadWrong)} |`;
  });

/** Test accuracy against live classes, over every epoch of every seed of the experiment as reported. */
const staircase = (results: readonly Result[]): string => {
  const epochs = results
    .filter(({ changes }) => changes === 'none')
    .flatMap(({ seeds }) => seeds.flatMap((s) => s.epochs));
  const steps = [...new Set(epochs.map((e) => e.liveClasses))].sort((a, b) => a - b);
  const rows = steps.map((live) => {
    const accuracies = epochs.filter((e) => e.liveClasses === live).map((e) => e.testAccuracy);
    const [low, high] = [Math.min(...accuracies), Math.max(...accuracies)];
    return `| ${live} | ${accuracies.length} | ${percent(low)} to ${percent(high)} |`;
  });
  return ['| live classes | epochs | test accuracy, % |', '|---|---|---|', ...rows].join('\n');
};

const table = (results: readonly Result[]): string =>
  [
    '| change | seed | test accuracy by epoch, % | live classes | one-hot, % | no gradient, % | of the wrong, % |',
    '|---|---|---|---|---|---|---|',
    ...results.flatMap(lines),
  ].join('\n');

const fill = (page: string, name: string, text: string): string =>
  page.replace(
    new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end -->)`),
    (_, open, close) => `${open}${text}\n${close}`,
  );

const { values, positionals } = parseArgs({ allowPositionals: true, options: { data: { type: 'string' } } });
if (values.data !== undefined) {
  const chosen = RUNS.filter(({ changes }) => positionals.length === 0 || positionals.includes(changes));
  for (const run of chosen) keep(measure(run, values.data));
}
if (existsSync(PAGE)) {
  const results = known();
  const tools = [...new Set(results.map((result) => result.tools))].join('; ');
  let page = fill(readFileSync(PAGE, 'utf8'), 'staircase', staircase(results));
  page = fill(page, 'changes', `${table(results)}\n\n${tools}`);
  writeFileSync(PAGE, page);
}
