// The whole pipeline on a 4-3-2 network written by hand: no tools, no training, well under a second.
import { expect, test } from 'vitest';
import { planFolded } from '../src/arch/folded/plan.ts';
import { emit } from '../src/codegen/emit.ts';
import { parseNetwork } from '../src/layers/validate.ts';
import { printNetwork } from '../src/model/network-file.ts';
import { createComparison } from '../src/sim/compare.ts';
import { goldenVectors } from '../src/sim/golden.ts';
import { evaluate } from '../src/sim/reference.ts';

const TEXT = JSON.stringify({
  format: 'bitsim-network',
  version: 1,
  name: 'tiny',
  input: { shape: [2, 2], pixel: 'u8', crop: [0, 0, 2, 2], pool: [1, 1], shift: 4, code: 'u4' },
  layers: [
    {
      kind: 'dense',
      name: 'hidden',
      input: 'u4',
      weights: { alphabet: 'ternary', rows: ['+0-+', '--00', '0+0+'] },
      bias: null,
      accumulator: 's6',
      requantize: { kind: 'static-shift', shift: 2, rounding: 'half-up', output: 'u2' },
    },
    {
      kind: 'dense',
      name: 'logits',
      input: 'u2',
      weights: { alphabet: 'ternary', rows: ['+0-', '0-+'] },
      bias: [0, -1],
      accumulator: 's4',
      requantize: { kind: 'none' },
    },
    { kind: 'argmax', name: 'argmax', inputs: 2, input: 's4', ties: 'lowest-index' },
  ],
  classes: ['left', 'right'],
  provenance: { tool: 'by hand' },
});

/** Pixels 0x10, 0x20, 0x30, 0xf7: codes 1, 2, 3, 15. */
const PIXELS = Uint8Array.of(0x10, 0x20, 0x30, 0xf7);

test('tiny: every integer by hand, and all the way to Verilog', () => {
  const network = parseNetwork(TEXT);
  expect(parseNetwork(printNetwork(network))).toEqual(network);

  const trace = evaluate(network, PIXELS);
  expect(Array.from(trace.inputCodes)).toEqual([1, 2, 3, 15]);
  // 1 - 3 + 15 = 13;  -1 - 2 = -3;  2 + 15 = 17
  expect(Array.from(trace.layers[0]!.accumulators)).toEqual([13, -3, 17]);
  // 13/4 = 3.25 -> 3;  ReLU;  17/4 = 4.25 -> 4, clipped to 3
  expect(Array.from(trace.layers[0]!.codes)).toEqual([3, 0, 3]);
  // 3 - 3 = 0;  -1 - 0 + 3 = 2
  expect(Array.from(trace.logits)).toEqual([0, 2]);
  expect(trace.class).toBe(1);

  const comparison = createComparison('a', 'b');
  comparison.add(0, trace, {
    outputs: [
      [3, 0, 3],
      [0, 2],
    ],
    class: 1,
  });
  expect(comparison.result().mismatches).toBe(0);

  const images = { count: 1, height: 2, width: 2, pixels: PIXELS, labels: Uint8Array.of(1) };
  const plan = planFolded(network, { pe: [3, 1], simd: [2, 3] });
  expect(plan.layers.map((layer) => layer.cycles)).toEqual([2, 2]);
  const vectors = goldenVectors(network, images, [0]);
  const { files } = emit({ network, plan, target: 'verilog', rom: 'readmemh', vectors, toolVersion: '0' });
  // word 0: inputs 0 and 1 of all three outputs, lane 0 lowest: 01 00 | 11 11 | 00 01
  expect(files.get('rom/hidden.hex')).toBe(
    `${(0b010011110001).toString(16).padStart(3, '0')}\n${(0b010000000111).toString(16).padStart(3, '0')}\n`,
  );
  expect(files.get('vectors/outputs.hex')).toBe('00000000\n00000002\n00000001\n');
});
