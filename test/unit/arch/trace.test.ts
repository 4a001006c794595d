// Traces against the reference model: every accumulator, code, shift, logit and class; and against themselves: each step
// is the one before plus what was selected, each step happens once, in a cycle of its own.
import { readFileSync } from 'node:fs';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { completionCycles, predictCycles } from '../../../src/arch/folded/cycles.ts';
import { divisorsOf } from '../../../src/arch/folded/folding.ts';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import { cycleOf } from '../../../src/arch/folded/schedule.ts';
import { type FrameTrace, traceFrame, traceFrames } from '../../../src/arch/folded/trace.ts';
import { type DenseLayer, denseLayers, type Network } from '../../../src/model/network.ts';
import type { DensePlan } from '../../../src/model/plan.ts';
import { evaluate } from '../../../src/sim/reference.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../../support/networks.ts';
import { designRecipe } from '../../support/recipes.ts';
import { loadedModules, parseModule } from '../../support/source.ts';

const SEED = 99;
const IMAGES = 4;

const recipe: NetworkRecipe = {
  shape: [4, 4],
  outputs: [6, 4],
  inputBits: 7,
  actBits: 3,
  alphabet: 'ternary',
  shift: 'thresholds',
  bias: true,
};

/** A folding of every layer by a divisor that `choices` picks. */
const planOf = (network: Network, choices: readonly number[]) => {
  const pick = (n: number, i: number): number => divisorsOf(n)[choices[i]! % divisorsOf(n).length]!;
  const layers = denseLayers(network);
  return planFolded(network, {
    pe: layers.map(({ weights }, i) => pick(weights.rows, i)),
    simd: layers.map(({ weights }, i) => pick(weights.cols, i + 4)),
  });
};

const checkValues = (trace: FrameTrace, label: string): void => {
  for (const frame of trace.frames) {
    const reference = evaluate(trace.network, frame.pixels);
    expect(frame.inputCodes, label).toEqual(reference.inputCodes);
    expect(
      frame.layers.map(({ accumulators, codes, shift }, i) => ({
        layer: denseLayers(trace.network)[i]!.name,
        accumulators,
        shift,
        codes,
      })),
      label,
    ).toEqual(reference.layers);
    expect(frame.logits, label).toEqual(reference.logits);
    expect(frame.class, label).toBe(reference.class);
  }
};

/** The ROM word that a step's trits are from: in base 3 five steps for every four words. */
const wordOf = ({ rom }: DensePlan, step: number): number =>
  rom.packing === 'base3' ? 4 * Math.floor(step / 5) + Math.min(step % 5, 3) : step;

/** The words that each neuron fold reads, from the definition. */
const orderOf = ({ weights }: DenseLayer, { pe, simd, neuronFold, synapseFold, sparse }: DensePlan) =>
  Array.from({ length: neuronFold }, (_, fold) => fold).flatMap((fold) => {
    const isZero = (word: number): boolean =>
      Array.from({ length: pe }, (_, p) => (fold * pe + p) * weights.cols + word * simd).every((at) =>
        weights.trits.subarray(at, at + simd).every((trit) => trit === 0),
      );
    const words: number[] = [];
    for (let word = 0; word < synapseFold; word++) {
      const gap = word - (words.at(-1) ?? -1);
      if (sparse === undefined || !isZero(word)) words.push(word);
      else if (gap === 2 ** sparse.distanceBits) {
        // a word of zeros is read where the next that is none is too far away
        const others = Array.from({ length: synapseFold - word - 1 }, (_, i) => word + 1 + i);
        if (!others.every(isZero)) words.push(word);
      }
    }
    const read = words.length === 0 ? [0] : words;
    return read.map((word, i) => ({ fold, word, first: i === 0, last: i === read.length - 1 }));
  });

/** Walks every cycle of one layer; returns the codes that the ends of its neuron folds gave, frame by frame. */
const walk = (trace: FrameTrace, layer: number): number[][] => {
  const { pe, simd } = trace.plan.layers[layer]!;
  const dense = denseLayers(trace.network)[layer]!;
  const order = orderOf(dense, trace.plan.layers[layer]!);
  const start = dense.requantize.kind === 'static-shift' ? (1 << dense.requantize.shift) >> 1 : 0;
  const codes = trace.frames.map((): number[] => []);
  let steps = 0;
  let registers = trace.cycle(layer, 0).accumulators;
  for (let n = 0; n < trace.schedule.cycles; n++) {
    const { state, add, accumulators } = trace.cycle(layer, n);
    expect(accumulators).toEqual(registers);
    expect(state === 'add').toBe(add !== null);
    if (add === null) continue;
    const { frame, neuronFold: fold, synapseFold: step, romAddress } = add;
    const now = order[steps % order.length]!;
    expect([frame, fold, step]).toEqual([Math.floor(steps / order.length), now.fold, now.word]);
    expect(romAddress).toBe(wordOf(trace.plan.layers[layer]!, steps % order.length));
    expect(add.inputs).toEqual(
      trace.frames[frame]!.layers[layer]!.inputs.slice(step * simd, (step + 1) * simd),
    );
    for (let p = 0; p < pe; p++) {
      const row = fold * pe + p;
      const lanes = [...add.selected.subarray(p * simd, (p + 1) * simd)];
      const base = now.first ? (dense.bias?.[row] ?? 0) + start : accumulators[p]!;
      expect(add.sums[p]).toBe(lanes.reduce((sum, value) => sum + value, 0));
      expect(add.totals[p]).toBe(base + add.sums[p]!);
      expect(add.end !== null).toBe(now.last);
      add.trits.subarray(p * simd, (p + 1) * simd).forEach((trit, lane) => {
        expect(trit).toBe(dense.weights.trits[row * dense.weights.cols + step * simd + lane]);
        expect(lanes[lane]! + 0).toBe(trit * add.inputs[lane]! + 0);
      });
      if (now.last) expect(add.end!.accumulators[p]).toBe(add.totals[p]! - start);
    }
    if (add.end === null) registers = add.totals;
    else {
      registers = trace.cycle(layer, 0).accumulators;
      codes[frame]!.push(...add.end.codes);
      for (const leaves of add.end.leaves) expect(leaves).toBeGreaterThan(n);
    }
    steps++;
  }
  expect(steps).toBe(trace.frames.length * order.length);
  return codes;
};

test(`random networks and foldings (seed ${SEED})`, () => {
  const choices = fc.array(fc.nat(11), { minLength: 8, maxLength: 8 });
  fc.assert(
    fc.property(designRecipe, choices, ({ network, seed = 1, label }, picked) => {
      const trace = traceFrames(network, planOf(network, picked), randomImages(network, IMAGES, seed));
      checkValues(trace, label);
    }),
    { seed: SEED, numRuns: 200 },
  );
});

test(`every cycle of random networks (seed ${SEED})`, () => {
  fc.assert(
    fc.property(designRecipe, ({ network, folding, seed = 1 }) => {
      const trace = traceFrames(network, planFolded(network, folding), randomImages(network, 3, seed));
      trace.plan.layers.forEach((_, layer) => {
        expect(walk(trace, layer)).toEqual(trace.frames.map((frame) => [...frame.layers[layer]!.codes]));
      });
    }),
    { seed: SEED, numRuns: 15 },
  );
});

test('thresholds, 100 % and 0 % zeros, SIMD that 4 does not divide', () => {
  for (const [zeros, alphabet] of [
    [0, 'binary'],
    [1, 'ternary'],
    [0.5, 'ternary'],
  ] as const) {
    const network = randomNetwork({ ...recipe, shape: [6, 6], zeros, alphabet }, 5);
    const plan = planFolded(network, { pe: [3, 2], simd: [9, 6] });
    const trace = traceFrames(network, plan, randomImages(network, IMAGES, 5));
    checkValues(trace, `${zeros} ${alphabet}`);
    expect(walk(trace, 0)).toHaveLength(IMAGES);
  }
});

test('the schedule is the prediction: its last cycle is the latency, frames end when they are predicted to', () => {
  const network = randomNetwork({ ...recipe, shift: 'dynamic', actBits: 8 }, 3);
  const plan = planFolded(network, { pe: [2, 1], simd: [2, 3] });
  const alone = traceFrame(network, plan, randomImages(network, 1, 1)[0]!);
  expect(alone.schedule.cycles - 1).toBe(plan.latency);
  expect(predictCycles(network, plan.layers).latency).toBe(plan.latency);
  const frames = plan.steadyFrom + 3;
  const { schedule } = traceFrames(network, plan, randomImages(network, frames, 1));
  const out = schedule.streams.at(-1)!;
  const ends = Array.from({ length: frames }, (_, frame) => cycleOf(out.beats, frame * 5 + 4));
  expect(ends).toEqual(completionCycles(network, plan.layers, frames));
  expect(cycleOf(out.beats, frames * 5)).toBe(-1);
});

test('one plan object for two networks, one network in two foldings: nothing is mixed up', () => {
  const [a, b] = [randomNetwork(recipe, 1), randomNetwork(recipe, 2)];
  const plans = [planFolded(a, { pe: [2, 2], simd: [4, 3] }), planFolded(a, { pe: [1, 1], simd: [1, 1] })];
  const image = randomImages(a, 3, 1)[2]!;
  for (const network of [a, b, a]) {
    for (const plan of plans) checkValues(traceFrame(network, plan, image), network.name);
  }
});

test('what is no image, and what is no cycle, is refused', () => {
  const network = randomNetwork(recipe, 1);
  const plan = planFolded(network);
  expect(() => traceFrame(network, plan, new Uint8Array(15))).toThrow('has 16 pixels, not 15');
  expect(() => traceFrames(network, plan, [])).toThrow('no image');
  const trace = traceFrame(network, plan, new Uint8Array(16));
  for (const [layer, n] of [
    [0, -1],
    [0, trace.schedule.cycles],
    [2, 0],
    [0, Number.NaN],
  ] as const)
    expect(() => trace.cycle(layer, n)).toThrow(RangeError);
});

test('the trace runs in a browser: no module of it imports from node or a package', () => {
  const outside = (path: string): string[] => {
    const body = (
      parseModule(readFileSync(path, 'utf8')) as unknown as { body: { source?: { value: string } }[] }
    ).body;
    return body
      .map(({ source }) => source?.value)
      .filter((from) => from !== undefined && !from.startsWith('.')) as string[];
  };
  const modules = loadedModules('dist/arch/folded/trace.js');
  expect(modules.length).toBeGreaterThan(10);
  expect(modules.flatMap((path) => outside(path).map((from) => `${path}: ${from}`))).toEqual([]);
  expect(outside('dist/util/files.js')).toContain('node:fs');
});
