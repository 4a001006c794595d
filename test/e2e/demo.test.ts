// `bitsim demo` through the built command line on a small data set.
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { writeIdxFolder } from '../support/idx.ts';
import { haveTools } from '../support/tools.ts';
import { bitsim, NO_TOOLS, workspace } from './bitsim.ts';

const cwd = workspace();
writeIdxFolder(join(cwd, 'data'));

test('without any tool: trains, verifies, emits, names what is missing, exit 0', async () => {
  const { code, stdout, stderr } = await bitsim({ cwd, env: NO_TOOLS }, 'demo', '--data', 'data');
  expect({ code, stderr: code === 0 ? '' : stderr }).toEqual({ code: 0, stderr: '' });
  expect(stdout).toMatch(/test accuracy +\d/);
  expect(stdout).toContain('4,140 values of 60 images: equal');
  expect(stdout).toContain('no RTL simulator is installed');
  for (const tool of ['make', 'iverilog', 'verilator', 'yosys']) {
    expect(stdout).toContain(`missing, so less was proved: ${tool} (apt-get install ${tool})`);
  }
  expect(stdout).toMatch(/^next: .* serve out\/demo/m);
  const page = /^report: (file:.*)$/m.exec(stdout)![1]!;
  expect(readFileSync(fileURLToPath(page), 'utf8')).toContain('bitsim report</title>');
  expect(existsSync(join(cwd, 'out/demo/verilog/rtl'))).toBe(true);
});

test('with every tool: again over the run of before, the folder proves itself, figures from yosys', async ({
  skip,
}) => {
  if (!(await haveTools('make', 'iverilog', 'vvp', 'verilator', 'g++', 'yosys'))) skip();
  const { code, stdout } = await bitsim({ cwd }, 'demo', '--data', 'data', '--json');
  expect(code).toBe(0);
  expect(JSON.parse(stdout)).toMatchObject({
    command: 'demo',
    run: 'out/demo',
    equal: true,
    images: 60,
    rtl: [
      { simulator: 'icarus', equal: true },
      { simulator: 'verilator', equal: true },
    ],
    folder: 'out/demo/verilog',
    report: 'out/demo/report/index.html',
    make: { targets: ['lint', 'sim', 'synth'], passed: true, missing: [], cells: { dsps: 0 } },
  });
  expect(JSON.parse(stdout).make.cells.blockRams).toBeGreaterThan(0);
});

test('an edited emitted folder is refused before training', async () => {
  writeFileSync(join(cwd, 'out/demo/verilog/files.f'), 'mine');
  const { code, stderr } = await bitsim({ cwd }, 'demo', '--data', 'data');
  expect(code).toBe(2);
  expect(stderr).toContain('files.f was added or changed');
  expect(stderr).not.toContain('train');
});
