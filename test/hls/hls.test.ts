// The HLS target as C++: random designs equal the reference model, nothing multiplies, and every fault is found.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Compiler, type CsimReport, simulateProgram } from '../../src/synth/csim.ts';
import { searchTool } from '../../src/synth/tools.ts';
import { type DesignRecipe, emitDesign, emitToFolder } from '../support/emitted.ts';
import { type NetworkRecipe, randomNetwork } from '../support/networks.ts';
import { designRecipe, type LabelledRecipe } from '../support/recipes.ts';
import { haveTools } from '../support/tools.ts';

const FULL = process.env.BITSIM_FULL !== undefined;
const SEED = 20_262;
const IMAGES = 6;
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-O1'];

const simulate = (folder: string, compiler: Compiler, flags: readonly string[] = []): Promise<CsimReport> => {
  const manifest = JSON.parse(readFileSync(join(folder, 'manifest.json'), 'utf8'));
  const sources = [`src/${manifest.top.module}.cpp`, 'tb/tb.cpp'];
  return simulateProgram(folder, {
    language: 'c++',
    compiler,
    sources,
    images: manifest.vectors.images.length,
    flags,
  });
};

const checkDesign = async (recipe: LabelledRecipe, compiler: Compiler, flags?: string[]): Promise<void> => {
  const folding = { ...recipe.folding, skipZeros: undefined };
  const { folder, bundle } = emitToFolder({ ...recipe, folding, target: 'hls', images: IMAGES });
  const report = await simulate(folder, compiler, flags);
  expect(report.reason, recipe.label).toBe(null);
  const hidden = bundle.manifest.plan.layers.slice(0, -1).reduce((sum, layer) => sum + layer.outputs, 0);
  expect(report, recipe.label).toMatchObject({
    passed: true,
    codes: IMAGES * hidden,
    logits: IMAGES * recipe.network.classes.length,
    classes: IMAGES,
  });
};

// clang++ is not among the tools that the tests need: there it is used, and test-full wants it
const clang = FULL || (await searchTool('clang++')).tool !== undefined;
const runs: readonly [Compiler, number, string[]][] = [
  ['g++', FULL ? 150 : 10, []],
  ['g++', FULL ? 20 : 2, SANITIZERS],
  ...(clang ? [['clang++', FULL ? 40 : 2, []] as [Compiler, number, string[]]] : []),
];

test.for(runs)(
  `%s equals the reference on random designs (%i, seed ${SEED})`,
  { timeout: 3_600_000 },
  async ([compiler, numRuns, flags], { skip }) => {
    if (!(await haveTools(compiler))) skip();
    await fc.assert(
      fc.asyncProperty(designRecipe, (recipe) => checkDesign(recipe, compiler, flags)),
      { seed: SEED + flags.length, numRuns, endOnFailure: true },
    );
  },
);

test('five trits in a byte, with whole and broken groups of five', async ({ skip }) => {
  if (!(await haveTools('g++'))) skip();
  const net: NetworkRecipe = {
    shape: [4, 4],
    outputs: [8, 12, 4],
    inputBits: 7,
    actBits: 6,
    alphabet: 'ternary',
    shift: 3,
    bias: true,
  };
  const network = randomNetwork(net, 17);
  for (const folding of [
    { pe: [4, 2, 1], simd: [2, 2, 4] },
    { pe: [2, 12, 4], simd: [16, 1, 3] },
  ]) {
    const recipe: DesignRecipe = { network, folding: { ...folding, packing: 'base3' } };
    const { layers } = emitDesign({ ...recipe, target: 'hls' }).manifest.plan;
    expect(layers.map(({ rom }) => rom.packing)).toEqual(['base3', 'base3', 'base3']);
    await checkDesign({ ...recipe, label: JSON.stringify(folding) }, 'g++', SANITIZERS);
  }
});

const recipe: NetworkRecipe = {
  shape: [4, 4],
  outputs: [6, 4],
  inputBits: 7,
  actBits: 4,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};
const DESIGN: DesignRecipe = { network: randomNetwork(recipe, 11), target: 'hls', images: 5 };

/** C++ without comments, pragmas and text. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\/.*$/gm, '')
    .replace(/^#.*$/gm, '')
    .replace(/"[^"]*"/g, '""');

describe('the emitted core', () => {
  const { files } = emitDesign(DESIGN);
  const core = [...files].filter(([path]) => /^(src|include)\//.test(path));

  test('has no multiplication, division or remainder of data', () => {
    expect(core.length).toBeGreaterThan(3);
    for (const [path, text] of core) {
      // what is left divides template constants and loop counters that unroll
      const found = codeOf(text)
        .replace(/(Inputs|Outputs|Pixels|CropCols) \/ (Simd|Pe|Lanes|PoolCols)/g, '')
        .replace(/i [/%] ChunkLanes|Rows \* Cols/g, '')
        .match(/.*(\*|%|[^/]\/[^/]).*/g);
      expect(found, path).toBe(null);
    }
  });

  test('the search for multiplications would find one', () => {
    expect(codeOf('acc = acc + code * input; // a * b')).toMatch(/\*/);
  });
});

const edit = (path: string, change: (text: string) => string) => (folder: string) => {
  const before = readFileSync(join(folder, path), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, path), after);
};

/** The first weight word with its lowest bit inverted. */
const flipWord = (text: string): string =>
  text.replace(/0x([0-9a-f]+),/, (_, word) => `0x${(Number.parseInt(word, 16) ^ 1).toString(16)},`);

const FAULTS: readonly { name: string; apply: (folder: string) => void; expected: RegExp }[] = [
  {
    name: 'a trit flipped',
    apply: edit('src/fc0_rom.hpp', flipWord),
    expected: /src\/fc0_rom.hpp was altered/,
  },
  {
    name: 'a bias altered',
    apply: edit('src/fc0_rom.hpp', (t) =>
      t.replace(/_start\[6\] = \{ (-?\d+)/, (all, n) => all.replace(n, `${Number(n) + 64}`)),
    ),
    expected: /mismatch image=\d+ layer=fc0 neuron=0 expected=\d+ got=\d+/,
  },
  {
    name: 'a vector file missing',
    apply: (folder) => rmSync(join(folder, 'vectors/fc0.hex')),
    expected: /vectors\/fc0.hex is missing/,
  },
  {
    name: 'a vector dropped',
    apply: edit('vectors/outputs.hex', (t) => t.split('\n').slice(1).join('\n')),
    expected: /outputs.hex is short, long or altered/,
  },
  {
    name: 'a vector added',
    apply: edit('vectors/outputs.hex', (t) => `${t}0\n`),
    expected: /outputs.hex is short, long or altered/,
  },
  {
    name: 'an expected code altered',
    apply: edit('vectors/fc0.hex', (t) =>
      t.replace(/^./, (digit) => (Number.parseInt(digit, 16) ^ 1).toString(16)),
    ),
    expected: /fc0.hex is short, long or altered/,
  },
  {
    name: 'text among the vectors',
    apply: edit('vectors/pixels.hex', (t) => `zz${t.slice(2)}`),
    expected: /pixels.hex is short, long or altered/,
  },
  {
    name: 'an adder that only adds',
    apply: edit('include/bitsim_hls.hpp', (t) =>
      t.replace('sign = subtract ? -1 : 0', 'sign = subtract ? 0 : 0'),
    ),
    expected: /-Werror|mismatch image=\d+ layer=fc\d/,
  },
  {
    name: 'a requantizer that does not saturate',
    apply: edit('include/bitsim_hls.hpp', (t) =>
      t.replace('return value > largest ?', 'return value > largest + largest + 2 ?'),
    ),
    expected: /mismatch image=\d+ layer=fc0/,
  },
  {
    name: 'an argmax that takes the last of equals or the smallest',
    apply: edit('include/bitsim_hls.hpp', (t) => t.replace('logit > best', 'logit < best')),
    expected: /layer=argmax/,
  },
  {
    name: 'a frame guard that does not see an early last',
    apply: edit('include/bitsim_hls.hpp', (t) =>
      t.replace('if (ended_ && index_ != Beats - 1) fault_ = 1;', ''),
    ),
    expected: /m_axis user does not say/,
  },
  {
    name: 'a frame guard that does not drop what is late',
    apply: edit('include/bitsim_hls.hpp', (t) => t.replace('while (!ended_)', 'if (!ended_)')),
    expected: /bitsim-tb|mismatch|m_axis user|left over/,
  },
];

test.for(FAULTS)('found: $name', async ({ apply, expected }, { skip }) => {
  if (!(await haveTools('g++'))) skip();
  const { folder } = emitToFolder(DESIGN);
  apply(folder);
  const report = await simulate(folder, 'g++');
  expect(report.passed).toBe(false);
  expect(`${report.reason}`).toMatch(expected);
});

test('the emitted Makefile: csim passes in another folder, and fails on a flipped trit', async ({ skip }) => {
  if (!(await haveTools('g++', 'make'))) skip();
  const { run } = await import('../../src/synth/run.ts');
  const { folder } = emitToFolder(DESIGN);
  const passed = await run('make', ['-s', 'csim', 'check'], { cwd: folder });
  expect(passed).toMatchObject({ code: 0, stderr: '' });
  expect(passed.stdout).toMatch(/checked images=5 codes=30 logits=20 classes=5\nbitsim-tb: PASS\n$/);
  edit('src/fc1_rom.hpp', flipWord)(folder);
  const failed = await run('make', ['-s', 'csim'], { cwd: folder });
  expect(failed.code).not.toBe(0);
  expect(failed.stdout).toMatch(/src\/fc1_rom.hpp was altered[\s\S]*FAIL/);
});
