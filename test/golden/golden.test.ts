// Golden files: the emitted text of a few small designs, byte for byte. BITSIM_GOLDEN_UPDATE=1 rewrites them; read the
// diff. Each design is also simulated: no golden is trusted unexecuted.
import { existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { COMPILERS, simulateProgram } from '../../src/synth/csim.ts';
import { simulate } from '../../src/synth/simulate.ts';
import { type DesignRecipe, emitDesign, temporaryFolder, writeBundle } from '../support/emitted.ts';
import { type NetworkRecipe, randomNetwork } from '../support/networks.ts';
import { haveTools } from '../support/tools.ts';

const base: NetworkRecipe = {
  shape: [2, 3],
  outputs: [4, 3],
  inputBits: 7,
  actBits: 4,
  alphabet: 'ternary',
  shift: 4,
  bias: false,
};

const CASES: Readonly<Record<string, DesignRecipe>> = {
  'static-readmemh': { network: randomNetwork(base, 1), folding: { pe: [2, 1], simd: [3, 2] }, images: 2 },
  'dynamic-case-bias': {
    network: randomNetwork({ ...base, shift: 'dynamic', bias: true }, 2),
    folding: { pe: [4, 3], simd: [2, 4] },
    rom: 'case',
    images: 2,
  },
  thresholds: {
    network: randomNetwork({ ...base, actBits: 2, shift: 'thresholds' }, 4),
    folding: { pe: [4, 1], simd: [3, 2] },
    images: 3,
  },
  'binary-deep': {
    network: randomNetwork(
      { ...base, outputs: [4, 4, 2], alphabet: 'binary', inputBits: 1, actBits: 1, shift: 0 },
      3,
    ),
    folding: { pe: [2, 4, 1], simd: [6, 1, 4] },
    images: 2,
  },
  base3: {
    network: randomNetwork({ ...base, shape: [4, 4] }, 5),
    folding: { pe: [2, 1], simd: [2, 4], packing: 'base3' },
    images: 2,
  },
  'compressed-rows': {
    network: randomNetwork({ ...base, shape: [4, 4], bias: true, zeros: 0.85 }, 6),
    folding: { pe: [2, 1], simd: [1, 2], skipZeros: ['on', 'off'] },
    images: 2,
  },
  'hls-thresholds': {
    network: randomNetwork({ ...base, actBits: 2, shift: 'thresholds', bias: true }, 4),
    folding: { pe: [4, 1], simd: [3, 2] },
    target: 'hls',
    images: 3,
  },
  'c-thresholds': {
    network: randomNetwork({ ...base, actBits: 2, shift: 'thresholds', bias: true }, 4),
    target: 'c',
    images: 3,
  },
  'c-dynamic-base3': {
    network: randomNetwork({ ...base, shape: [6, 6], crop: 1, pool: 2, shift: 'dynamic' }, 5),
    folding: { pe: [2, 1], simd: [2, 4], packing: 'base3' },
    target: 'c',
    images: 2,
  },
};

const folderOf = (name: string): string => join(import.meta.dirname, name);

/** The library is the same in every design and under git already. */
const golden = (path: string): boolean =>
  !/^(rtl\/bitsim_(?!random_net)|shim\/|include\/)/.test(path) && path !== 'SHA256SUMS';

const update = (name: string, files: ReadonlyMap<string, string>): void => {
  rmSync(folderOf(name), { recursive: true, force: true });
  for (const [path, text] of files) {
    if (!golden(path)) continue;
    mkdirSync(dirname(join(folderOf(name), path)), { recursive: true });
    writeFileSync(join(folderOf(name), path), text);
  }
};

test.for(Object.keys(CASES))('%s', async (name, { skip }) => {
  const bundle = emitDesign(CASES[name]!);
  if (process.env.BITSIM_GOLDEN_UPDATE !== undefined) update(name, bundle.files);
  expect(existsSync(folderOf(name)), 'run npm run golden:update').toBe(true);
  const kept = readdirSync(folderOf(name), { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folderOf(name).length + 1));
  expect(kept.sort()).toEqual([...bundle.files.keys()].filter(golden).sort());
  for (const path of kept)
    expect(bundle.files.get(path), path).toBe(readFileSync(join(folderOf(name), path), 'utf8'));
  const { program } = bundle;
  if (!(await haveTools(program === null ? 'iverilog' : COMPILERS[program.language][0]))) skip();
  const folder = temporaryFolder();
  writeBundle(bundle, folder);
  if (program !== null) {
    expect(await simulateProgram(folder, { ...program, images: 2 })).toMatchObject({
      reason: null,
      passed: true,
    });
    return;
  }
  expect(await simulate(folder, 'icarus', { images: 2, stall: true })).toMatchObject({
    reason: null,
    passed: true,
  });
});
