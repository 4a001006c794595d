// Tools that are missing, broken, slow or lying, played by small scripts.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join, relative } from 'node:path';
import { afterEach, expect, test, vi } from 'vitest';
import { type BuiltTestbench, buildTestbench, runTestbench } from '../../../src/synth/simulate.ts';
import { findTool, overrideOf, requireTool, searchTool, type ToolName } from '../../../src/synth/tools.ts';
import { ExitCode } from '../../../src/util/errors.ts';
import { temporaryFolder } from '../../support/emitted.ts';

const CHECKED = 'bitsim-tb: checked images=2 codes=6 logits=4 classes=2';

const script = (body: string): string => {
  const path = join(temporaryFolder(), 'tool');
  writeFileSync(path, `#!/bin/sh\n${body}\n`);
  chmodSync(path, 0o755);
  return path;
};

const replaced: string[] = [];
const replaceTool = (name: ToolName, path: string): void => {
  replaced.push(overrideOf(name));
  process.env[overrideOf(name)] = path;
};
afterEach(() => {
  for (const name of replaced.splice(0)) delete process.env[name];
  vi.unstubAllEnvs();
});

test('a tool that says its version is found, with it', async () => {
  replaceTool('yosys', script('echo "Yosys 0.99 (git sha1 abc)"'));
  expect(await findTool('yosys')).toMatchObject({ name: 'yosys', version: '0.99' });
});

test.each([
  ['is not there', '/nowhere/tool', 'BITSIM_VERILATOR must name a program, not "/nowhere/tool"'],
  ['is no program', '/etc', 'BITSIM_VERILATOR must name a program, not "/etc"'],
  ['says nothing', '', 'does not say its version (exit code 0: it said nothing)'],
  ['fails without a version', 'echo broken >&2; exit 1', '(exit code 1: broken)'],
  ['crashes', 'kill -SEGV $$', '(SIGSEGV: it said nothing)'],
])('a tool that %s is missing, with the reason and the way to get it', async (_, body, problem) => {
  replaceTool('verilator', body.startsWith('/') ? body : script(body));
  expect(await findTool('verilator')).toBe(undefined);
  await expect(requireTool('verilator')).rejects.toThrow(problem);
  await expect(requireTool('verilator')).rejects.toMatchObject({ exitCode: ExitCode.toolMissing });
  await expect(requireTool('verilator')).rejects.toThrow(
    /apt-get install verilator, or set BITSIM_VERILATOR/,
  );
});

test('a tool that is not on PATH is missing', async () => {
  vi.stubEnv('PATH', temporaryFolder());
  expect(await searchTool('yosys')).toEqual({ tool: undefined, problem: 'no yosys on PATH' });
});

test('the path of a tool is absolute, so that it starts in any folder', async () => {
  const path = script('echo "Yosys 0.99"');
  replaceTool('yosys', relative(process.cwd(), path));
  expect(await findTool('yosys')).toMatchObject({ path });
});

test('a build that says anything is not accepted', async () => {
  const folder = temporaryFolder();
  mkdirSync(join(folder, 'tb'));
  writeFileSync(join(folder, 'files.f'), 'rtl/a.v\n');
  replaceTool('vvp', script('echo "Icarus Verilog runtime version 11.0"'));
  replaceTool(
    'iverilog',
    script('case "$*" in -V) echo "Icarus Verilog version 11.0";; *) echo "warning: x" >&2;; esac'),
  );
  const built = await buildTestbench(folder, 'icarus');
  expect(built.problem).toMatch(/not silent: warning: x/);
  expect(await runTestbench(built, { images: 2, stall: true })).toMatchObject({ passed: false });
});

const built = (body: string): BuiltTestbench => ({
  simulator: 'icarus',
  version: '11.0',
  folder: temporaryFolder(),
  command: script(body),
  args: [],
  buildSeconds: 0,
  problem: null,
});
const simulate = (body: string, timeoutMs = 20_000) =>
  runTestbench(built(body), { images: 2, stall: true, timeoutMs });

test('a testbench that passes', async () => {
  expect(await simulate(`echo "${CHECKED}"; echo "bitsim-tb: PASS"`)).toMatchObject({
    passed: true,
    reason: null,
  });
});

test.each([
  ['PASS with a failing exit code', `echo "${CHECKED}"; echo "bitsim-tb: PASS"; exit 1`, /exit code 1/],
  ['a good exit code without PASS', `echo "${CHECKED}"`, /not PASS/],
  ['silence', 'exit 0', /said nothing/],
  [
    'PASS and a death by signal',
    `echo "${CHECKED}"; echo "bitsim-tb: PASS"; kill -SEGV $$`,
    /signal SIGSEGV/,
  ],
  ['PASS beside a warning', `echo "${CHECKED}"; echo "bitsim-tb: PASS"; echo w >&2`, /not silent: w/],
  [
    'a wrong count',
    `echo "${CHECKED.replace('images=2', 'images=1')}"; echo "bitsim-tb: PASS"`,
    /2 images were/,
  ],
  ['FAIL', `echo "${CHECKED}"; echo "bitsim-tb: FAIL"; exit 1`, /the last line was "FAIL"/],
  [
    'output cut short',
    `echo "${CHECKED}"; printf "bitsim-tb: PA"`,
    /"bitsim-tb: PA", which is not understood/,
  ],
  ['silence and a failing exit code', 'exit 7', /exit code 7/],
  ['a crash', 'echo "core dumped" >&2; exit 139', /core dumped/],
])('%s is no pass', async (_, body, reason) => {
  const report = await simulate(body);
  expect(report.passed).toBe(false);
  expect(report.reason).toMatch(reason);
});

test('a run that does not end is stopped with its children', async () => {
  const report = await simulate('sleep 60 & wait', 300);
  expect(report).toMatchObject({ passed: false, reason: 'the simulation ran out of time' });
});
