// Fault campaigns against the reference model with the bit inverted by hand.
import { describe, expect, test } from 'vitest';
import { registersOf } from '../../../../src/cli/faults-run.ts';
import { createAlu } from '../../../../src/layers/alu.ts';
import { evaluateDense, requantizeDense } from '../../../../src/layers/dense/evaluate.ts';
import { inputCodes } from '../../../../src/layers/input-codes.ts';
import type { LabelledImages } from '../../../../src/model/dataset.ts';
import { denseLayers, type Network } from '../../../../src/model/network.ts';
import { FaultEvaluator } from '../../../../src/sim/faults/evaluator.ts';
import { exhaustiveFaults } from '../../../../src/sim/faults/exhaustive.ts';
import { drawSites, faultRates } from '../../../../src/sim/faults/rates.ts';
import { type FaultPlace, tritWithFlips } from '../../../../src/sim/faults/sites.ts';
import { type FaultState, faultState, held, type Register, wrap } from '../../../../src/sim/faults/state.ts';
import { seededRandom } from '../../../../src/util/random.ts';
import { type NetworkRecipe, randomImages, randomNetwork } from '../../../support/networks.ts';

const RECIPE: NetworkRecipe = {
  shape: [3, 4],
  outputs: [7, 5, 3],
  inputBits: 4,
  actBits: 3,
  alphabet: 'ternary',
  shift: 2,
  bias: false,
};
const KINDS: readonly [string, Partial<NetworkRecipe>][] = [
  ['static shift', {}],
  ['static shift with biases', { bias: true, inputBits: 8, actBits: 8 }],
  ['dynamic shift', { shift: 'dynamic' }],
  ['thresholds', { shift: 'thresholds', actBits: 2 }],
  ['binary weights', { alphabet: 'binary', bias: true, inputBits: 8, actBits: 8 }],
  ['one layer', { outputs: [4] }],
  ['window sums', { shape: [6, 8], pool: 2 }],
];
const COUNT = 12;

const imagesFor = (network: Network, seed: number): LabelledImages => {
  const [height, width] = network.input.shape;
  const pixels = Uint8Array.from(Buffer.concat(randomImages(network, COUNT, seed)));
  const random = seededRandom(seed, 'labels');
  const labels = Uint8Array.from({ length: COUNT }, () => random.below(network.classes.length));
  return { count: COUNT, height, width, pixels, labels };
};

interface Fault {
  readonly place: FaultPlace;
  readonly layer: number;
  readonly index: number;
  readonly mask: number;
}

/** The reference: every layer in full, one bit inverted on the way. Registers wrap. */
const referenceClass = (
  network: Network,
  registers: readonly Register[],
  pixels: Uint8Array,
  fault: Fault,
): number => {
  const alu = createAlu();
  let codes = inputCodes(network.input, pixels);
  denseLayers(network).forEach((layer, l) => {
    const here = fault.layer === l ? fault : undefined;
    if (here?.place === 'activations')
      codes = codes.map((code, i) => (i === here.index ? code ^ here.mask : code));
    const trits = layer.weights.trits.map((trit, i) =>
      here?.place === 'rom' && i === here.index
        ? tritWithFlips(trit, here.mask, layer.weights.alphabet)
        : trit,
    );
    const sums = evaluateDense({ ...layer, weights: { ...layer.weights, trits } }, codes, alu).accumulators;
    const { bits, start } = registers[l]!;
    const registered = sums.map((sum, row) => {
      const mask = here?.place === 'accumulators' && here.index === row ? here.mask : 0;
      return Number(BigInt.asIntN(bits, BigInt(sum + start) ^ BigInt(mask))) - start;
    });
    codes = requantizeDense(layer, registered, alu).codes.slice();
  });
  return codes.indexOf(Math.max(...codes));
};

const PLACES: readonly FaultPlace[] = ['rom', 'accumulators', 'activations'];

const campaign = (change: Partial<NetworkRecipe>, seed = 3) => {
  const network = randomNetwork({ ...RECIPE, ...change }, seed);
  const images = imagesFor(network, 4);
  const registers = registersOf(network);
  return { network, images, registers, state: faultState(network, images, registers) };
};

/** Images whose class changes, and right answers, by the reference. */
const expected = (
  { network, images, registers, state }: ReturnType<typeof campaign>,
  fault: Fault,
): { changed: number; accuracy: number } => {
  const size = images.height * images.width;
  const classes = Array.from({ length: COUNT }, (_, i) =>
    referenceClass(network, registers, images.pixels.subarray(i * size, (i + 1) * size), fault),
  );
  return {
    changed: classes.filter((c, i) => c !== state.classes[i]).length,
    accuracy: classes.filter((c, i) => c === images.labels[i]).length / COUNT,
  };
};

describe.each(KINDS)('%s', (_, change) => {
  const run = campaign(change);

  test.each(PLACES)('each bit of the %s alone', (place) => {
    let effective = 0;
    denseLayers(run.network).forEach((layer, l) => {
      const result = exhaustiveFaults(run.state, place, l, 1e6);
      const found = new Map(result.top.map((bit) => [`${bit.neuron},${bit.input ?? 0},${bit.bit}`, bit]));
      effective += found.size;
      const places = result.sites / result.byBit.length;
      for (let index = 0; index < places; index++) {
        for (const { bit } of result.byBit) {
          const want = expected(run, { place, layer: l, index, mask: 1 << bit });
          const { cols } = layer.weights;
          const key = place === 'rom' ? [Math.floor(index / cols), index % cols, bit] : [index, 0, bit];
          const got = found.get(key.join());
          expect(got?.changed ?? 0, `${place} ${l} ${key}`).toBe(want.changed);
          if (got !== undefined) expect(got.accuracy).toBe(want.accuracy);
        }
      }
      expect(result.harmless + found.size).toBe(result.sites);
    });
    expect(effective).toBeGreaterThan(0);
  });
});

test('a register that is too narrow for a changed trit wraps', () => {
  let wrapped = 0;
  for (let seed = 1; seed <= 6; seed++) {
    const run = campaign({ outputs: [7, 3] }, seed);
    const tight = run.registers.map(({ start }, l) => {
      // the narrowest that holds what happens without faults
      const sums = run.state.layers[l]!.accumulators.map((sum) => Math.abs(sum + start));
      return { bits: Math.ceil(Math.log2(Math.max(...sums) + 1)) + 1, start };
    });
    const state = faultState(run.network, run.images, tight);
    const evaluator = new FaultEvaluator(state);
    const layer = state.layers[0]!;
    for (let index = 0; index < layer.inputs * layer.outputs; index++) {
      const trit = layer.layer.weights.trits[index]!;
      const [row, col] = [Math.floor(index / layer.inputs), index % layer.inputs];
      const delta = tritWithFlips(trit, 3, 'ternary') - trit;
      if (delta === 0) continue;
      const trits = [{ rows: Int32Array.of(row), cols: Int32Array.of(col), deltas: Int8Array.of(delta) }];
      for (let i = 0; i < COUNT; i++) {
        const change = delta * layer.codes[i * layer.inputs + col]!;
        const sum = layer.accumulators[i * layer.outputs + row]! + change;
        if (held(sum, tight[0]!) !== sum) wrapped++;
        const pixels = run.images.pixels.subarray(i * 12, (i + 1) * 12);
        const fault: Fault = { place: 'rom', layer: 0, index, mask: 3 };
        expect(evaluator.classWithFaults(i, { trits })).toBe(
          referenceClass(run.network, tight, pixels, fault),
        );
      }
    }
  }
  expect(wrapped).toBeGreaterThan(0);
});

test('wrapping is that of a two’s complement bus', () => {
  expect([127, 128, -128, -129, 300].map((value) => wrap(value, 8))).toEqual([127, -128, -128, 127, 44]);
});

describe('rates', () => {
  const run = campaign({ outputs: [7, 3], shift: 1 });
  const once = (place: FaultPlace, rate: number, seed = 1, state: FaultState = run.state) =>
    faultRates(state, { place, rates: [rate], trials: 2, seed })[0]!.trials;

  test('a rate of 1 inverts every bit, once', () => {
    const bits = { rom: 12 * 7 * 2 + 7 * 3 * 2, accumulators: 0, activations: COUNT * (12 * 4 + 7 * 3) };
    expect(once('rom', 1)[0]!.flipped).toBe(bits.rom);
    expect(once('activations', 1)[0]!.flipped).toBe(bits.activations);
    const registerBits = run.registers[0]!.bits * 7 + run.registers[1]!.bits * 3;
    expect(once('accumulators', 1)[0]!.flipped).toBe(COUNT * registerBits);
  });

  test.each(PLACES)('%s: the seed decides, and each trial is another', (place) => {
    const [first, second] = [once(place, 0.1), once(place, 0.1)];
    expect(first).toEqual(second);
    expect(first[0]).not.toEqual(first[1]);
    expect(once(place, 0.1, 2)).not.toEqual(first);
  });

  test('ROM faults: the fast simulator and the step-by-step evaluation agree', () => {
    // registers far too wide, and just too narrow for the proof: the one runs the engine, the other cannot
    const wide = faultState(
      run.network,
      run.images,
      run.registers.map(({ start }) => ({ bits: 30, start })),
    );
    const proofFails = faultState(
      run.network,
      run.images,
      run.registers.map(({ start }, l) => {
        const sums = run.state.layers[l]!.accumulators;
        return { bits: Math.ceil(Math.log2(Math.max(...sums.map(Math.abs)) + start + 1)) + 2, start };
      }),
    );
    for (const seed of [1, 2, 3]) {
      const [a, b] = [once('rom', 0.02, seed, wide), once('rom', 0.02, seed, proofFails)];
      expect(a).toEqual(b);
    }
  });

  test('drawn sites are a share of all, ascending, without doubles', () => {
    const drawn = drawSites(1_000_000, 0.01, seededRandom(1, 'sites'));
    expect(Math.abs(drawn.length - 10_000)).toBeLessThan(400);
    expect(drawn).toEqual([...new Set(drawn)].sort((a, b) => a - b));
    expect(drawn.at(-1)).toBeLessThan(1_000_000);
    expect(drawSites(5, 1, seededRandom(1, 'x'))).toEqual([0, 1, 2, 3, 4]);
    expect(drawSites(5, 0, seededRandom(1, 'x'))).toEqual([]);
  });
});

test('inverted bits of a stored trit: the unused code takes no part', () => {
  const ternary = [0, 1, -1].map((trit) => [1, 2, 3].map((mask) => tritWithFlips(trit, mask, 'ternary')));
  expect(ternary).toEqual([
    [1, 0, -1],
    [0, -1, 0],
    [0, 1, 0],
  ]);
  expect([1, -1].map((trit) => tritWithFlips(trit, 1, 'binary'))).toEqual([-1, 1]);
});
