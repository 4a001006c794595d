// Training speed: bitsim's step on the WASM backend beside the same step in PyTorch, one thread each, CPU time, in
// alternating rounds of one run; and where the rest of an epoch goes (feeding, augmentation). Also what memory does.
//   npx tsx bench/training.ts [--data DIR] [--rounds 5]     needs /usr/bin/python3 with torch
// (Debian: python3-torch libopenblas0; on the reference BLAS PyTorch is ten times slower, which would be no baseline)
// Writes bench/results/training.json and the tables of docs/training.md.
import { execFileSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { loadDataset } from '../src/data/index.ts';
import { inputSpecOf } from '../src/layers/input.ts';
import { writeCodes } from '../src/layers/input-codes.ts';
import { type LabelledImages, pixelsOf } from '../src/model/dataset.ts';
import type { TrainOptions } from '../src/model/training.ts';
import { selectBackend } from '../src/train/backend.ts';
import { epochBatches } from '../src/train/batches.ts';
import { calibrate, initialLayers } from '../src/train/calibrate.ts';
import { hiddenForward, integersOf } from '../src/train/graph.ts';
import { disposeTensors, toTensors } from '../src/train/optimizer.ts';
import { DEFAULTS } from '../src/train/options.ts';
import { trainStep } from '../src/train/step.ts';

const WARM_UP = 10;
const STEPS = 50;
const EPOCH_IMAGES = 60_000;
const SIZES = [784, 1024, 10] as const;

const cpuSeconds = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e6;
};

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

const optionsOf = (batch: number): TrainOptions => ({ ...DEFAULTS, batch, augmentShift: 0 });

interface Side {
  readonly seconds: number;
  readonly losses: readonly number[];
  /** Sum of the hidden codes of the first batch. */
  readonly codeSum: number;
}

/** `STEPS` steps on consecutive images, the first of them watched. */
const ours = (images: LabelledImages, batch: number): Side => {
  const options = optionsOf(batch);
  const { layers, ...spec } = calibrate(initialLayers(SIZES, 1), options, images);
  const tensors = layers.map((layer) => toTensors(layer));
  const input = inputSpecOf(options, [28, 28]);
  const codes = new Float32Array(batch * 784);
  const losses: number[] = [];
  let [codeSum, began] = [0, 0];
  for (let step = 1; step <= STEPS + WARM_UP; step++) {
    if (step === WARM_UP + 1) began = cpuSeconds();
    const start = ((step - 1) * batch) % (images.count - batch + 1);
    for (let i = 0; i < batch; i++) writeCodes(input, pixelsOf(images, start + i), codes, i * 784);
    if (step === 1) {
      codeSum = tf.tidy(() => {
        const matrix = tf.tensor2d(codes, [batch, 784]);
        const hidden = hiddenForward(matrix, integersOf(layers[0]!, 'ternary'), { options, ...spec }, 0);
        return hidden.codes.dataSync<'float32'>().reduce((sum, code) => sum + code, 0);
      });
    }
    const labels = images.labels.subarray(start, start + batch);
    const at = { learningRate: options.learningRate, step, logitShift: spec.logitShift };
    losses.push(trainStep(tensors, { options, ...spec }, { codes, labels, ...at }).loss / batch);
  }
  const seconds = (cpuSeconds() - began) / STEPS;
  disposeTensors(tensors);
  return { seconds, losses: losses.slice(0, 8), codeSum };
};

/** Hands the same start and data to PyTorch. */
const writeProblem = (folder: string, images: LabelledImages, batch: number): void => {
  const options = optionsOf(batch);
  const { layers, shifts, logitShift } = calibrate(initialLayers(SIZES, 1), options, images);
  const { labelSmoothing, learningRate } = options;
  const spec = { sizes: SIZES, shift: shifts[0], logitShift, labelSmoothing, learningRate, warmUp: WARM_UP };
  writeFileSync(join(folder, 'spec.json'), JSON.stringify(spec));
  writeFileSync(
    join(folder, 'codes.bin'),
    images.pixels.map((pixel) => pixel >> 1),
  );
  writeFileSync(join(folder, 'labels.bin'), images.labels);
  layers.forEach(({ latents }, i) => {
    writeFileSync(join(folder, `latents${i}.bin`), Buffer.from(latents.buffer));
  });
};

const torch = (folder: string, batch: number): Side & { readonly version: string } =>
  JSON.parse(
    execFileSync('/usr/bin/python3', ['bench/training.py', folder, `${batch}`, `${STEPS + WARM_UP}`], {
      encoding: 'utf8',
      env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' },
    }),
  ) as Side & { version: string };

/** The two must be the same computation, or their times say nothing. */
const checkSame = (a: Side, b: Side): void => {
  if (a.codeSum !== b.codeSum) throw new Error(`hidden codes differ: ${a.codeSum} and ${b.codeSum}`);
  a.losses.forEach((loss, i) => {
    if (Math.abs(loss - b.losses[i]!) > (i === 0 ? 1e-5 : 2e-2) * loss)
      throw new Error(`step ${i + 1}: ${loss} and ${b.losses[i]}`);
  });
};

/** CPU seconds of feeding a whole epoch, without training on it. */
const feeding = (images: LabelledImages, options: TrainOptions): number => {
  const began = cpuSeconds();
  let seen = 0;
  for (const { labels } of epochBatches(images, options, 1)) seen += labels.length;
  return ((cpuSeconds() - began) * EPOCH_IMAGES) / seen;
};

const FEEDS = {
  'no augmentation': { augmentShift: 0 },
  'shifts (default recipe)': {},
  'shift, rotation, scale, elastic (preset long)': {
    augmentRotate: 10,
    augmentScale: 0.1,
    augmentElastic: 1.2,
  },
} as const;

/** Resident memory and tensors after each of some epochs on part of the data. */
const memory = (images: LabelledImages): { tensors: number; megabytes: number }[] => {
  const options = optionsOf(256);
  const { layers, ...spec } = calibrate(initialLayers(SIZES, 1), options, images);
  const tensors = layers.map((layer) => toTensors(layer));
  const some = { ...images, count: 5_120 };
  const seen: { tensors: number; megabytes: number }[] = [];
  for (let epoch = 1, step = 1; epoch <= 6; epoch++) {
    for (const batch of epochBatches(some, options, epoch)) {
      const at = { learningRate: 0.01, step: step++, logitShift: spec.logitShift };
      trainStep(tensors, { options, ...spec }, { ...batch, ...at });
    }
    seen.push({
      tensors: tf.memory().numTensors,
      megabytes: Math.round(process.memoryUsage.rss() / 2 ** 20),
    });
  }
  disposeTensors(tensors);
  return seen;
};

const { values } = parseArgs({
  options: { data: { type: 'string' }, rounds: { type: 'string', default: '5' } },
});
const images = loadDataset(values.data).train;
const backend = await selectBackend('wasm');
const folder = mkdtempSync(join(tmpdir(), 'bitsim-training-'));
let version = '';
const steps = [256, 64].map((batch) => {
  writeProblem(folder, images, batch);
  const rounds = Array.from({ length: Number(values.rounds) }, () => {
    const [a, b] = [ours(images, batch), torch(folder, batch)];
    checkSame(a, b);
    version = b.version;
    return { ours: a.seconds, torch: b.seconds };
  });
  const epoch = EPOCH_IMAGES / batch;
  return {
    batch,
    bitsim: median(rounds.map((round) => round.ours)) * epoch,
    torch: median(rounds.map((round) => round.torch)) * epoch,
    ratio: median(rounds.map((round) => round.ours / round.torch)),
    low: Math.min(...rounds.map((round) => round.ours / round.torch)),
    high: Math.max(...rounds.map((round) => round.ours / round.torch)),
  };
});
rmSync(folder, { recursive: true, force: true });
const feeds = Object.entries(FEEDS).map(([name, change]) => ({
  name,
  seconds: median([1, 2, 3].map(() => feeding(images, { ...DEFAULTS, batch: 256, ...change }))),
}));
const result = {
  machine: cpus()[0]!.model.trim(),
  node: process.version,
  tfjs: backend.version,
  torch: version,
  steps,
  feeds,
  memory: memory(images),
};
writeFileSync('bench/results/training.json', `${JSON.stringify(result, null, 2)}\n`);
console.log(JSON.stringify(result, null, 2));

const PAGE = 'docs/training.md';
const fixed = (value: number): string => value.toFixed(1);
const fill = (page: string, name: string, text: string): string =>
  page.replace(
    new RegExp(`(<!-- ${name} -->\n)[\\s\\S]*?(<!-- end -->)`),
    (_, open, close) => `${open}${text}\n${close}`,
  );
if (existsSync(PAGE)) {
  const speed = [
    '| batch | bitsim, CPU s an epoch | PyTorch, CPU s an epoch | ratio (lowest to highest round) |',
    '|---|---|---|---|',
    ...steps.map(
      (s) =>
        `| ${s.batch} | ${fixed(s.bitsim)} | ${fixed(s.torch)} | ${s.ratio.toFixed(2)} (${s.low.toFixed(2)} to ${s.high.toFixed(2)}) |`,
    ),
    '',
    `${result.machine}, Node ${result.node}, tfjs ${result.tfjs} WASM, PyTorch ${version}, one thread each.`,
  ].join('\n');
  const feed = [
    '| fed with | CPU s an epoch |',
    '|---|---|',
    ...feeds.map(({ name, seconds }) => `| ${name} | ${fixed(seconds)} |`),
  ].join('\n');
  const flat = `Tensors after each of six epochs: ${result.memory.map((m) => m.tensors).join(', ')}; resident MB: ${result.memory.map((m) => m.megabytes).join(', ')}.`;
  let page = fill(readFileSync(PAGE, 'utf8'), 'speed', speed);
  page = fill(page, 'feeding', feed);
  writeFileSync(PAGE, fill(page, 'memory', flat));
}
