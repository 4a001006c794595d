// Wall time of sets of digits on one and on two worker threads, on an idle machine: with the threads kept, and started anew each
// time, as `bitsim eval --threads` does. Rounds alternate; classes must be the same. How much faster two processors of this machine can
// be at all, a program without threads shows: bench/native.cpp alone, and two of it at a time. Writes the table of docs/simulator.md.
//   npm run build && npx tsx bench/threads.ts --data DIR [--rounds 7]
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { loadDataset } from '../src/data/index.ts';
import { selectRange } from '../src/model/dataset.ts';
import { randomNetwork } from '../test/support/networks.ts';
import { compileNative, nativeArguments } from './native.ts';

// as it is shipped: workers are started from built files
const pool: unknown = await import(new URL('../dist/sim/engine/pool.js', import.meta.url).href);
const { evaluateOnThreads, openPool } = pool as typeof import('../src/sim/engine/pool.ts');
const parts: unknown = await import(new URL('../dist/sim/engine/parts.js', import.meta.url).href);
const { shareImages } = parts as typeof import('../src/sim/engine/parts.ts');
const evaluation: unknown = await import(new URL('../dist/sim/engine/evaluate.js', import.meta.url).href);
const { engineFor } = evaluation as typeof import('../src/sim/engine/evaluate.ts');

const PAGE = 'docs/simulator.md';
const { values } = parseArgs({
  options: { data: { type: 'string' }, rounds: { type: 'string', default: '7' } },
});

const network = randomNetwork(
  {
    shape: [28, 28],
    outputs: [1024, 10],
    inputBits: 7,
    actBits: 8,
    alphabet: 'ternary',
    shift: 5,
    bias: false,
    zeros: 0.42,
  },
  1,
);
const { train } = loadDataset(values.data);
const copies = Math.ceil(240_000 / train.count);
const images = {
  ...train,
  count: train.count * copies,
  pixels: new Uint8Array(train.pixels.length * copies),
  labels: new Uint8Array(train.labels.length * copies),
};
for (let i = 0; i < copies; i++) {
  images.pixels.set(train.pixels, i * train.pixels.length);
  images.labels.set(train.labels, i * train.labels.length);
}

const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

const SETS = [10_000, 60_000, 240_000];

const check = (expected: Uint16Array, got: Uint16Array, what: string): void => {
  if (Buffer.compare(Buffer.from(expected.buffer), Buffer.from(got.buffer)) !== 0)
    throw new Error(`${what}: other classes`);
};

/** Seconds that each way takes, in turn; the classes must be those of one thread. */
const measure = async (count: number): Promise<readonly number[]> => {
  const set = shareImages(selectRange(images, 0, count));
  const kept = openPool(network, set, 2);
  const engine = engineFor(network, set);
  const ways = [
    () => engine.run(set.pixels, count),
    () => kept.evaluate(set),
    () => evaluateOnThreads(network, set, 1),
    () => evaluateOnThreads(network, set, 2),
  ];
  const expected = engine.run(set.pixels, count).classes;
  const times: number[][] = ways.map(() => []);
  for (let round = 0; round <= Number(values.rounds); round++)
    for (const [i, way] of ways.entries()) {
      const began = performance.now();
      const { classes } = await way();
      if (round > 0) times[i]!.push((performance.now() - began) / 1000);
      check(expected, classes, `way ${i}`);
    }
  await kept.close();
  return times.map(median);
};

/** Median CPU ms of its runs that a program prints. */
const program = (command: string, args: readonly string[]): Promise<number> =>
  new Promise((done, failed) => {
    const child = spawn(command, args, { stdio: ['ignore', 'ignore', 'pipe'] });
    let text = '';
    child.stderr.on('data', (part) => {
      text += part;
    });
    child.on('error', failed);
    child.on('close', () => done(median(text.trim().split('\n').map(Number))));
  });

/** How much more two programs at a time get done than one. */
const machineLimit = async (): Promise<string> => {
  const folder = mkdtempSync(join(tmpdir(), 'bitsim-threads-'));
  try {
    if (!compileNative(folder))
      return 'g++ or AVX2 is not there, so what the machine allows was not measured.';
    const codes = images.pixels.subarray(0, 10_000 * 784).map((pixel) => pixel >> 1);
    const args = nativeArguments(folder, network, codes, { runs: 20, shift: 5, bits: 7 });
    const run = (): Promise<number> => program(join(folder, 'native'), args);
    const gains: number[] = [];
    for (let round = 0; round < Number(values.rounds); round++) {
      const alone = await run();
      const together = await Promise.all([run(), run()]);
      gains.push((alone * 2) / ((together[0] + together[1]) / 2));
    }
    return `What the machine allows: two processes of the C++ program at a time, which share nothing, get **${median(gains).toFixed(2)}** times as much done as one.`;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
};

const rows = [];
for (const count of SETS) {
  const [one, two, fresh, freshTwo] = (await measure(count)) as [number, number, number, number];
  const ms = (seconds: number): string => (seconds * 1000).toFixed(0);
  const cells = [ms(one), ms(two), `**${(one / two).toFixed(2)}**`, ms(fresh), ms(freshTwo)];
  rows.push(`| ${[count.toLocaleString('en-US'), ...cells, (fresh / freshTwo).toFixed(2)].join(' | ')} |`);
}
const text = `| digits | one thread, ms | two, ms | faster | one, from nothing | two, from nothing | faster |
|---|---|---|---|---|---|---|
${rows.join('\n')}

784-1024-10; ${cpus()[0]!.model.trim()}, ${cpus().length} cores; medians over ${values.rounds} rounds. "From nothing" is what \`bitsim eval --threads\` does: the network is compiled, and threads are started.

${await machineLimit()}`;
console.log(text);
const [before, rest] = readFileSync(PAGE, 'utf8').split('<!-- threads -->\n');
writeFileSync(
  PAGE,
  `${before}<!-- threads -->\n${text}\n<!-- end of threads -->${rest!.split('<!-- end of threads -->')[1]}`,
);
