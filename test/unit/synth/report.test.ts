// The testbench's output is believed only when all of it fits.
import { expect, test } from 'vitest';
import { parseTestbench } from '../../../src/synth/report.ts';

const CHECKED = 'bitsim-tb: checked images=5 codes=30 logits=20 classes=5';
const PASS = 'bitsim-tb: PASS';

test('a run that passes', () => {
  const report = parseTestbench(
    `${CHECKED}\nbitsim-tb: cycles latency=24 interval=12\n${PASS}\n- tb.v:1: $finish\n`,
    5,
  );
  expect(report).toEqual({
    passed: true,
    reason: null,
    images: 5,
    codes: 30,
    logits: 20,
    classes: 5,
    cycles: { latency: 24, interval: 12 },
    mismatches: [],
    errors: [],
  });
});

test.each([
  ['', 'the testbench said nothing'],
  ['Segmentation fault', 'the testbench said nothing'],
  [CHECKED, /the last line was "checked/],
  [`${PASS}\n${CHECKED}`, /the last line was "checked/],
  [`${CHECKED}\n${PASS}\n${PASS}`, 'PASS was said more than once'],
  [PASS, 'it did not say what it checked'],
  [`${CHECKED}\nbitsim-tb: FAIL`, /the last line was "FAIL"/],
  [`bitsim-tb: error rom/fc0.hex is missing\n${CHECKED}\n${PASS}`, 'rom/fc0.hex is missing'],
  [`${CHECKED.replace('images=5', 'images=4')}\n${PASS}`, /but 5 images were asked for/],
  [`${CHECKED.replace('classes=5', 'classes=4')}\n${PASS}`, /but 5 images were asked for/],
  [`${CHECKED.replace('logits=20', 'logits=0')}\n${PASS}`, /but 5 images were asked for/],
  [`${CHECKED.replace('codes=30', 'codes=31')}\n${PASS}`, /but 5 images were asked for/],
  [`${CHECKED}\n${CHECKED}\n${PASS}`, 'it said more than once what it checked'],
  [`${CHECKED}\n${PASS}\nSegmentation fault`, '"Segmentation fault" came after PASS'],
  [`${CHECKED}\n${PASS}\n${CHECKED}`, /the last line was "checked/],
  [`${CHECKED}\n${PASS}ED`, /"bitsim-tb: PASSED", which is not understood/],
  [`${CHECKED}\nbitsim-tb: PAS`, /"bitsim-tb: PAS", which is not understood/],
  [`${CHECKED}\nbitsim-tb:\n${PASS}`, /"bitsim-tb:", which is not understood/],
  [`${CHECKED}\nWARNING: x bitsim-tb: y\n${PASS}`, /which is not understood/],
  [
    `bitsim-tb: mismatch image=3 layer=fc0 neuron=17 expected=12 got=13\n${CHECKED}\n${PASS}`,
    /^mismatch image=3/,
  ],
  [`bitsim-tb: mismatch image=3 layer=f\n${CHECKED}\n${PASS}`, 'mismatch image=3 layer=f'],
  [
    `bitsim-tb: mismatch image=3 layer=fc0 neuron=17 expected=12 got=13 cycle=40\n${CHECKED}\n${PASS}`,
    /^mismatch image=3/,
  ],
])('%j is no pass', (output, reason) => {
  const report = parseTestbench(output, 5);
  expect(report.passed).toBe(false);
  expect(report.reason).toMatch(reason);
});

test('mismatches are read, unknown bits included', () => {
  const { mismatches } = parseTestbench(
    'bitsim-tb: mismatch image=3 layer=fc0 neuron=17 expected=-12 got=13 cycle=40\nbitsim-tb: mismatch image=4 layer=argmax neuron=0 expected=1 got=x cycle=52\n',
    5,
  );
  expect(mismatches).toEqual([
    { image: 3, layer: 'fc0', neuron: 17, expected: -12, got: 13, cycle: 40 },
    { image: 4, layer: 'argmax', neuron: 0, expected: 1, got: Number.NaN, cycle: 52 },
  ]);
});

test.each([
  [6, 4, true],
  [5, 4, false],
  [6, 5, false],
  [0, 4, false],
])('where %i codes and %i logits an image are asked for, nothing else passes', (codes, logits, passed) => {
  expect(parseTestbench(`${CHECKED}\n${PASS}`, 5, { codes, logits }).passed).toBe(passed);
});

test('no images asked for is no pass', () => {
  const nothing = 'bitsim-tb: checked images=0 codes=0 logits=0 classes=0';
  expect(parseTestbench(`${nothing}\n${PASS}`, 0).passed).toBe(false);
});
