// The vendors' tops as C++: Catapult's and Bambu's equal the reference model as Vitis's does, faults show through them, and the
// vendors' headers take the shims' place when they are named.
import { cpSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type RunResult, run } from '../../src/synth/run.ts';
import { searchTool } from '../../src/synth/tools.ts';
import { type DesignRecipe, emitDesign, emitToFolder } from '../support/emitted.ts';
import { type NetworkRecipe, randomNetwork } from '../support/networks.ts';
import { designRecipe } from '../support/recipes.ts';
import { haveTools } from '../support/tools.ts';

const FULL = process.env.BITSIM_FULL !== undefined;
const SEED = 20_264;
const MINUTE = 60_000;

const recipe: NetworkRecipe = {
  shape: [4, 4],
  outputs: [6, 4],
  inputBits: 7,
  actBits: 4,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};
const DESIGN: DesignRecipe = {
  network: randomNetwork(recipe, 11),
  folding: { pe: [2, 1], simd: [8, 2] },
  target: 'hls',
  images: 5,
};
const ALL: DesignRecipe = { ...DESIGN, flows: ['all'] };

const make = (folder: string, ...args: string[]): Promise<RunResult> =>
  run('make', ['-s', ...args], { cwd: folder });

const edit = (folder: string, path: string, from: string | RegExp, to: string): void => {
  const before = readFileSync(join(folder, path), 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, path), after);
};

describe('which files there are', () => {
  const folders = (flows?: string[]): string[] => {
    const { files } = emitDesign({ ...DESIGN, ...(flows === undefined ? {} : { flows }) });
    const first = [...files.keys()].map((path) => path.split('/')[0]!);
    return ['vitis', 'catapult', 'bambu'].filter((name) => first.includes(name));
  };

  test('Vitis unasked, others when asked for, all in one order', () => {
    expect(folders()).toEqual(['vitis']);
    expect(folders(['bambu'])).toEqual(['bambu']);
    expect(folders(['catapult', 'vitis'])).toEqual(['vitis', 'catapult']);
    expect(folders(['all'])).toEqual(['vitis', 'catapult', 'bambu']);
    expect(emitDesign(ALL).manifest.options.flows).toEqual(['vitis', 'catapult', 'bambu']);
  });

  test('a flow of another target is refused', () => {
    expect(() => emitDesign({ ...DESIGN, flows: ['librelane'] })).toThrow(
      '--flow must be all, or some of vitis, catapult, bambu with --target hls, not librelane',
    );
  });

  test('README and Makefile speak of the flows that there are alone', () => {
    const { files } = emitDesign({ ...DESIGN, flows: ['bambu'] });
    for (const path of ['README.md', 'Makefile']) {
      expect(files.get(path), path).toMatch(/bambu-csim/);
      expect(files.get(path), path).not.toMatch(/vitis-csim|catapult/);
    }
    expect(files.get('README.md')).toContain('none was run');
  });
});

test('every top, with g++ and clang++, in another folder', { timeout: 3 * MINUTE }, async ({ skip }) => {
  if (!(await haveTools('g++', 'make'))) skip();
  const { folder } = emitToFolder(ALL);
  const clang = (await searchTool('clang++')).tool !== undefined;
  for (const compiler of clang ? ['g++', 'clang++'] : ['g++']) {
    for (const goal of ['csim', 'catapult-csim', 'bambu-csim']) {
      const { code, stdout, stderr } = await make(folder, goal, `CXX=${compiler}`);
      expect({ code, stderr }, `${goal} ${compiler}`).toEqual({ code: 0, stderr: '' });
      expect(stdout).toMatch(/checked images=5 codes=30 logits=20 classes=5\nbitsim-tb: PASS\n$/);
    }
  }
});

test(`Catapult's and Bambu's tops equal the reference on random designs (seed ${SEED})`, {
  timeout: 60 * MINUTE,
}, async ({ skip }) => {
  if (!(await haveTools('g++', 'make'))) skip();
  const property = fc.asyncProperty(designRecipe, async (design) => {
    const folding = { ...design.folding, skipZeros: undefined };
    const { folder } = emitToFolder({ ...design, folding, target: 'hls', flows: ['catapult', 'bambu'] });
    const { code, stdout, stderr } = await make(folder, 'catapult-csim', 'bambu-csim', 'OPT=-O0');
    expect({ code, stderr, stdout }, design.label).toMatchObject({ code: 0, stderr: '' });
    expect(stdout.match(/bitsim-tb: PASS/g), design.label).toHaveLength(2);
  });
  await fc.assert(property, { seed: SEED, numRuns: FULL ? 40 : 2, endOnFailure: true });
});

test('a flipped trit, a missing vector and a beat without last show through every top', {
  timeout: 3 * MINUTE,
}, async ({ skip }) => {
  if (!(await haveTools('g++', 'make'))) skip();
  for (const goal of ['catapult-csim', 'bambu-csim']) {
    const flipped = emitToFolder(ALL).folder;
    edit(flipped, 'src/fc0_rom.hpp', /(0x[0-9a-f]+, 0x[0-9a-f]+), 0x[0-9a-f]+/, '$1, 0x1');
    expect((await make(flipped, goal, 'OPT=-O0')).stdout).toMatch(/fc0_rom.hpp was altered[\s\S]*FAIL/);
    const short = emitToFolder(ALL).folder;
    edit(short, 'vectors/fc0.hex', /^.\n/, '');
    const missed = await make(short, goal, 'OPT=-O0');
    expect(missed.code).not.toBe(0);
    expect(missed.stdout).toMatch(/fc0.hex is short, long or altered[\s\S]*FAIL/);
    const lost = emitToFolder(ALL).folder;
    edit(
      lost,
      'include/bitsim_hls.hpp',
      'const type middle = last ? 1 : 0;',
      'const type middle = last ? 0 : 0;',
    );
    expect((await make(lost, goal, 'OPT=-O0', 'WARN=-Wno-unknown-pragmas')).stdout).toMatch(
      /m_axis last is wrong/,
    );
  }
});

describe("the vendors' headers", () => {
  test('AP_INCLUDE: the shim is not needed any more, and what is there is used', {
    timeout: 2 * MINUTE,
  }, async ({ skip }) => {
    if (!(await haveTools('g++', 'make'))) skip();
    const { folder } = emitToFolder(DESIGN);
    renameSync(join(folder, 'shim'), join(folder, 'vendor'));
    expect((await make(folder, 'csim')).stderr).toMatch(/ap_int.h|ap_axi_sdata.h/);
    expect((await make(folder, 'csim', 'AP_INCLUDE=vendor')).stdout).toMatch(/PASS\n$/);
    edit(folder, 'vendor/ap_int.h', /^/, '#error the header of the vendor\n');
    const { code, stderr } = await make(folder, 'csim', 'AP_INCLUDE=vendor', 'BUILD=build/again');
    expect(code).not.toBe(0);
    expect(stderr).toContain('the header of the vendor');
  });

  test('AC_INCLUDE: the same for Catapult', { timeout: 2 * MINUTE }, async ({ skip }) => {
    if (!(await haveTools('g++', 'make'))) skip();
    const { folder } = emitToFolder(ALL);
    mkdirSync(join(folder, 'mgc'));
    cpSync(join(folder, 'catapult/shim'), join(folder, 'mgc/include'), { recursive: true });
    expect((await make(folder, 'catapult-csim', 'AC_INCLUDE=mgc/include')).stdout).toMatch(/PASS\n$/);
    edit(folder, 'mgc/include/ac_channel.h', /^/, '#error the header of the vendor\n');
    const { code, stderr } = await make(
      folder,
      'catapult-csim',
      'AC_INCLUDE=mgc/include',
      'BUILD=build/again',
    );
    expect(code).not.toBe(0);
    expect(stderr).toContain('the header of the vendor');
  });
});

test("the scripts name the vendors' tops and files that are there", () => {
  const { files, manifest } = emitDesign(ALL);
  const { module } = manifest.top;
  expect(files.get('catapult/go_hls.tcl')).toContain(`-DESIGN_HIERARCHY ${module}_catapult`);
  expect(files.get('bambu/bambu.sh')).toContain(`--top-fname=${module}_bambu`);
  for (const script of ['catapult/go_hls.tcl', 'bambu/bambu.sh'])
    for (const [, path] of files.get(script)!.matchAll(/\$here\/([\w/]+\.cpp)/g))
      expect(files.has(path!), path).toBe(true);
});
