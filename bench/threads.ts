// Wall time of 60,000 images on one and on two worker threads, on an idle machine; the threads are started anew each time, as
// `bitsim eval --threads` does. Rounds alternate; classes must be the same. Writes the line of docs/simulator.md.
//   npx tsx bench/threads.ts --data DIR [--rounds 7]
import { readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';
import { parseArgs } from 'node:util';
import { loadDataset } from '../src/data/index.ts';
import { evaluateOnThreads } from '../src/sim/engine/pool.ts';
import { randomNetwork } from '../test/support/networks.ts';

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

const times: [number[], number[]] = [[], []];
let classes: Uint16Array | undefined;
for (let round = 0; round < Number(values.rounds); round++)
  for (const threads of [1, 2]) {
    const began = performance.now();
    const result = await evaluateOnThreads(network, images, threads);
    times[threads - 1]!.push((performance.now() - began) / 1000);
    classes ??= result.classes;
    if (Buffer.compare(Buffer.from(classes.buffer), Buffer.from(result.classes.buffer)) !== 0)
      throw new Error(`${threads} threads give other classes`);
  }
const [one, two] = times.map(median) as [number, number];
const line = `${images.count.toLocaleString('en-US')} digits, 784-1024-10: ${one.toFixed(2)} s on one thread, ${two.toFixed(2)} s on two, threads started anew: ${(one / two).toFixed(2)} times as fast (${cpus()[0]!.model.trim()}, ${cpus().length} cores, medians over ${values.rounds} rounds).`;
console.log(line);
const [before, rest] = readFileSync(PAGE, 'utf8').split('<!-- threads -->\n');
writeFileSync(
  PAGE,
  `${before}<!-- threads -->\n${line}\n<!-- end of threads -->${rest!.split('<!-- end of threads -->')[1]}`,
);
