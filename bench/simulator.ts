// Speed of the fast simulator beside named baselines, on one machine in one run: CPU ms for 10,000 images on one core,
// medians over interleaved rounds, every contender's logits equal to the engine's. Writes bench/results/simulator.json
// and the tables of docs/simulator.md.
//   npm run build && npx tsx bench/simulator.ts [--data DIR] [--rounds 5] [--ort FOLDER]
// --ort: a folder in which `npm install --ignore-scripts onnxruntime-node@1.30` was run. Baselines that are not there
// (g++ with AVX2, /usr/bin/python3 with torch, onnxruntime-node, Verilator) are named as missing.
import { execFileSync, spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { cpus, tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import * as tf from '@tensorflow/tfjs-core';
import { planFolded } from '../src/arch/folded/plan.ts';
import { emit } from '../src/codegen/emit.ts';
import { loadDataset } from '../src/data/index.ts';
import { denseLayers, type Network } from '../src/model/network.ts';
import { evaluate } from '../src/sim/reference.ts';
import { buildTestbench, runTestbench } from '../src/synth/simulate.ts';
import { selectBackend } from '../src/train/backend.ts';
import { writeFileWhole } from '../src/util/files.ts';
import { seededRandom } from '../src/util/random.ts';
import { randomNetwork } from '../test/support/networks.ts';
import { compileNative, nativeArguments } from './native.ts';
import { floatModel, integerModel } from './onnx.ts';

// the engine as it is shipped: what runs TypeScript directly puts code of its own into every function
const built = (path: string): Promise<unknown> => import(new URL(`../dist/${path}`, import.meta.url).href);
const { compileEngine } = (await built(
  'sim/engine/engine.js',
)) as typeof import('../src/sim/engine/engine.ts');
const { activityOf } = (await built('sim/engine/order.js')) as typeof import('../src/sim/engine/order.ts');

const IMAGES = 10_000;
const SHIFT = 5;

const { values } = parseArgs({
  options: {
    data: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    ort: { type: 'string', default: 'onnxruntime' },
  },
});
const ROUNDS = Number(values.rounds);
const folder = mkdtempSync(join(tmpdir(), 'bitsim-simulator-'));
const missing: string[] = [];

const net = (outputs: readonly number[], inputBits: number): Network =>
  randomNetwork(
    {
      shape: [28, 28],
      outputs,
      inputBits,
      actBits: 8,
      alphabet: 'ternary',
      shift: SHIFT,
      bias: false,
      zeros: 0.42,
    },
    1,
  );

const uniform = (): Uint8Array => {
  const random = seededRandom(1, 'bench');
  return Uint8Array.from({ length: IMAGES * 784 }, () => random.below(256));
};

const cpuMs = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1e3;
};
const timed = (work: () => void): number => {
  const began = cpuMs();
  work();
  return cpuMs() - began;
};
const median = (list: readonly number[]): number => [...list].sort((a, b) => a - b)[list.length >> 1]!;

const same = (name: string, expected: Int32Array, got: ArrayLike<number>): void => {
  const at = expected.findIndex((logit, i) => logit !== got[i]);
  if (at >= 0) throw new Error(`${name}: logit ${at} is ${got[at]}, not ${expected[at]}`);
};

/** What a contender takes for all images, in CPU ms, once a call; checks its logits. */
type Contender = () => Promise<number> | number;

const engine = (network: Network, pixels: Uint8Array, ordered: boolean): [Contender, Int32Array] => {
  const activity = ordered ? activityOf(network, pixels, IMAGES) : undefined;
  const compiled = compileEngine(network, { activity });
  const { logits } = compiled.run(pixels, IMAGES);
  for (let i = 0; i < 20; i++) {
    const trace = evaluate(network, pixels.subarray(i * 784, (i + 1) * 784));
    same('reference model', trace.logits, logits.subarray(i * 10, (i + 1) * 10));
  }
  return [twice(() => timed(() => compiled.run(pixels, IMAGES))), logits];
};

const external = (
  command: string,
  args: readonly string[],
  expected: Int32Array,
  name: string,
): Contender => {
  return () => {
    const { stdout, stderr, status } = spawnSync(command, args, {
      maxBuffer: 2 ** 28,
      env: { ...process.env, OPENBLAS_NUM_THREADS: '1', OMP_NUM_THREADS: '1' },
    });
    if (status !== 0) throw new Error(`${name}: ${stderr}`);
    const logits = new Int32Array(Uint8Array.from(stdout).buffer);
    same(name, expected, logits);
    return Math.min(...stderr.toString().trim().split('\n').map(Number));
  };
};

/** tfjs-wasm, float32, at the batch that is quickest. */
const tfjs = (network: Network, codes: Uint8Array, expected: Int32Array, batch: number): Contender => {
  const [first, second] = denseLayers(network).map(({ weights: { trits, rows, cols } }) =>
    tf.tidy(() => tf.transpose(tf.tensor2d(Float32Array.from(trits), [rows, cols]))),
  ) as [tf.Tensor2D, tf.Tensor2D];
  const floats = Float32Array.from(codes);
  return twice(() => {
    const logits = new Float32Array(IMAGES * 10);
    const ms = timed(() => {
      for (let start = 0; start < IMAGES; start += batch) {
        tf.tidy(() => {
          const x = tf.tensor2d(floats.subarray(start * 784, (start + batch) * 784), [batch, 784]);
          const scaled = tf.floor(tf.add(tf.mul(tf.matMul(x, first), 2 ** -SHIFT), 0.5));
          logits.set(tf.matMul(tf.clipByValue(scaled as tf.Tensor2D, 0, 255), second).dataSync(), start * 10);
        });
      }
    });
    same('tfjs', expected, logits);
    return ms;
  });
};

interface Ort {
  readonly InferenceSession: {
    create(
      model: Uint8Array,
      options: object,
    ): Promise<{ run(feeds: object): Promise<{ y: { data: ArrayLike<number> } }> }>;
  };
  readonly Tensor: new (type: string, data: unknown, dims: readonly number[]) => object;
}

const loadOrt = (): Ort | undefined => {
  try {
    return createRequire(resolve(values.ort, 'x.js'))('onnxruntime-node') as Ort;
  } catch {
    missing.push('onnxruntime-node');
    return undefined;
  }
};

const onnx = async (
  ort: Ort,
  kind: 'float' | 'integer',
  network: Network,
  codes: Uint8Array,
  expected: Int32Array,
): Promise<Contender> => {
  const [w1, w2] = denseLayers(network).map(({ weights }) => weights.trits) as [Int8Array, Int8Array];
  const hidden = network.layers.length === 3 ? denseLayers(network)[0]!.weights.rows : 0;
  const model = kind === 'float' ? floatModel(w1, w2, hidden, SHIFT) : integerModel(w1, w2, hidden, SHIFT);
  const session = await ort.InferenceSession.create(model, { intraOpNumThreads: 1, interOpNumThreads: 1 });
  const batch = 1000;
  const data = kind === 'float' ? Float32Array.from(codes) : codes;
  return twice(async () => {
    const logits = new Int32Array(IMAGES * 10);
    const began = cpuMs();
    for (let start = 0; start < IMAGES; start += batch) {
      const part = data.subarray(start * 784, (start + batch) * 784);
      const x = new ort.Tensor(kind === 'float' ? 'float32' : 'uint8', part, [batch, 784]);
      logits.set((await session.run({ x })).y.data, start * 10);
    }
    const ms = cpuMs() - began;
    same(`onnxruntime ${kind}`, expected, logits);
    return ms;
  });
};

/** Verilator on the emitted RTL: a few hundred images, the model built beforehand, scaled to 10,000. */
const verilator = async (
  network: Network,
  pixels: Uint8Array,
  images: number,
): Promise<number | undefined> => {
  if (spawnSync('verilator', ['--version']).status !== 0) {
    missing.push('Verilator');
    return undefined;
  }
  const plan = planFolded(network, {});
  const vectors = Array.from({ length: images }, (_, image) => {
    const own = pixels.subarray(image * 784, (image + 1) * 784);
    return { image, label: 0, pixels: own, trace: evaluate(network, own) };
  });
  const bundle = emit({ network, plan, target: 'verilog', rom: 'readmemh', vectors, toolVersion: 'bench' });
  const rtl = join(folder, 'rtl');
  for (const [path, content] of bundle.files) writeFileWhole(join(rtl, path), content);
  const built = await buildTestbench(rtl, 'verilator');
  const { passed, reason, seconds } = await runTestbench(built, { images, stall: false });
  if (!passed) throw new Error(`verilator: ${reason}`);
  return (seconds * 1e3 * IMAGES) / images;
};

interface Line {
  readonly name: string;
  readonly ms: number;
}

/** The better of two runs in a row, as the programs of other languages do it themselves: the first may find caches full of others' data. */
const twice =
  (run: Contender): Contender =>
  async () =>
    Math.min(await run(), await run());

/** All contenders, once a round, in turn. */
const race = async (contenders: readonly (readonly [string, Contender])[]): Promise<Line[]> => {
  const times = contenders.map((): number[] => []);
  for (let round = 0; round <= ROUNDS; round++) {
    for (const [i, [, run]] of contenders.entries()) {
      const ms = await run();
      if (round > 0) times[i]!.push(ms); // the first round warms up
    }
  }
  return contenders.map(([name], i) => ({ name, ms: median(times[i]!) }));
};

const codesOf = (pixels: Uint8Array, bits: number): Uint8Array => pixels.map((pixel) => pixel >> (8 - bits));

const contendersFor = async (
  network: Network,
  pixels: Uint8Array,
  bits: number,
  ordered: boolean,
  all: boolean,
): Promise<(readonly [string, Contender])[]> => {
  const [own, expected] = engine(network, pixels, ordered);
  const codes = codesOf(pixels, bits);
  const hidden = denseLayers(network)[0]!.weights.rows;
  const args = nativeArguments(folder, network, codes, { runs: 2, shift: SHIFT, bits });
  const list: [string, Contender][] = [['bitsim engine, WASM SIMD', own]];
  if (native)
    list.push(['C++ AVX2, the same algorithm', external(join(folder, 'native'), args, expected, 'native')]);
  if (ort !== undefined) {
    list.push(['onnxruntime-node MatMulInteger', await onnx(ort, 'integer', network, codes, expected)]);
    if (all) list.push(['onnxruntime-node float', await onnx(ort, 'float', network, codes, expected)]);
  }
  if (all) {
    list.push(['tfjs-wasm, batch 10,000', tfjs(network, codes, expected, 10_000)]);
    list.push(['tfjs-wasm, batch 1,000', tfjs(network, codes, expected, 1000)]);
    if (torch) {
      const script = ['bench/simulator.py', folder, '2', `${hidden}`, `${SHIFT}`];
      list.push(['PyTorch float', external('/usr/bin/python3', script, expected, 'PyTorch')]);
    }
  }
  return list;
};

const native = compileNative(folder);
if (!native) missing.push('g++ or AVX2');
const ort = loadOrt();
const torch = spawnSync('/usr/bin/python3', ['-c', 'import torch']).status === 0;
if (!torch) missing.push('PyTorch');
const backend = await selectBackend('wasm');
const big = net([1024, 10], 7);
const digits = loadDataset(values.data).test;
const pixels = uniform();
const results: Record<string, Line[]> = {};
results['784-1024-10, uniform random u7 codes'] = await race(
  await contendersFor(big, pixels, 7, false, true),
);
const rtl = await verilator(big, pixels, 100);
if (rtl !== undefined)
  results['784-1024-10, uniform random u7 codes']!.push({ name: 'Verilator, emitted RTL at 16×16', ms: rtl });
const wide = net([1024, 10], 8);
results['784-1024-10, uniform random u8 codes'] = await race(
  await contendersFor(wide, pixels, 8, false, false),
);
if (digits.count === IMAGES) {
  results['784-1024-10, real digits (MNIST test images)'] = await race(
    await contendersFor(big, digits.pixels, 7, true, false),
  );
}
results['784-64-10, uniform random u7 codes'] = await race(
  await contendersFor(net([64, 10], 7), pixels, 7, false, false),
);
const huge = net([4096, 4096, 10], 7);
const few = 1024;
const compiled = compileEngine(huge);
results[`784-4096-4096-10, uniform random u7 codes (${few} images, scaled)`] = (
  await race([
    ['bitsim engine, WASM SIMD', twice(() => timed(() => compiled.run(pixels.subarray(0, few * 784), few)))],
  ])
).map(({ name, ms }) => ({ name, ms: (ms * IMAGES) / few }));
rmSync(folder, { recursive: true, force: true });

const machine = `${cpus()[0]!.model.trim()}, Node ${process.version}, tfjs ${backend.version}, ${execFileSync('g++', ['--version'], { encoding: 'utf8' }).split('\n')[0]}`;
writeFileSync('bench/results/simulator.json', `${JSON.stringify({ machine, missing, results }, null, 2)}\n`);

const tables = Object.entries(results).map(([title, lines]) => {
  const own = lines[0]!.ms;
  const rows = lines.map(
    ({ name, ms }) =>
      `| ${name} | ${ms >= 1000 ? Math.round(ms).toLocaleString('en') : ms.toFixed(1)} | ${Math.round((IMAGES / ms) * 1000).toLocaleString('en')} | ${(ms / own).toFixed(ms / own >= 10 ? 0 : 2)} |`,
  );
  return [
    `**${title}**`,
    '',
    '| | CPU ms for 10,000 images | images/s | time against bitsim |',
    '|---|---|---|---|',
    ...rows,
  ].join('\n');
});
const note = missing.length === 0 ? '' : `\n\nNot measured, because not there: ${missing.join(', ')}.`;
const text = `${tables.join('\n\n')}\n\n${machine}. One core each; medians over ${ROUNDS} interleaved rounds of two runs, the better of which counts.${note}`;
console.log(text);
const PAGE = 'docs/simulator.md';
if (existsSync(PAGE)) {
  const page = readFileSync(PAGE, 'utf8');
  writeFileSync(
    PAGE,
    page.replace(/(<!-- speed -->\n)[\s\S]*?(<!-- end -->)/, (_, open, close) => `${open}${text}\n${close}`),
  );
}
