// `bitsim synth` through the built command line, on a net small enough to be placed in seconds.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { beforeAll, expect, test } from 'vitest';
import { writeIdxFolder } from '../support/idx.ts';
import { haveTools } from '../support/tools.ts';
import { bitsim, NO_TOOLS, start, workspace } from './bitsim.ts';

const cwd = workspace();

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'));
  const quick = ['--data', 'data', '--hidden', '4', '--epochs', '1', '--batch', '32', '--input-pool', '2'];
  expect((await bitsim({ cwd }, 'train', ...quick, '--out', 'out/net')).code).toBe(0);
});

test('cells of a design, no DSP, without place and route', async ({ skip }) => {
  if (!(await haveTools('yosys'))) skip();
  const { code, stdout } = await bitsim({ cwd }, 'synth', '--device', 'up5k', '--no-pnr', '--json');
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  expect(result).toMatchObject({ device: 'up5k', cells: { dsps: 0 }, fmax: null, placement: null });
  expect(result.cells.luts).toBeGreaterThan(50);
  const evaluated = await bitsim({ cwd }, 'eval', 'out/net', '--json');
  expect(result.test.accuracy).toBe(JSON.parse(evaluated.stdout).metrics.accuracy);
  expect(result.cells.flipFlops).toBeGreaterThan(50);
  expect(result.without).toContain('--no-pnr');
  const { folder: _, ...report } = JSON.parse(
    readFileSync(join(cwd, 'out/net/synth-up5k/report.json'), 'utf8'),
  );
  expect(report).toMatchObject({ format: 'bitsim-synthesis', cells: result.cells });
});

test('placed and routed: clock, rate and a bitstream', async ({ skip }) => {
  // nextpnr is no tool that the tests need; where it is missing that must be said, not failed
  if (!(await haveTools('yosys'))) skip();
  const { code, stdout } = await bitsim({ cwd }, 'synth', 'out/net', '--device', 'hx8k', '--json');
  expect(code).toBe(0);
  const result = JSON.parse(stdout);
  if (result.placement === null) {
    expect(result.without).toContain('nextpnr-ice40 not found (apt-get install nextpnr-ice40, or npm');
    return;
  }
  expect(result.fmax).toBeGreaterThan(10);
  expect(result.imagesPerSecond).toBeCloseTo((result.fmax * 1e6) / result.cycles.interval, 0);
  expect(result.placement.cells[0]).toBeGreaterThanOrEqual(result.cells.luts);
  expect(result.bitstream === null).toBe(!existsSync(join(cwd, 'out/net/synth-hx8k/bitstream.bin')));
});

test('an unknown device, a missing Yosys and one that fails are said', async () => {
  const unknown = await bitsim({ cwd }, 'synth', '--device', 'hx8');
  expect(unknown.code).toBe(2);
  expect(unknown.stderr).toContain('did you mean hx8k?');
  const missing = await bitsim({ cwd, env: { BITSIM_YOSYS: '/nowhere/yosys' } }, 'synth');
  expect(missing.code).toBe(3);
  expect(missing.stderr).toContain('yosys');
  const broken = join(cwd, 'yosys');
  writeFileSync(
    broken,
    '#!/bin/sh\n[ "$1" = -V ] && echo "Yosys 0.1" && exit 0\necho "ERROR: no" >&2\nexit 1\n',
    {
      mode: 0o755,
    },
  );
  const failed = await bitsim({ cwd, env: { BITSIM_YOSYS: broken } }, 'synth');
  expect(failed.code).toBe(2);
  expect(failed.stderr).toContain('Yosys failed: ERROR: no');
});

test('a nextpnr without room is a finding: the counts stay; any other failure is said', async ({ skip }) => {
  if (!(await haveTools('yosys'))) skip();
  const stub = (name: string, says: string): Record<string, string> => {
    const path = join(cwd, name);
    writeFileSync(
      path,
      `#!/bin/sh\n[ "$1" = --version ] && echo "Version 0.1" && exit 0\necho "${says}" >&2\nexit 1\n`,
      {
        mode: 0o755,
      },
    );
    return { BITSIM_NEXTPNR_ICE40: path };
  };
  const says = "ERROR: Unable to place cell 'x', no BELs remaining to implement cell type 'ICESTORM_LC'";
  const full = await bitsim({ cwd, env: stub('full', says) }, 'synth', '--device', 'hx8k', '--json');
  expect(full.code).toBe(0);
  expect(JSON.parse(full.stdout)).toMatchObject({
    placement: null,
    without: expect.stringMatching(/does not fit hx8k: nextpnr: no BELs remaining .*ICESTORM_LC/),
  });
  const failed = await bitsim({ cwd, env: stub('failing', 'ERROR: no pins') }, 'synth', '--device', 'hx8k');
  expect(failed.code).toBe(2);
  expect(failed.stderr).toContain('nextpnr failed: ERROR: no pins');
});

test('programs of npm packages: files in and out, versions, exit codes', async () => {
  const script = new URL('../../dist/synth/yowasp-main.js', import.meta.url).pathname;
  writeFileSync(
    join(cwd, 'package.mjs'),
    `const encode = (text) => new TextEncoder().encode(text);
export const commands = {
  copy: async ([from], files) => ({ ...files, new: { deep: encode('from ' + new TextDecoder().decode(files[from])) } }),
  fail: async () => { throw Object.assign(new Error('exit'), { code: 7 }); },
  ask: async (args, files) => { console.log(Object.keys(files).length + ' files'); return undefined; },
};`,
  );
  writeFileSync(join(cwd, 'input'), 'here');
  const run = (...args: string[]) =>
    start(process.execPath, [script, join(cwd, 'package.mjs'), ...args], { cwd }).finished;
  expect((await run('copy', 'input')).code).toBe(0);
  expect(readFileSync(join(cwd, 'new/deep'), 'utf8')).toBe('from here');
  expect((await run('fail')).code).toBe(7);
  expect((await run('ask', '--version')).stdout).toBe('0 files\n');
  expect((await run('missing')).code).not.toBe(0);
});

test('without a Yosys on PATH the npm package counts the cells, and says so', async () => {
  const { code, stdout, stderr } = await bitsim(
    { cwd, env: NO_TOOLS },
    'synth',
    '--device',
    'up5k',
    '--json',
  );
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  const { cells, tools, placement, without } = JSON.parse(stdout);
  expect(tools.yosys).toMatch(/^\d+\.\d+ \(WebAssembly\)$/);
  expect(cells).toMatchObject({ dsps: 0 });
  expect(cells.luts).toBeGreaterThan(50);
  expect(cells.blockRams).toBeGreaterThanOrEqual(0);
  expect({ placement, without }).toEqual({
    placement: null,
    without: expect.stringContaining('nextpnr-ice40'),
  });
});
