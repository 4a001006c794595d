// `bitsim plan` through the built command line: from a goal to a file, from the file to Verilog with the same plan.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeIdxFolder } from '../support/idx.ts';
import { bitsim, MAIN, workspace } from './bitsim.ts';

const cwd = workspace();
const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await bitsim({ cwd }, ...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return JSON.parse(stdout);
};
const errorOf = async (...args: string[]): Promise<string> => {
  const { code, stderr } = await bitsim({ cwd }, ...args);
  expect(code).toBe(2);
  return stderr;
};

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'));
  const quick = ['--data', 'data', '--hidden', '16', '--epochs', '1', '--batch', '32'];
  expect((await bitsim({ cwd }, 'train', ...quick, '--out', 'out/net')).code).toBe(0);
});

test('a rate becomes a file; emit, verify and plan read it, also when it was edited', async () => {
  const planned = await json('plan', '--target-fps', '50000', '--clock', '40', '--out', 'folding.json');
  expect(planned.imagesPerSecond).toBeGreaterThanOrEqual(50_000);
  expect((await json('emit', '--plan', 'folding.json')).plan).toEqual(planned.plan);

  const file = JSON.parse(readFileSync(join(cwd, 'folding.json'), 'utf8'));
  file.layers[0] = { ...file.layers[0], pe: 16, simd: 1 };
  file.packing = '2bit';
  writeFileSync(join(cwd, 'folding.json'), JSON.stringify(file));
  const edited = await json('plan', '--plan', 'folding.json', '--device', 'up5k');
  expect(edited.plan.layers[0]).toMatchObject({ pe: 16, simd: 1, rom: { packing: '2bit' } });
  const layers = edited.estimate.layers.reduce((sum: number, { luts }: { luts: number }) => sum + luts, 0);
  expect(layers).toBeGreaterThan(0);
  expect(edited.estimate.luts).toBeGreaterThan(layers);
  const traced = await json('trace', '--plan', 'folding.json', '--image', '0');
  expect(traced.command).toBe('trace');
  expect((await json('verify', '--plan', 'folding.json', '--rtl', 'none')).equal).toBe(true);
});

test('the table says bottleneck, rate, reason and whether it fits', async () => {
  const { code, stdout } = await bitsim({ cwd }, 'plan', '--device', 'hx8k');
  expect(code).toBe(0);
  expect(stdout).toMatch(/^layer +PE x SIMD +folds +regs +cycles +ROM +RAM +LUT +FF +adders$/m);
  expect(stdout).toMatch(/images a second at 48 MHz/);
  expect(stdout).toMatch(/^bottleneck: layer fc\d: \d+ cycles/m);
  expect(stdout).toMatch(/^chosen: the fastest that fits hx8k/m);
  expect(stdout).toMatch(/^fits hx8k: [\d,]+ of 7,680 logic cells \(.*\), \d+ of 32 block RAMs$/m);
  const shown = stdout.replaceAll(MAIN, '');
  expect(Math.max(...shown.split('\n').map((line) => line.length))).toBeLessThanOrEqual(100);
});

test('registers are chosen for a clock, written to the file, and emitted', async () => {
  const fold = ['plan', '--device', 'hx8k', '--pe', '16,4', '--simd', '36,16'];
  const slow = await json(...fold, '--clock', '10');
  const stages = ({ plan }: { plan: { layers: { pipeline: number }[] } }) =>
    plan.layers.map(({ pipeline }) => pipeline);
  expect(stages(slow)).toEqual([0, 0]);
  const clock = slow.reaches.mhz + 2;
  const fast = await json(...fold, '--clock', String(clock), '--out', 'fast.json');
  expect(stages(fast)[0]).toBeGreaterThan(0);
  expect(fast.reaches.mhz).toBeGreaterThanOrEqual(clock);
  expect(fast.reason).toContain(`registers in the adder trees (${stages(fast).join(', ')}) for ${clock} MHz`);
  expect((await json('emit', '--plan', 'fast.json')).plan).toEqual(fast.plan);
  const verified = await json('verify', '--plan', 'fast.json', '--images', '3', '--rtl', 'icarus');
  expect(verified.rtl.length).toBeGreaterThan(0);
  expect(verified.equal).toBe(true);
  expect(await errorOf(...fold, '--clock', '1000')).toMatch(/must be at most \d+ MHz.*BITSIM_PLAN_CLOCK/s);
});

test('a part that was never placed and routed has no clock estimate, and says so', async () => {
  const { stdout } = await bitsim({ cwd }, 'plan', '--device', 'ecp5-25k', '--clock', '500');
  expect(stdout).toMatch(/^clock: not estimated for ecp5-25k/m);
  expect((await json('plan', '--device', 'ecp5-25k', '--clock', '500')).reaches).toBe(null);
});

test('what cannot be is refused, and no file is written over', async () => {
  expect(await errorOf('plan', '--target-fps', '1e12')).toContain('BITSIM_PLAN_IMPOSSIBLE');
  expect(await errorOf('plan', '--max-luts', '10')).toContain('BITSIM_PLAN_IMPOSSIBLE');
  expect(await errorOf('plan', '--clock', '0')).toContain('a number above 0');
  expect(await errorOf('plan', '--device', 'up5')).toContain('did you mean up5k?');
  expect(await errorOf('plan', '--pe', '1,1', '--target-fps', '10')).toContain('BITSIM_CLI_CONFLICT');
  expect(await errorOf('emit', '--plan', 'folding.json', '--pe', '1,1')).toContain(
    '--plan and --pe must not',
  );
  expect(await errorOf('emit', '--plan', 'nowhere.json')).toContain(
    'folding file nowhere.json must be readable',
  );
  writeFileSync(join(cwd, 'mine.json'), 'mine');
  expect(await errorOf('plan', '--out', 'mine.json')).toContain('--force replaces it');
  expect(readFileSync(join(cwd, 'mine.json'), 'utf8')).toBe('mine');
  expect((await json('plan', '--out', 'mine.json', '--force')).out).toBe('mine.json');
  const other = { format: 'bitsim-folding', version: 1, layers: [{ layer: 'fc9', pe: 1, simd: 1 }] };
  writeFileSync(join(cwd, 'other.json'), JSON.stringify(other));
  expect(await errorOf('emit', '--plan', 'other.json')).toContain(
    'must be fc0, fc1, those of the network, not fc9',
  );
});

test('zeros: the hint, the file, what emit, verify and trace make of it, and what HLS cannot', async () => {
  const quick = ['--data', 'data', '--hidden', '16', '--epochs', '2', '--batch', '32', '--zeros', '0.9'];
  expect((await bitsim({ cwd }, 'train', ...quick, '--out', 'out/pruned')).code).toBe(0);
  const folding = ['out/pruned', '--pe', '1,1', '--simd', '1,1'];
  expect((await json('plan', ...folding)).hint).toMatch(
    /^with --skip-zeros auto fc0 would read \d+ of 576 words/,
  );
  expect((await json('plan', ...folding, '--skip-zeros', 'off')).hint).toBe(null);
  const every = await json('plan', ...folding);
  const planned = await json('plan', ...folding, '--skip-zeros', 'auto', '--out', 'rows.json');
  expect(planned.plan.initiationInterval).toBeLessThan(every.plan.initiationInterval / 2);
  expect(JSON.parse(readFileSync(join(cwd, 'rows.json'), 'utf8')).layers[0].skipZeros).toBe('on');
  expect((await json('emit', 'out/pruned', '--plan', 'rows.json')).plan).toEqual(planned.plan);
  expect((await json('verify', 'out/pruned', '--plan', 'rows.json', '--rtl', 'none')).equal).toBe(true);
  const traced = await json('trace', 'out/pruned', '--plan', 'rows.json', '--cycles', '40');
  expect(
    traced.trace.some(({ add }: { add: { skipped: number } | null }) => add !== null && add.skipped > 0),
  ).toBe(true);
  const table = await bitsim({ cwd }, 'trace', 'out/pruned', '--plan', 'rows.json');
  expect(table.stdout).toMatch(/^zeros skipped: \d+ words are read, \d+ are not$/m);
  expect(table.stdout).toMatch(/^cycle +reads +adds +nfold +sfold +skips +PE/m);
  const text = await bitsim({ cwd }, 'plan', 'out/pruned', '--plan', 'rows.json');
  expect(text.stdout).toMatch(/^fc0 skips zeros: \d+ of 576 words are read \(\d+ %\)$/m);

  const hls = ['out/pruned', '--target', 'hls', '--plan', 'rows.json'];
  expect(await errorOf('emit', ...hls)).toContain('layer fc0 must read every word in the HLS target');
  expect(await errorOf('verify', 'out/pruned', '--hls', '--rtl', 'none', '--plan', 'rows.json')).toContain(
    'BITSIM_HLS_SKIP_ZEROS',
  );
  expect(await errorOf('plan', ...folding, '--skip-zeros', 'yes')).toContain('must be one of off, on, auto');
  expect(await errorOf('plan', ...folding, '--skip-zeros', 'on,on,on')).toContain(
    'have one choice for each of the 2 dense layers',
  );
  expect(await errorOf('plan', '--plan', 'rows.json', '--skip-zeros', 'on')).toContain('BITSIM_CLI_CONFLICT');
});
