// The C target: random networks equal the reference model, nothing multiplies or calls a library, and every fault is found.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type Compiler, type CsimReport, simulateProgram } from '../../src/synth/csim.ts';
import { run } from '../../src/synth/run.ts';
import { searchTool } from '../../src/synth/tools.ts';
import { type DesignRecipe, emitDesign, emitToFolder } from '../support/emitted.ts';
import { type NetworkRecipe, randomNetwork } from '../support/networks.ts';
import { designRecipe, type LabelledRecipe } from '../support/recipes.ts';
import { haveTools } from '../support/tools.ts';

const FULL = process.env.BITSIM_FULL !== undefined;
const SEED = 20_263;
const IMAGES = 6;
const SANITIZERS = ['-fsanitize=address,undefined', '-fno-sanitize-recover=all', '-O1'];

const simulate = (
  folder: string,
  images: number,
  compiler: Compiler = 'gcc',
  flags: readonly string[] = [],
): Promise<CsimReport> =>
  simulateProgram(folder, { language: 'c', compiler, sources: ['test/test.c'], images, flags });

const checkDesign = async (recipe: LabelledRecipe, compiler: Compiler, flags?: string[]): Promise<void> => {
  const { folder, bundle } = emitToFolder({ ...recipe, target: 'c', images: IMAGES });
  const report = await simulate(folder, IMAGES, compiler, flags);
  expect(report.reason, recipe.label).toBe(null);
  const hidden = bundle.manifest.plan.layers.slice(0, -1).reduce((sum, layer) => sum + layer.outputs, 0);
  expect(report, recipe.label).toMatchObject({
    passed: true,
    codes: IMAGES * hidden,
    logits: IMAGES * recipe.network.classes.length,
    classes: IMAGES,
  });
};

// clang is not among the tools that the tests need: there it is used, and test-full wants it
const clang = FULL || (await searchTool('clang')).tool !== undefined;
const runs: readonly [Compiler, number, string[]][] = [
  ['gcc', FULL ? 200 : 15, []],
  ['gcc', FULL ? 40 : 5, SANITIZERS],
  ...(clang ? [['clang', FULL ? 60 : 5, []] as [Compiler, number, string[]]] : []),
];

test.for(runs)(
  `%s equals the reference on random networks (%i, seed ${SEED})`,
  { timeout: 3_600_000 },
  async ([compiler, numRuns, flags], { skip }) => {
    if (!(await haveTools(compiler))) skip();
    await fc.assert(
      fc.asyncProperty(designRecipe, (recipe) => checkDesign(recipe, compiler, flags)),
      { seed: SEED + flags.length, numRuns, endOnFailure: true },
    );
  },
);

const base: NetworkRecipe = {
  shape: [6, 6],
  outputs: [6, 7, 4],
  inputBits: 8,
  actBits: 4,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};

/** Rows that end in the middle of a word, and what only one of the random networks may have. */
const CORNERS: Readonly<Record<string, DesignRecipe>> = {
  'binary weights, zeros behind the codes': {
    network: randomNetwork({ ...base, alphabet: 'binary', shift: 'dynamic' }, 1),
  },
  'window sums of a crop': { network: randomNetwork({ ...base, crop: 1, pool: 2 }, 2) },
  'base 3 and thresholds': {
    network: randomNetwork({ ...base, shape: [4, 4], outputs: [8, 12, 4], shift: 'thresholds' }, 3),
    folding: { pe: [4, 2, 1], simd: [2, 2, 4], packing: 'base3' },
  },
  'one layer': { network: randomNetwork({ ...base, outputs: [5] }, 4) },
};

test.for(Object.keys(CORNERS))('%s, sanitized', async (label, { skip }) => {
  if (!(await haveTools('gcc'))) skip();
  await checkDesign({ ...CORNERS[label]!, label }, 'gcc', SANITIZERS);
});

const DESIGN: DesignRecipe = { network: randomNetwork(base, 11), target: 'c', images: 5 };

/** C without comments, preprocessor lines, declarations of pointers and text. */
const codeOf = (text: string): string =>
  text
    .replace(/\/\*[\s\S]*?\*\//g, '')
    .replace(/^#.*$/gm, '')
    .replace(/\w+_t \*\w+|\w+_state \*state/g, '')
    .replace(/\*(codes|words|bytes)\+\+/g, '');

describe('the emitted network', () => {
  const networks = [DESIGN, ...Object.values(CORNERS)].map((recipe) =>
    emitDesign({ ...recipe, target: 'c' }),
  );

  test('has no multiplication, division, remainder or float', () => {
    for (const { files, manifest } of networks) {
      const text = files.get(`src/${manifest.top.module}.c`)!;
      expect(codeOf(text).match(/.*[*/%].*|.*\b(float|double)\b.*/g)).toBe(null);
    }
  });

  test('the search for multiplications would find one', () => {
    expect(codeOf('sum += code * weight; /* a * b */')).toMatch(/\*/);
    expect(codeOf('uint32_t word = *words++ * 2;')).toMatch(/\*/);
  });

  test('includes stdint.h and its own header alone', () => {
    for (const { files, manifest } of networks) {
      const { module } = manifest.top;
      const text = `${files.get(`src/${module}.c`)}${files.get(`src/${module}.h`)}`;
      expect([...text.matchAll(/#include (\S+)/g)].map(([, name]) => name)).toEqual([
        `"${module}.h"`,
        '<stdint.h>',
      ]);
    }
  });

  test('says in its manifest that nothing is clocked and which arrays there are', () => {
    const { manifest } = networks[0]!;
    expect(manifest.top).toMatchObject({ clock: null, reset: null, ports: [] });
    expect(manifest.roms).toHaveLength(6);
  });
});

test('needs no symbol of any library, alone and freestanding', async ({ skip }) => {
  if (!(await haveTools('gcc'))) skip();
  for (const recipe of [DESIGN, ...Object.values(CORNERS)]) {
    const { folder, bundle } = emitToFolder({ ...recipe, target: 'c' });
    const source = `src/${bundle.manifest.top.module}.c`;
    const flags = ['-std=c99', '-Os', '-ffreestanding', '-fno-tree-loop-distribute-patterns'];
    const built = await run('gcc', [...flags, '-c', '-o', 'net.o', source], { cwd: folder });
    expect(built).toMatchObject({ code: 0, stdout: '', stderr: '' });
    expect((await run('nm', ['-u', 'net.o'], { cwd: folder })).stdout).toBe('');
  }
});

const edit = (path: string, change: (text: string) => string) => (folder: string) => {
  const file = path.replace('NET', 'src/bitsim_random_net.c');
  const before = readFileSync(join(folder, file), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, file), after);
};

/** The first word with its lowest bit inverted. */
const flipWord = (text: string): string =>
  text.replace(
    /0x([0-9a-f]{8})u,/,
    (_, word) => `0x${((Number.parseInt(word, 16) ^ 1) >>> 0).toString(16)}u,`,
  );

/** The first number of an array, one more. */
const bump = (array: string) => (text: string) =>
  text.replace(
    new RegExp(`(${array}\\[\\d+\\] = \\{\\s+)(-?\\d+)`),
    (_, head, n) => `${head}${Number(n) + 1}`,
  );

const FAULTS: readonly { name: string; apply: (folder: string) => void; expected: RegExp }[] = [
  { name: 'a trit flipped', apply: edit('NET', flipWord), expected: /fc0_weights\) was altered/ },
  { name: 'a bias altered', apply: edit('NET', bump('fc1_start')), expected: /fc1_start\) was altered/ },
  {
    name: 'a pixel altered',
    apply: edit('test/vectors.h', bump('pixels')),
    expected: /\(pixels\) was altered/,
  },
  {
    name: 'an expected code altered',
    apply: edit('test/vectors.h', bump('expected_fc0_codes')),
    expected: /expected_fc0_codes\) was altered/,
  },
  {
    name: 'an expected class altered',
    apply: edit('test/vectors.h', bump('expected_classes')),
    expected: /expected_classes\) was altered/,
  },
  {
    name: 'a vector dropped',
    apply: edit('test/vectors.h', (t) => t.replace(/(expected_logits\[\d+\] = \{\s+)-?\d+, /, '$1')),
    expected: /expected_logits\) was altered/,
  },
  {
    name: 'a vector added',
    apply: edit('test/vectors.h', (t) => t.replace(/(expected_logits\[\d+\] = \{\s+)/, '$11, ')),
    expected: /the build failed: [\s\S]*excess elements/,
  },
  {
    name: 'vectors missing',
    apply: edit('test/vectors.h', (t) => t.replace(/static const int32_t expected_classes[\s\S]*?;/, '')),
    expected: /the build failed: [\s\S]*expected_classes/,
  },
  {
    name: 'a sum that only adds',
    apply: edit('NET', (t) => t.replace('(int32_t)(negated << 1)', '(int32_t)(negated << 0)')),
    expected: /mismatch image=\d+ layer=fc\d/,
  },
  {
    name: 'a requantizer that does not saturate',
    apply: edit('NET', (t) => t.replace('code > largest ?', 'code > 255u ?')),
    expected: /mismatch image=\d+ layer=fc0/,
  },
  {
    name: 'an argmax that takes the smallest',
    apply: edit('NET', (t) => t.replace('state->logits[i] > state', 'state->logits[i] < state')),
    expected: /layer=argmax/,
  },
  {
    name: 'a layer that is left out',
    apply: edit('NET', (t) => t.replace('  layer_fc1(state->odd, state->even);\n', '')),
    expected: /the build failed: [\s\S]*layer_fc1|mismatch/,
  },
];

test.for(FAULTS)('found: $name', async ({ apply, expected }, { skip }) => {
  if (!(await haveTools('gcc'))) skip();
  const { folder } = emitToFolder(DESIGN);
  apply(folder);
  const report = await simulate(folder, 5);
  expect(report.passed).toBe(false);
  expect(`${report.reason}`).toMatch(expected);
});

test('the emitted Makefile: test, sanitize, size and check pass in another folder; a flipped trit fails', async ({
  skip,
}) => {
  if (!(await haveTools('gcc', 'make'))) skip();
  const { folder } = emitToFolder(DESIGN);
  const passed = await run('make', ['-s', 'test', 'check', 'CC=gcc'], { cwd: folder });
  expect(passed).toMatchObject({ code: 0, stderr: '' });
  expect(passed.stdout).toMatch(/checked images=5 codes=65 logits=20 classes=5\nbitsim-tb: PASS\n$/);
  const rest = await run('make', ['-s', 'sanitize', 'size', 'CC=gcc'], { cwd: folder });
  expect(rest).toMatchObject({ code: 0, stderr: '' });
  expect(rest.stdout).toMatch(/text\s+data\s+bss/);
  // 3 words a row of 36 inputs, one a row of 6 and 7; starts of 2 bytes
  expect(rest.stdout).toContain(`thresholds: ${4 * (6 * 3 + 7 + 4) + 2 * (6 + 7 + 4)} bytes`);
  edit('NET', flipWord)(folder);
  const failed = await run('make', ['-s', 'test', 'CC=gcc'], { cwd: folder });
  expect(failed.code).not.toBe(0);
  expect(failed.stdout).toMatch(/fc0_weights\) was altered[\s\S]*FAIL/);
});

test('fewer images can be asked for, none and more than there are cannot', async ({ skip }) => {
  if (!(await haveTools('gcc'))) skip();
  const { folder } = emitToFolder(DESIGN);
  expect(await simulate(folder, 2)).toMatchObject({ passed: true, images: 2, codes: 26 });
  for (const images of [0, 6])
    expect(await simulate(folder, images)).toMatchObject({ passed: false, reason: 'IMAGES must be 1..5' });
});

test('other targets have no C flows', () => {
  expect(() => emitDesign({ ...DESIGN, flows: ['vitis'] })).toThrow(
    '--flow must be left out with --target c, not vitis',
  );
});
