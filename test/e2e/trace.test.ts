// `bitsim trace` through the built command line; and verify on RTL with a bug: layer, neuron and cycle, and a waveform
// that shows it.
import { cpSync, existsSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { planFolded } from '../../src/arch/folded/plan.ts';
import { traceFrames } from '../../src/arch/folded/trace.ts';
import { traceWaves } from '../../src/codegen/targets/verilog/waves.ts';
import { loadDataset } from '../../src/data/index.ts';
import { readNetwork } from '../../src/layers/validate.ts';
import { pixelsOf } from '../../src/model/dataset.ts';
import { stratifiedIndices } from '../../src/sim/golden.ts';
import { evaluate } from '../../src/sim/reference.ts';
import { writeIdxFolder } from '../support/idx.ts';
import { haveTools } from '../support/tools.ts';
import { sampleWaves } from '../support/waves.ts';
import { bitsim, MAIN, NO_TOOLS, start, workspace } from './bitsim.ts';

const cwd = workspace();
const WAVES = join(cwd, 'out/net/waves-icarus.vcd');
const FOLDING = ['--pe', '4,2', '--simd', '6,4'];

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'));
  const quick = ['--data', 'data', '--hidden', '8', '--epochs', '2', '--batch', '32'];
  expect((await bitsim({ cwd }, 'train', ...quick, '--out', 'out/net')).code).toBe(0);
});

/** Frames of these test images through the trained net, as FOLDING folds it. */
const traced = (indices: readonly number[]) => {
  const network = readNetwork(join(cwd, 'out/net/network.json'));
  const { test: images } = loadDataset(join(cwd, 'data'));
  const plan = planFolded(network, { pe: [4, 2], simd: [6, 4] });
  return traceFrames(
    network,
    plan,
    indices.map((index) => pixelsOf(images, index)),
  );
};

interface Unit {
  readonly sum: number;
  readonly selected: readonly number[];
  readonly trits: string;
  readonly end: { readonly neuron: number; readonly accumulator: number; readonly code: number } | null;
}

describe('bitsim trace', () => {
  test('a table that fits 80 columns: the first additions of the first layer', async () => {
    const { code, stdout } = await bitsim({ cwd }, 'trace', '--image', '3', ...FOLDING);
    expect(code).toBe(0);
    const lines = stdout.split('\n');
    expect(Math.max(...lines.map((line) => line.length))).toBeLessThanOrEqual(80);
    expect(stdout).toMatch(
      /layer fc0: 36 inputs, 8 outputs\nPE 4 x SIMD 6: 2 neuron folds x 6 synapse folds/,
    );
    const first = traced([3]).schedule.units[0]!.adds.indexOf(1) - 1;
    expect(stdout).toMatch(new RegExp(`^ +${first} +\\d+ +0 +0 +0 +0 +-?\\d+ +-?\\d+ +[+.-]`, 'm'));
    expect(lines.filter((line) => /^ *\d+ +(\d+|-) /.test(line)).length).toBe(16);
  });

  test('a window of another layer; one row for each PE asked for', async () => {
    const args = ['trace', '--layer', 'fc1', '--from', '10', '--cycles', '5', '--only-pe', '0,1'];
    const { stdout } = await bitsim({ cwd }, ...args, ...FOLDING);
    expect(stdout).toContain('layer fc1: 8 inputs, 4 outputs');
    const rows = stdout.split('\n').filter((line) => /^ *\d+ +(\d+|-) /.test(line));
    expect(rows.map((row) => Number(row.trim().split(/ +/)[0]))).toEqual([
      10, 10, 11, 11, 12, 12, 13, 13, 14, 14,
    ]);
    expect(stdout).toContain('logit @cycle');
  });

  test('--json: walked through, it gives the reference accumulators and codes of every neuron', async () => {
    const args = ['trace', '--image', '3', '--layer', '0', '--from', '0', '--cycles', '100000', '--json'];
    const { code, stdout } = await bitsim({ cwd }, ...args, ...FOLDING);
    expect(code).toBe(0);
    const result = JSON.parse(stdout);
    const { layers, class: best, logits } = evaluate(traced([3]).network, traced([3]).frames[0]!.pixels);
    expect(result.frames).toMatchObject([{ image: 3, class: best, logits: [...logits] }]);
    expect(result.trace).toHaveLength(result.cycles);
    const units: Unit[] = result.trace.flatMap(
      ({ add }: { add: { units: Unit[] } | null }) => add?.units ?? [],
    );
    for (const { sum, selected, trits } of units) {
      expect(sum).toBe(selected.reduce((total, x) => total + x, 0));
      expect([...trits].map((trit) => (trit === '0' ? 0 : trit === '+' ? 1 : -1))).toHaveLength(6);
    }
    const ends = units.flatMap(({ end }) => (end === null ? [] : [end]));
    expect(ends.map(({ neuron }) => neuron)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(ends.map(({ accumulator }) => accumulator)).toEqual([...layers[0]!.accumulators]);
    expect(ends.map((end) => end.code)).toEqual([...layers[0]!.codes]);
  });

  test('--vcd: all cycles of frames back to back, or the window', async () => {
    const all = await bitsim({ cwd }, 'trace', '--image', '3,4', '--vcd', 'waves/all.vcd', ...FOLDING);
    expect(all.code).toBe(0);
    expect(all.stdout).toContain('gtkwave waves/all.vcd');
    const trace = traced([3, 4]);
    const whole = traceWaves(trace, { from: 0, cycles: trace.schedule.cycles });
    expect(readFileSync(join(cwd, 'waves/all.vcd'), 'utf8')).toBe(whole);
    const part = ['--from', '7', '--cycles', '3', '--vcd', 'part.vcd', '--json'];
    const { stdout } = await bitsim({ cwd }, 'trace', '--image', '3,4', ...part, ...FOLDING);
    expect(JSON.parse(stdout).vcd).toEqual({ path: 'part.vcd', from: 7, cycles: 3 });
    expect(readFileSync(join(cwd, 'part.vcd'), 'utf8')).toBe(traceWaves(trace, { from: 7, cycles: 3 }));
  });

  test.each([
    ['--image 60', '--image must be from 0 to 59, the test images, not 60'],
    ['--image x', '--image must be whole numbers'],
    ['--layer fc3', '--layer must be one of fc0, fc1, or a number from 0, not "fc3"'],
    ['--layer 2', 'not "2"'],
    ['--from 100000', '--from must be at most'],
    ['--cycles 0', '--cycles must be a whole number, at least 1'],
    ['--pe 4,2 --only-pe 4', '--only-pe must be from 0 to 3, the PEs of this layer, not 4'],
    ['--pe 3,2', 'PE must divide 8 outputs, not 3'],
    ['--rom case', 'option --rom must be one that bitsim trace knows'],
    ['--vcd data', 'output data must be writable'],
  ])('%s is refused', async (args, message) => {
    const { code, stderr } = await bitsim({ cwd }, 'trace', ...args.split(' '));
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringContaining(message) });
  });
});

/** A copy of the tool in whose RTL `bug` is seeded; returns its main file. */
const withBug = (name: string, file: string, right: string, wrong: string): string => {
  const tool = join(cwd, name);
  for (const part of ['dist', 'templates', 'package.json'])
    cpSync(resolve(part), join(tool, part), { recursive: true });
  symlinkSync(resolve('node_modules'), join(tool, 'node_modules'));
  const path = join(tool, 'templates/verilog', file);
  const text = readFileSync(path, 'utf8');
  expect(text).toContain(right);
  writeFileSync(path, text.replace(right, wrong));
  return MAIN.replace(resolve('.'), tool);
};

const verifyWith = (main: string, ...args: string[]) =>
  start(process.execPath, [main, 'verify', 'out/net', '--rtl', 'icarus', ...args], { cwd }).finished;

/** The value of `signal` in `cycle`, from the dump that verify wrote; its lowest bits come last. */
const dumpedAt = (signal: string, cycle: number): string => {
  const names = ['tb.now', `tb.u_dut.${signal}`];
  const { signals } = sampleWaves(readFileSync(WAVES, 'utf8'), 'tb.u_dut.aclk', (name) =>
    names.includes(name),
  );
  const now = signals.get('tb.now')!.map((bits) => Number.parseInt(bits, 2));
  expect(now).toContain(cycle);
  expect(now.length).toBeLessThan(100);
  return signals.get(`tb.u_dut.${signal}`)![now.indexOf(cycle)]!;
};

describe('verify on RTL with a seeded bug', () => {
  /** The results of every second PE have bit 5 turned. */
  const right = 'result_q <= total[AccBits:1];';
  const wrong =
    "result_q <= (p == 1) ? total[AccBits:1] ^ {{(AccBits - 6) {1'b0}}, 6'd32} : total[AccBits:1];";

  test('names layer, neuron and cycle, and writes the waveform around it', async ({ skip }) => {
    if (!(await haveTools('iverilog'))) skip();
    const main = withBug('buggy', 'lib/bitsim_accumulate.v', right, wrong);
    const { code, stdout } = await verifyWith(main, '--images', '3', ...FOLDING, '--waves', '--json');
    expect(code).toBe(1);
    const [{ first, waves }] = JSON.parse(stdout).rtl;
    const { test: images } = loadDataset(join(cwd, 'data'));
    const trace = traced(stratifiedIndices(images, 3));
    // the code leaves the layer in the cycle that the trace says
    const frame = stratifiedIndices(images, 3).indexOf(first.image);
    const { layers } = trace.frames[frame]!;
    expect(first).toMatchObject({ layer: 'fc0', what: 'code', stalls: false });
    expect(first.neuron % 4).toBe(1);
    expect(first.expected).toBe(layers[0]!.codes[first.neuron]);
    const step = (frame * 2 + Math.floor(first.neuron / 4)) * 6 + 5;
    const ends = trace.schedule.units[0]!.adds.findIndex((adds) => adds > step) - 1;
    expect(first.cycle).toBe(trace.cycle(0, ends).add!.end!.leaves[1]);
    expect(waves).toEqual({
      file: 'waves-icarus.vcd',
      from: Math.max(0, first.cycle - 48),
      to: first.cycle + 8,
    });
    // and the dump holds what was expected and what was got
    const lanes = dumpedAt('fc0_code_data', first.cycle);
    const lane = first.neuron % (lanes.length / 8);
    const dumped = lanes.slice(lanes.length - (lane + 1) * 8, lanes.length - lane * 8);
    expect(Number.parseInt(dumped, 2)).toBe(first.got);
  });

  test('what shows only with stalls is shown with the same stalls', async ({ skip }) => {
    if (!(await haveTools('iverilog'))) skip();
    const main = withBug(
      'buggy-when-stalled',
      'lib/bitsim_accumulate.v',
      '~(finish & result_valid_q & ~out_ready_i)',
      "1'b1",
    );
    const folding = ['--pe', '4,1', '--simd', '6,4', '--images', '30'];
    const { code, stdout } = await verifyWith(main, ...folding, '--waves', '--json');
    expect(code).toBe(1);
    const [{ first, waves }] = JSON.parse(stdout).rtl;
    expect(first).toMatchObject({ layer: 'fc1', what: 'logit', stalls: true });
    expect(waves.to).toBe(first.cycle + 8);
    expect(dumpedAt('m_axis_tvalid', first.cycle)).toBe('1');
    expect(BigInt.asIntN(32, BigInt(`0b${dumpedAt('m_axis_tdata', first.cycle)}`))).toBe(BigInt(first.got));
    rmSync(WAVES);
  });

  test('without --waves it says how to get one, and writes none', async ({ skip }) => {
    if (!(await haveTools('iverilog'))) skip();
    const main = withBug('buggy-too', 'lib/bitsim_argmax.v', '| carries[AccBits]', '| ~carries[AccBits]');
    const { code, stdout } = await verifyWith(main, '--images', '3');
    expect(code).toBe(1);
    expect(stdout).toMatch(
      /icarus, without stalls: image \d+ \(label \d\), the class, cycle \d+: expected \d, got \d/,
    );
    expect(stdout).toMatch(/^next: .* verify out\/net --waves/m);
    expect(existsSync(WAVES)).toBe(false);
  });

  test('without a bug --waves writes nothing, and an old waveform goes', async ({ skip }) => {
    if (!(await haveTools('iverilog'))) skip();
    writeFileSync(WAVES, 'old');
    const { code, stdout } = await verifyWith(MAIN, '--images', '3', '--waves');
    expect(code).toBe(0);
    expect(stdout).not.toContain('gtkwave');
    expect(existsSync(WAVES)).toBe(false);
  });
});

test('trace needs no tools', async () => {
  expect((await bitsim({ cwd, env: NO_TOOLS }, 'trace')).code).toBe(0);
});
