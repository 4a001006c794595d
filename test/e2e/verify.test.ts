// `bitsim verify` through the built command line: equality is reported, every tampering is found.
import { cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, describe, expect, test } from 'vitest';
import { loadDataset } from '../../src/data/index.ts';
import { readNetwork } from '../../src/layers/validate.ts';
import { pixelsOf } from '../../src/model/dataset.ts';
import { evaluate } from '../../src/sim/reference.ts';
import { writeIdxFolder } from '../support/idx.ts';
import { haveTools } from '../support/tools.ts';
import { bitsim, NO_TOOLS, workspace } from './bitsim.ts';

const cwd = workspace();
const TEST_IMAGES = 60;
const VALUES = TEST_IMAGES * (8 + 4 + 1);

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'));
  writeIdxFolder(join(cwd, 'other'), { test: 61 });
  const quick = ['--data', 'data', '--hidden', '8', '--epochs', '2', '--batch', '32'];
  expect((await bitsim({ cwd }, 'train', ...quick, '--out', 'out/net')).code).toBe(0);
});

const copyRun = (name: string): string => {
  cpSync(join(cwd, 'out/net'), join(cwd, name), { recursive: true });
  return name;
};

/** A column of the last layer that is no zero in `row` and whose hidden code is no zero on some test image. */
const liveColumn = (row: string): number => {
  const network = readNetwork(join(cwd, 'out/net/network.json'));
  const { test: images } = loadDataset(join(cwd, 'data'));
  const traces = Array.from({ length: images.count }, (_, i) => evaluate(network, pixelsOf(images, i)));
  const column = [...row].findIndex(
    (trit, c) => trit !== '0' && traces.some((t) => t.layers[0]!.codes[c]! > 0),
  );
  expect(column).toBeGreaterThanOrEqual(0);
  return column;
};

describe('the training graph', () => {
  test('equals the simulator in every value of every test image', async () => {
    const { code, stdout, stderr } = await bitsim({ cwd }, 'verify', '--rtl', 'none');
    expect({ code, stderr }).toMatchObject({ code: 0 });
    expect(stdout).toMatch(new RegExp(`training graph +${TEST_IMAGES} +${VALUES} +equal +tfjs`));
    expect(stdout).toMatch(/reference model, an image: \d+ additions,[\s\S]*? 0\s+multiplications/);
    expect(JSON.parse(readFileSync(join(cwd, 'out/net/verify.json'), 'utf8'))).toMatchObject({
      format: 'bitsim-verification',
      equal: true,
      graph: {
        from: 'checkpoint',
        images: TEST_IMAGES,
        values: VALUES,
        mismatches: 0,
        first: null,
        operations: { images: TEST_IMAGES, multiplies: 0 },
      },
      rtl: [],
    });
  });

  test('--json prints exactly one object', async () => {
    const { code, stdout } = await bitsim({ cwd }, 'verify', 'out/net', '--rtl', 'none', '--json');
    expect(code).toBe(0);
    expect(stdout.trimEnd().split('\n')).toHaveLength(1);
    expect(JSON.parse(stdout)).toMatchObject({ command: 'verify', run: 'out/net', equal: true });
  });

  test('a flipped trit is found: exit 1 with image, layer, neuron, expected, got', async () => {
    const run = copyRun('flipped');
    const network = JSON.parse(readFileSync(join(cwd, run, 'network.json'), 'utf8'));
    const rows: string[] = network.layers[1].weights.rows;
    const column = liveColumn(rows[2]!);
    rows[2] = `${rows[2]!.slice(0, column)}${rows[2]![column] === '+' ? '-' : '+'}${rows[2]!.slice(column + 1)}`;
    network.layers[1].accumulator = 's20';
    network.layers[2].input = 's20';
    writeFileSync(join(cwd, run, 'network.json'), JSON.stringify(network));
    const human = await bitsim({ cwd }, 'verify', run, '--rtl', 'none');
    expect(human.code).toBe(1);
    expect(human.stdout).toMatch(
      /first: image \d+ \(label \d\), layer fc1, neuron 2 \(logit\): expected -?\d+, got -?\d+/,
    );
    expect(human.stderr).toContain('network.json is not the file that training wrote');
    const { code, stdout } = await bitsim({ cwd }, 'verify', run, '--rtl', 'none', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      equal: false,
      graph: { first: { layer: 'fc1', neuron: 2, what: 'logit' } },
    });
    expect(JSON.parse(readFileSync(join(cwd, run, 'verify.json'), 'utf8')).equal).toBe(false);
  });

  test('a flipped trit that no image can show is found all the same', async () => {
    const run = copyRun('hidden-flip');
    const text = readFileSync(join(cwd, run, 'network.json'), 'utf8');
    const network = JSON.parse(text);
    const rows: string[] = network.layers[0].weights.rows;
    rows[1] = `${rows[1]!.slice(0, 5)}${rows[1]![5] === '+' ? '-' : '+'}${rows[1]!.slice(6)}`;
    network.layers[0].accumulator = 's20';
    writeFileSync(join(cwd, run, 'network.json'), JSON.stringify(network));
    const { code, stdout } = await bitsim({ cwd }, 'verify', run, '--rtl', 'none', '--json');
    expect(code).toBe(1);
    expect(JSON.parse(stdout)).toMatchObject({
      equal: false,
      weights: { mismatches: 1, structure: null, first: { layer: 'fc0', neuron: 1, input: 5 } },
    });
    const human = await bitsim({ cwd }, 'verify', run, '--rtl', 'none');
    expect(human.stdout).toMatch(
      /trained weights: 1 of \d+ differ; first: layer fc0, neuron 1, input 5: expected/,
    );
  });

  test('without checkpoint.bin it is built from network.json, and that is said', async () => {
    const run = copyRun('bare');
    for (const name of ['checkpoint.bin', 'manifest.json']) rmSync(join(cwd, run, name));
    const { code, stderr, stdout } = await bitsim(
      { cwd },
      'verify',
      `${run}/network.json`,
      '--data',
      'data',
      '--rtl',
      'none',
    );
    expect(code).toBe(0);
    expect(stderr).toContain('a fault made in lowering cannot show');
    expect(stdout).toMatch(new RegExp(`training graph +${TEST_IMAGES} +${VALUES} +equal`));
  });
});

describe('what is refused', () => {
  test('data that changed since training', async () => {
    const run = copyRun('moved');
    const manifest = JSON.parse(readFileSync(join(cwd, run, 'manifest.json'), 'utf8'));
    manifest.data.folder = 'other';
    writeFileSync(join(cwd, run, 'manifest.json'), JSON.stringify(manifest));
    const { code, stderr } = await bitsim({ cwd }, 'verify', run, '--rtl', 'none');
    expect(code).toBe(2);
    expect(stderr).toContain('test images must be those that the run was trained with');
    expect((await bitsim({ cwd }, 'verify', run, '--rtl', 'none', '--data', 'other')).code).toBe(0);
  });

  test('a checkpoint that was cut off, a network that is not one, images of another shape', async () => {
    const run = copyRun('damaged');
    const path = join(cwd, run, 'checkpoint.bin');
    writeFileSync(path, readFileSync(path).subarray(0, 500));
    expect((await bitsim({ cwd }, 'verify', run, '--rtl', 'none')).stderr).toContain(
      'must be whole and unaltered',
    );
    writeFileSync(join(cwd, run, 'network.json'), '{}');
    expect((await bitsim({ cwd }, 'verify', run)).code).toBe(2);
    writeIdxFolder(join(cwd, 'wide'), { side: 7 });
    const wide = await bitsim({ cwd }, 'verify', 'out/net', '--data', 'wide');
    expect(wide.stderr).toContain('test images must be 6 x 6');
  });

  test('a named simulator that is missing: exit 3; unnamed ones are left out and named', async () => {
    const named = await bitsim({ cwd, env: NO_TOOLS }, 'verify', 'out/net', '--rtl', 'icarus', '--json');
    expect(named.code).toBe(3);
    expect(JSON.parse(named.stdout).error.code).toBe('BITSIM_TOOL_MISSING');
    const all = await bitsim({ cwd, env: NO_TOOLS }, 'verify', 'out/net', '--rtl', 'all');
    expect(all.code).toBe(3);
    const whatever = await bitsim({ cwd, env: NO_TOOLS }, 'verify', 'out/net');
    expect(whatever.code).toBe(0);
    expect(whatever.stderr).toContain(
      'icarus is left out: iverilog, vvp not found (apt-get install iverilog)',
    );
    expect(whatever.stdout).toContain('not run, because not installed: icarus, verilator');
  });

  test('more images than there are, and a folding that does not divide, before anything runs', async ({
    skip,
  }) => {
    if (!(await haveTools('iverilog'))) skip();
    const many = await bitsim({ cwd }, 'verify', 'out/net', '--rtl', 'icarus', '--images', '61');
    expect(many.code).toBe(2);
    expect(many.stderr).toContain('must be at most 60');
    const fold = await bitsim({ cwd }, 'verify', 'out/net', '--rtl', 'icarus', '--pe', '3,2');
    expect(fold.code).toBe(2);
    expect(fold.stderr).toContain('PE must divide 8 outputs, not 3');
    expect(fold.stderr).not.toContain('graph');
  });
});

describe('RTL', () => {
  test('Icarus equals the simulator, cycles as predicted, nothing left behind', async ({ skip }) => {
    if (!(await haveTools('iverilog', 'vvp'))) skip();
    const args = [
      'verify',
      'out/net',
      '--rtl',
      'icarus',
      '--images',
      '12',
      '--pe',
      '4,2',
      '--simd',
      '6,4',
      '--json',
    ];
    const temporary = join(cwd, 'temporary');
    mkdirSync(temporary);
    const { code, stdout } = await bitsim({ cwd, env: { TMPDIR: temporary } }, ...args);
    expect(code).toBe(0);
    const [rtl] = JSON.parse(stdout).rtl;
    expect(rtl).toMatchObject({
      simulator: 'icarus',
      equal: true,
      images: 12,
      codes: 96,
      logits: 48,
      classes: 12,
    });
    expect(rtl.measured).toEqual(rtl.predicted);
    expect(readdirSync(temporary)).toEqual([]);
  });

  test('Verilator equals the simulator with weights as case statements', async ({ skip }) => {
    if (!(await haveTools('verilator', 'make', 'g++'))) skip();
    const { code, stdout } = await bitsim(
      { cwd },
      'verify',
      'out/net',
      '--rtl',
      'verilator',
      '--rom',
      'case',
      '--json',
    );
    expect(code).toBe(0);
    expect(JSON.parse(stdout).rtl[0]).toMatchObject({
      simulator: 'verilator',
      equal: true,
      images: TEST_IMAGES,
    });
  });
});

test('the latest run is the newest network.json under out/', async () => {
  copyRun('out/zz-older');
  const quick = [
    '--data',
    'data',
    '--hidden',
    '4',
    '--epochs',
    '1',
    '--batch',
    '32',
    '--out',
    'out/aa-newest',
  ];
  expect((await bitsim({ cwd }, 'train', ...quick)).code).toBe(0);
  const { stdout } = await bitsim({ cwd }, 'verify', '--rtl', 'none', '--json');
  expect(JSON.parse(stdout).run).toBe('out/aa-newest');
});

describe('targets that are programs', () => {
  test('the C++ equals the simulator, and is one row of the report', async ({ skip }) => {
    if (!(await haveTools('g++'))) skip();
    const args = ['verify', 'out/net', '--rtl', 'none', '--hls', '--images', '9'];
    const { code, stdout } = await bitsim({ cwd }, ...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/HLS C\+\+ +9 +117 +equal +g\+\+/);
    const record = JSON.parse(readFileSync(join(cwd, 'out/net/verify.json'), 'utf8'));
    expect(record.hls).toMatchObject({ equal: true, images: 9, codes: 72, logits: 36, classes: 9 });
    expect(record.hls.seconds).toBeUndefined();
  });

  test('the C equals the simulator, and is one row of the report and of verify.json', async ({ skip }) => {
    if (!(await haveTools('gcc'))) skip();
    const args = ['verify', 'out/net', '--rtl', 'none', '--c', '--images', '9'];
    const { code, stdout } = await bitsim({ cwd }, ...args);
    expect(code).toBe(0);
    expect(stdout).toMatch(/\nC +9 +117 +equal +gcc/);
    const record = JSON.parse(readFileSync(join(cwd, 'out/net/verify.json'), 'utf8'));
    expect(record.c).toMatchObject({ equal: true, compiler: 'gcc', images: 9, codes: 72, logits: 36 });
    expect(record.hls).toBe(null);
  });

  test.each([
    ['--hls', 'g++'],
    ['--c', 'gcc'],
  ])('%s without %s is refused before the long work', async (option, tool) => {
    const { code, stderr } = await bitsim(
      { cwd, env: NO_TOOLS },
      'verify',
      'out/net',
      '--rtl',
      'none',
      option,
    );
    expect(code).toBe(3);
    expect(stderr).toContain(`${tool} (`);
  });
});
