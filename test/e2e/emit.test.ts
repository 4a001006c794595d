// `bitsim emit` through the built command line: the same bytes twice, and nothing of the user's is ever overwritten.
import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { writeIdxFolder } from '../support/idx.ts';
import { bitsim, workspace } from './bitsim.ts';

const cwd = workspace();

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'));
  const quick = ['--data', 'data', '--hidden', '8', '--epochs', '1', '--batch', '32'];
  expect((await bitsim({ cwd }, 'train', ...quick, '--out', 'out/net')).code).toBe(0);
});

const contents = (folder: string): Record<string, string> =>
  Object.fromEntries(
    readdirSync(join(cwd, folder), { recursive: true, withFileTypes: true })
      .filter((entry) => entry.isFile())
      .map((entry): [string, string] => {
        const path = join(entry.parentPath, entry.name);
        const digest = createHash('sha256').update(readFileSync(path)).digest('hex');
        return [path.slice(join(cwd, folder).length + 1), digest];
      })
      .sort(([a], [b]) => (a < b ? -1 : 1)),
  );

describe('emit', () => {
  test('writes RUN/verilog of the latest run, every file as its manifest says', async () => {
    const { code, stdout } = await bitsim({ cwd }, 'emit', '--target', 'verilog', '--vectors', '5');
    expect(code).toBe(0);
    expect(stdout).toContain('written: out/net/verilog');
    expect(stdout).toMatch(/fc0 +36 x 8/);
    const { 'manifest.json': _, SHA256SUMS: __, ...rest } = contents('out/net/verilog');
    const manifest = JSON.parse(readFileSync(join(cwd, 'out/net/verilog/manifest.json'), 'utf8'));
    expect(manifest.files).toEqual(rest);
    expect(manifest.vectors.images).toHaveLength(5);
    expect(manifest.vectors.labels).toEqual([0, 1, 2, 3, 0]);
  });

  test('again: the same bytes, over the folder of before, and elsewhere; --json is one object', async () => {
    const before = contents('out/net/verilog');
    mkdirSync(join(cwd, 'out/net/verilog/build'));
    writeFileSync(join(cwd, 'out/net/verilog/build/log'), 'left by make');
    expect((await bitsim({ cwd }, 'emit', 'out/net', '--vectors', '5')).code).toBe(0);
    expect(contents('out/net/verilog')).toEqual(before);
    const args = ['emit', 'out/net/network.json', '--vectors', '5', '--out', 'deep/er/rtl', '--json'];
    const { code, stdout } = await bitsim({ cwd }, ...args);
    expect(code).toBe(0);
    expect(contents('deep/er/rtl')).toEqual(before);
    expect(JSON.parse(stdout)).toMatchObject({
      command: 'emit',
      folder: 'deep/er/rtl',
      vectors: 5,
      files: Object.keys(before),
    });
    expect(readdirSync(join(cwd, 'deep/er'))).toEqual(['rtl']);
  });

  test('takes foldings, ROM style and the least vectors that measure the interval', async () => {
    const args = ['emit', '--pe', '4,2', '--simd', '9,4', '--rom', 'case', '--out', 'folded', '--json'];
    const result = JSON.parse((await bitsim({ cwd }, ...args)).stdout);
    expect(result.plan.layers.map((l: { pe: number; simd: number }) => [l.pe, l.simd])).toEqual([
      [4, 9],
      [2, 4],
    ]);
    expect(result.vectors).toBeGreaterThan(result.plan.steadyFrom);
    expect(result.files.filter((path: string) => path.startsWith('rom/'))).toEqual([]);
  });
});

describe('other targets and flows', () => {
  test('C: no folding is shown, and its own goals come next', async () => {
    const { code, stdout } = await bitsim({ cwd }, 'emit', '--target', 'c', '--vectors', '3');
    expect(code).toBe(0);
    expect(stdout).toContain('written: out/net/c');
    expect(stdout).toMatch(/make -C out\/net\/c test size/);
    expect(stdout).not.toMatch(/PE|SIMD/);
    const files = Object.keys(contents('out/net/c'));
    expect(files.filter((path) => path.startsWith('src/'))).toEqual([
      expect.stringMatching(/^src\/bitsim_\w+\.c$/),
      expect.stringMatching(/^src\/bitsim_\w+\.h$/),
    ]);
  });

  test('flows of HLS and of Verilog, named in the manifest', async () => {
    const hls = ['emit', '--target', 'hls', '--flow', 'bambu,catapult', '--json', '--out', 'flows/hls'];
    expect((await bitsim({ cwd }, ...hls)).code).toBe(0);
    const asic = ['emit', '--rom', 'case', '--flow', 'all', '--json', '--out', 'flows/asic'];
    expect((await bitsim({ cwd }, ...asic)).code).toBe(0);
    const flowsOf = (folder: string): unknown =>
      JSON.parse(readFileSync(join(cwd, folder, 'manifest.json'), 'utf8')).options.flows;
    expect(flowsOf('flows/hls')).toEqual(['catapult', 'bambu']);
    expect(flowsOf('flows/asic')).toEqual(['librelane', 'openroad', 'tinytapeout']);
  });
});

describe('what is refused', () => {
  const refused = async (...args: string[]): Promise<string> => {
    const { code, stderr } = await bitsim({ cwd }, 'emit', ...args);
    expect(code).toBe(2);
    return stderr;
  };

  test("a folder with the user's files, forced or not", async () => {
    mkdirSync(join(cwd, 'mine'));
    writeFileSync(join(cwd, 'mine/thesis.txt'), 'three years');
    for (const force of [[], ['--force']]) {
      expect(await refused('--out', 'mine', ...force)).toContain(
        'must be new, empty, or one that bitsim emitted',
      );
    }
    expect(contents('mine')).toEqual({
      'thesis.txt': createHash('sha256').update('three years').digest('hex'),
    });
    expect(await refused('--out', 'mine/thesis.txt')).toContain('must be a folder, not a file');
    expect(await refused('--out', 'out/net')).toContain('must be new, empty, or one that bitsim emitted');
  });

  test('an emitted folder in which something changed, unless forced', async () => {
    expect((await bitsim({ cwd }, 'emit', '--out', 'edited')).code).toBe(0);
    const original = contents('edited');
    writeFileSync(join(cwd, 'edited/rtl/mine.v'), 'module mine; endmodule');
    expect(await refused('--out', 'edited')).toContain('rtl/mine.v was added or changed');
    rmSync(join(cwd, 'edited/rtl/mine.v'));
    writeFileSync(join(cwd, 'edited/Makefile'), 'all:');
    expect(await refused('--out', 'edited')).toContain('Makefile was added or changed');
    expect((await bitsim({ cwd }, 'emit', '--out', 'edited', '--force')).code).toBe(0);
    expect(contents('edited')).toEqual(original);
  });

  test('other targets, foldings that do not divide, counts that do not fit, more vectors than images', async () => {
    expect(await refused('--target', 'vhdl')).toContain('(verilog, hls, c), not vhdl');
    expect(await refused('--target', 'verilogg')).toContain('did you mean verilog?');
    expect(await refused('--pe', '5,2')).toContain('PE must divide 8 outputs, not 5; try 4 or 8');
    expect(await refused('--pe', '4')).toContain('must have one number for each of the 2 dense layers');
    expect(await refused('--packing', 'base3', '--pe', '1,1', '--simd', '1,1')).toContain(
      'PE x SIMD is a multiple of 4',
    );
    expect(await refused('--flow', 'librelane')).toContain('must come with --rom case');
    expect(await refused('--flow', 'vitis')).toContain(
      'must be all, or some of librelane, openroad, tinytapeout with --target verilog, not vitis',
    );
    expect(await refused('--target', 'c', '--flow', 'all')).toContain('must be left out with --target c');
    expect(await refused('--vectors', '61')).toContain('must be at most 60');
    expect(await refused('--vectors', '0')).toContain('--vectors must be a whole number, at least 1');
  });

  test('an unwritable place leaves nothing behind', async () => {
    expect(await refused('--out', '/proc/bitsim/rtl')).toContain('must be writable');
    writeFileSync(join(cwd, 'file'), '');
    expect(await refused('--out', 'file/rtl')).toContain('must be writable');
    expect(existsSync('/proc/bitsim')).toBe(false);
  });
});
