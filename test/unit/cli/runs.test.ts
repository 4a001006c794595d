// Names of runs, images for RTL, and the checkpoint made from a bare network.
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import { leastImages } from '../../../src/cli/design.ts';
import { defaultVectors } from '../../../src/cli/emit-run.ts';
import { checkpointOfNetwork } from '../../../src/cli/graph-checkpoint.ts';
import { nameFrom } from '../../../src/cli/run-folder.ts';
import { affordableImages } from '../../../src/cli/verify-rtl.ts';
import type { DenseLayer, Network } from '../../../src/model/network.ts';
import { lowerCheckpoint } from '../../../src/quant/lower.ts';
import { type NetworkRecipe, randomNetwork } from '../../support/networks.ts';

const RECIPE = {
  shape: [6, 5],
  outputs: [8, 6, 4],
  inputBits: 5,
  actBits: 4,
  alphabet: 'ternary',
  shift: 3,
  bias: false,
} as const;

test('any text becomes a legal name, and a legal name stays', () => {
  fc.assert(
    fc.property(fc.string(), (free) => {
      const name = nameFrom(free);
      expect(name).toMatch(/^[A-Za-z][A-Za-z0-9_-]{0,63}$/);
      expect(nameFrom(name)).toBe(name);
    }),
  );
  expect(nameFrom('mnist-784_b')).toBe('mnist-784_b');
});

describe('images for RTL', () => {
  const networkOf = (outputs: number[]): Network => randomNetwork({ ...RECIPE, shape: [28, 28], outputs }, 1);

  test('fewer where the design is larger, more in Verilator, within bounds', () => {
    const [small, large] = [planFolded(networkOf([16, 10])), planFolded(networkOf([256, 10]))];
    expect(affordableImages(small, 'icarus')).toBeGreaterThan(affordableImages(large, 'icarus'));
    expect(affordableImages(large, 'verilator')).toBe(200);
    expect(affordableImages(large, 'icarus')).toBeGreaterThanOrEqual(2);
    expect(defaultVectors(small, 1000)).toBeLessThanOrEqual(64);
    expect(defaultVectors(large, 1000)).toBeGreaterThanOrEqual(leastImages(large));
    expect(defaultVectors(small, 2)).toBe(2);
  });
});

describe('the checkpoint of a bare network', () => {
  test.each(['ternary', 'binary'] as const)('lowers to the same layers: %s', (alphabet) => {
    const changes: Partial<NetworkRecipe>[] = [
      {},
      { shift: 'dynamic' },
      { bias: true },
      { shift: 'thresholds', actBits: 2 },
    ];
    for (const change of changes) {
      const network = randomNetwork({ ...RECIPE, alphabet, ...change }, 5);
      const source = checkpointOfNetwork(network);
      if (source.from === 'none') throw new Error(source.reason);
      const lowered = lowerCheckpoint(source.checkpoint, network.name, network.provenance);
      expect(lowered).toEqual({ ...network, classes: network.classes });
    }
  });

  test('is refused, with the reason, for what the training graph cannot express', () => {
    const network = randomNetwork(RECIPE, 5);
    const reasonWith = (change: (layer: DenseLayer) => Partial<DenseLayer>): string => {
      const [first, ...rest] = network.layers as [DenseLayer, ...Network['layers'][number][]];
      const source = checkpointOfNetwork({ ...network, layers: [{ ...first, ...change(first) }, ...rest] });
      return source.from === 'none' ? source.reason : '';
    };
    expect(reasonWith((l) => ({ weights: { ...l.weights, alphabet: 'binary' } }))).toContain(
      'mix ternary and binary',
    );
    const output = { signed: false, bits: 7 };
    expect(
      reasonWith(() => ({ requantize: { kind: 'dynamic-shift', rounding: 'half-up', output } })),
    ).toContain('requantize in different ways');
    expect(
      reasonWith(() => ({ requantize: { kind: 'static-shift', shift: 3, rounding: 'half-up', output } })),
    ).toContain('different widths');
  });
});
