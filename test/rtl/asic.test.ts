// ASIC projects: the Tiny Tapeout tile gives the reference model's class of every image through its pins, is clean for Verilator
// and Icarus and synthesizes to gates and flip-flops alone; the other projects name files that are there.
import { existsSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import { type RunResult, run } from '../../src/synth/run.ts';
import { type DesignRecipe, emitDesign, emitToFolder } from '../support/emitted.ts';
import { type NetworkRecipe, randomNetwork } from '../support/networks.ts';
import { haveTools } from '../support/tools.ts';

const MINUTE = 60_000;
const TEST = 'asic/tinytapeout/test';

const base: NetworkRecipe = {
  shape: [4, 6],
  outputs: [6, 4],
  inputBits: 7,
  actBits: 4,
  alphabet: 'ternary',
  shift: 2,
  bias: false,
};

const design = (recipe: Partial<NetworkRecipe>, seed: number, rest: Partial<DesignRecipe>): DesignRecipe => ({
  network: randomNetwork({ ...base, ...recipe }, seed),
  rom: 'case',
  flows: ['all'],
  images: 8,
  ...rest,
});

const DESIGNS: Readonly<Record<string, DesignRecipe>> = {
  'three pixels a beat': design({}, 1, { folding: { pe: [2, 1], simd: [3, 2] } }),
  'one pixel a beat': design({}, 2, { folding: { pe: [1, 1], simd: [1, 1] } }),
  'one beat an image': design({ shape: [2, 2] }, 3, { folding: { pe: [6, 4], simd: [4, 6] } }),
  'window sums, dynamic shift, binary weights': design(
    { shape: [6, 6], crop: 1, pool: 2, shift: 'dynamic', alphabet: 'binary' },
    4,
    {},
  ),
  'base 3': design({}, 5, {
    folding: { pe: [2, 2], simd: [4, 2], packing: 'base3' },
  }),
};
const FIRST: DesignRecipe = { ...DESIGNS['three pixels a beat']!, images: 40 };

const make = (folder: string, ...goals: string[]): Promise<RunResult> =>
  run('make', ['-s', '-C', TEST, ...goals], { cwd: folder });

test.for(Object.keys(DESIGNS))('the tile: %s', { timeout: 2 * MINUTE }, async (name, { skip }) => {
  if (!(await haveTools('iverilog', 'verilator', 'make'))) skip();
  const { folder } = emitToFolder(DESIGNS[name]!);
  const { code, stdout, stderr } = await make(folder, 'lint', 'sim');
  expect({ code, stderr, stdout }).toMatchObject({
    code: 0,
    stderr: '',
    stdout: expect.stringMatching(/images=8\nbitsim-tb: PASS\n/),
  });
});

const edit = (folder: string, path: string, from: string | RegExp, to: string): void => {
  const before = readFileSync(join(folder, path), 'utf8');
  const after = before.replace(from, to);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, path), after);
};
const TILE = 'asic/tinytapeout/src/tt_um_bitsim_random_net.v';

const FAULTS: readonly { name: string; apply: (folder: string) => void; expected: RegExp }[] = [
  {
    name: 'an expected class altered',
    apply: (folder) => edit(folder, `${TEST}/classes.hex`, /^0./, '05'),
    expected: /mismatch image=0 layer=argmax neuron=0 expected=5 got=\d/,
  },
  {
    name: 'pixels missing',
    apply: (folder) => rmSync(join(folder, `${TEST}/pixels.hex`)),
    expected: /No rule to make target|missing or short/,
  },
  {
    name: 'pixels short',
    apply: (folder) => edit(folder, `${TEST}/pixels.hex`, /^..\n/, ''),
    expected: /missing or short/,
  },
  {
    name: 'pixels in the wrong order',
    apply: (folder) => edit(folder, TILE, '{ui_in, pixels_q[23:8] }', '{pixels_q[15:0], ui_in}'),
    expected: /mismatch image=\d/,
  },
  {
    name: 'a beat too few',
    apply: (folder) => edit(folder, TILE, "beat_q == 3'd7", "beat_q == 3'd6"),
    expected: /done before|mismatch|no pixel is taken/,
  },
  {
    name: 'a reset that forgets the beat',
    apply: (folder) => edit(folder, TILE, "      beat_q <= 3'd0;\n", ''),
    expected: /FAIL/,
  },
  {
    name: 'ready that is never high',
    apply: (folder) => edit(folder, TILE, 'wire ready = !full_q && !busy_q', "wire ready = 1'b0 && busy_q"),
    expected: /no pixel is taken/,
  },
  {
    name: 'done that stays',
    apply: (folder) => edit(folder, TILE, "        done_q <= 1'b0;\n", ''),
    expected: /done before image 1/,
  },
  {
    name: 'pins that are driven and should not be',
    apply: (folder) => edit(folder, TILE, "8'b0000_0010", "8'b0000_0011"),
    expected: /uio_oe must drive ready alone/,
  },
];

test.for(FAULTS)('found: $name', { timeout: MINUTE }, async ({ apply, expected }, { skip }) => {
  if (!(await haveTools('iverilog', 'make'))) skip();
  const { folder } = emitToFolder(FIRST);
  apply(folder);
  const { code, stdout, stderr } = await make(folder, 'sim');
  expect(code).not.toBe(0);
  expect(`${stdout}${stderr}`).toMatch(expected);
});

test('the tile becomes gates and flip-flops: no multiplier, latch or memory', {
  timeout: 2 * MINUTE,
}, async ({ skip }) => {
  if (!(await haveTools('yosys'))) skip();
  const { folder } = emitToFolder(FIRST);
  const script = [
    `read_verilog ${join(folder, 'asic/tinytapeout/src')}/*.v`,
    'hierarchy -check -top tt_um_bitsim_random_net',
    'proc',
    'select -assert-none t:$mul t:$div t:$mod',
    'synth -flatten -top tt_um_bitsim_random_net',
    'select -assert-none t:$mem* t:$_DLATCH* t:$mul',
    'check -assert',
  ].join('; ');
  expect(await run('yosys', ['-q', '-p', script])).toMatchObject({ code: 0, stderr: '' });
});

describe('the projects', () => {
  test('LibreLane: JSON whose sources are there, top last', () => {
    const { folder } = emitToFolder(FIRST);
    const path = join(folder, 'asic/librelane');
    const config = JSON.parse(readFileSync(join(path, 'config.json'), 'utf8')) as Record<string, unknown>;
    expect(config).toMatchObject({ DESIGN_NAME: 'bitsim_random_net', CLOCK_PORT: 'aclk', CLOCK_PERIOD: 40 });
    const files = [...(config.VERILOG_FILES as string[]), config.PNR_SDC_FILE as string];
    for (const file of files) expect(existsSync(join(path, file.replace('dir::', ''))), file).toBe(true);
    expect(files.at(-2)).toBe('dir::../../rtl/bitsim_random_net.v');
  });

  test('OpenROAD-flow-scripts: what make reads in config.mk is there, from any folder', async ({ skip }) => {
    if (!(await haveTools('make'))) skip();
    const { folder } = emitToFolder(FIRST);
    const makefile = `include ${folder}/asic/openroad/config.mk\n$(info $(VERILOG_FILES) $(SDC_FILE))\nall:;@:\n`;
    writeFileSync(join(folder, 'probe.mk'), makefile);
    const { stdout, code } = await run('make', ['-s', '-f', join(folder, 'probe.mk')], { cwd: '/' });
    const files = stdout.trim().split(/\s+/);
    expect({ code, rtl: files.filter((file) => file.endsWith('.v')).length > 10 }).toEqual({
      code: 0,
      rtl: true,
    });
    for (const file of files) expect(existsSync(file), file).toBe(true);
  });

  test('Tiny Tapeout: every source of info.yaml is in src, and no other', () => {
    const { files } = emitDesign(FIRST);
    const named = [...files.get('asic/tinytapeout/info.yaml')!.matchAll(/^ {4}- "(.*)"$/gm)].map(
      ([, f]) => f,
    );
    const there = [...files.keys()]
      .filter((path) => /^asic\/tinytapeout\/src\/.*\.v$/.test(path))
      .map((path) => path.slice('asic/tinytapeout/src/'.length));
    expect(named.sort()).toEqual(there.sort());
    expect(files.get('asic/tinytapeout/info.yaml')).toContain('top_module: "tt_um_bitsim_random_net"');
  });

  test('nothing of them unasked; one alone when one is asked for', () => {
    const asic = (flows?: string[]): string[] => {
      const { flows: _, ...rest } = FIRST;
      const { files } = emitDesign(flows === undefined ? rest : { ...rest, flows });
      const folders = [...files.keys()]
        .filter((path) => path.startsWith('asic/'))
        .map((path) => path.split('/')[1]!);
      return [...new Set(folders)].sort();
    };
    expect(asic()).toEqual([]);
    expect(asic(['openroad'])).toEqual(['constraint.sdc', 'openroad']);
    expect(emitDesign({ ...FIRST, flows: ['openroad'] }).files.get('README.md')).not.toContain(
      'Tiny Tapeout',
    );
  });

  test('weights in files and more classes than pins are refused', () => {
    expect(() => emitDesign({ ...FIRST, rom: 'readmemh', flows: ['librelane'] })).toThrow(
      '--flow librelane must come with --rom case: an ASIC has no memory that is loaded from a file, not --rom readmemh',
    );
    const many = randomNetwork({ ...base, shape: [2, 2], outputs: [129] }, 1);
    expect(() => emitDesign({ ...FIRST, network: many, folding: {}, flows: ['tinytapeout'] })).toThrow(
      'must have at most 128 classes, for seven pins, not 129',
    );
  });
});
