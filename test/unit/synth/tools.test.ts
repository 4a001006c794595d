// Tools that are missing, broken, slow or lying, played by small scripts.
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, expect, test } from 'vitest';
import { run } from '../../../src/synth/run.ts';
import { type BuiltTestbench, buildTestbench, runTestbench } from '../../../src/synth/simulate.ts';
import { findTool, overrideOf, requireTool, type ToolName } from '../../../src/synth/tools.ts';
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
});

test('a tool that says its version is found, with it', async () => {
  replaceTool('yosys', script('echo "Yosys 0.99 (git sha1 abc)"'));
  expect(await findTool('yosys')).toMatchObject({ name: 'yosys', version: '0.99' });
});

test.each([
  ['is not there', '/nowhere/tool'],
  ['says nothing', ''],
  ['fails without a version', 'echo broken >&2; exit 1'],
])('a tool that %s is missing, with the way to get it', async (_, body) => {
  replaceTool('verilator', body.startsWith('/') ? body : script(body));
  expect(await findTool('verilator')).toBe(undefined);
  await expect(requireTool('verilator')).rejects.toMatchObject({ exitCode: ExitCode.toolMissing });
  await expect(requireTool('verilator')).rejects.toThrow(
    /apt-get install verilator, or set BITSIM_VERILATOR/,
  );
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

test('a program that cannot be started rejects', async () => {
  await expect(run('/nowhere/tool', [])).rejects.toThrow(/ENOENT/);
});
