// Help, versions and misuse, as a user meets them; and docs/cli.md against the declarations.
import { readFileSync } from 'node:fs';
import { builtinModules } from 'node:module';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';
import { COMMON_OPTIONS } from '../../src/cli/command.ts';
import { COMMANDS as VERBS } from '../../src/cli/commands/index.ts';
import { optionLabel } from '../../src/cli/help.ts';
import { bitsim, MAIN, workspace } from './bitsim.ts';

const cwd = workspace();

describe('help', () => {
  test.each(VERBS.map((verb) => verb.name))(
    '%s --help opens with examples and fits 80 columns',
    async (verb) => {
      const { code, stdout, stderr } = await bitsim({ cwd }, verb, '--help');
      expect({ code, stderr }).toEqual({ code: 0, stderr: '' });
      expect(stdout.split('\n').slice(0, 2)).toEqual([
        'Examples:',
        expect.stringMatching(new RegExp(`^  bitsim ${verb}`)),
      ]);
      expect(Math.max(...stdout.split('\n').map((line) => line.length))).toBeLessThanOrEqual(80);
    },
  );

  test('--help names every verb; --version is the package version', async () => {
    const help = await bitsim({ cwd }, '--help');
    for (const { name } of VERBS) expect(help.stdout).toMatch(new RegExp(`^  ${name} `, 'm'));
    const { version } = JSON.parse(readFileSync('package.json', 'utf8')) as { version: string };
    expect((await bitsim({ cwd }, '--version')).stdout).toBe(`${version}\n`);
  });

  test('no arguments: help on stderr, exit 2', async () => {
    const { code, stdout, stderr } = await bitsim({ cwd });
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain('Usage: bitsim <verb>');
  });

  test('loads nothing heavy: yargs is all that main.js imports statically from node_modules', () => {
    const seen = new Set<string>();
    const packages = new Set<string>();
    const visit = (file: string): void => {
      if (seen.has(file)) return;
      seen.add(file);
      for (const [, from] of readFileSync(file, 'utf8').matchAll(
        /^(?:import|export)\s(?:[\w*{}\s,$]+\sfrom\s)?['"]([^'"]+)['"]/gm,
      )) {
        if (from!.startsWith('.')) visit(join(dirname(file), from!));
        else if (!from!.startsWith('node:') && !builtinModules.includes(from!)) packages.add(from!);
      }
    };
    visit(MAIN);
    expect(seen.size).toBeGreaterThan(10);
    expect([...packages], [...seen].map((file) => relative('.', file)).join(' ')).toEqual(['yargs']);
  });
});

const EXPECTED: readonly (readonly [args: string, message: string])[] = [
  ['trian', 'did you mean bitsim train?'],
  ['--force', 'option --force must follow a verb'],
  ['train --epcohs 3', 'did you mean --epochs?'],
  ['train -x', 'option -x must be one that bitsim train knows'],
  ['train --epochs abc', '--epochs must be a whole number, at least 1, not "abc"'],
  ['train --epochs 0', 'at least 1, not "0"'],
  ['train --epochs 1e3', 'not "1e3"'],
  ['train --epochs 3.0', 'not "3.0"'],
  ['train --epochs', '--epochs must be followed by N'],
  ['train --epochs --force', '--epochs must be followed by N'],
  ['train --epochs 1 --epochs 2', '--epochs must be given once'],
  ['train --hidden 16,', '--hidden must be whole numbers with commas between, not "16,"'],
  ['train --hidden -4', 'at least 1, not "-4"'],
  ['train --lr fast', '--lr must be a number, not "fast"'],
  ['train --lr 1000', '--lr must be a number from'],
  ['train --input-bits 9', 'from 1 to 8, not "9"'],
  ['train --preset dmeo', 'did you mean demo?'],
  ['train --weights float', 'be one of ternary, binary'],
  ['train --force=yes', '--force must stand alone'],
  ['train something', 'argument "something" must not be there'],
  ['train --name 9lives', '--name must be letters'],
  ['train --data missing', '--data must be a folder'],
  ['verify one two', 'argument "two" must not follow one'],
  ['verify missing', 'run missing must hold network.json'],
  ['verify', 'train one first'],
  ['verify --rtl verilatr', 'did you mean verilator?'],
  ['emit --pe abc', '--pe must be whole numbers with commas between'],
  ['emit --target vhdl', '--target must be one that this version emits (verilog, hls, c), not vhdl'],
  ['train --resume', 'start one: bitsim train'],
];

describe('misuse', () => {
  test.each(EXPECTED)('%s', async (args, message) => {
    const { code, stdout, stderr } = await bitsim({ cwd }, ...args.split(' '));
    expect({ code, stdout }).toEqual({ code: 2, stdout: '' });
    expect(stderr).toContain(message);
    expect(stderr).not.toMatch(/^\s+at /m);
  });

  test('--json turns an error into one JSON object', async () => {
    const { code, stdout, stderr } = await bitsim({ cwd }, 'train', '--epochs', 'x', '--json');
    expect(code).toBe(2);
    expect(JSON.parse(stdout)).toEqual({
      error: { code: 'BITSIM_CLI_VALUE', exitCode: 2, message: expect.stringContaining('--epochs') },
    });
    expect(stderr).toContain('error: --epochs');
  });

  test('--debug and BITSIM_DEBUG show the stack', async () => {
    expect((await bitsim({ cwd }, 'verify', '--debug')).stderr).toMatch(/^\s+at /m);
    expect((await bitsim({ cwd, env: { BITSIM_DEBUG: '1' } }, 'verify')).stderr).toMatch(/^\s+at /m);
  });

  test('a bug exits 70 with its stack and how to report it', async () => {
    const fault =
      "import fs from 'node:fs';import{syncBuiltinESMExports as s}from'node:module';fs.statSync=()=>{throw new TypeError('broken inside')};s();";
    const env = { NODE_OPTIONS: `--import data:text/javascript,${encodeURIComponent(fault)}` };
    const { code, stderr } = await bitsim({ cwd, env }, 'verify', '.', '--json');
    expect(code).toBe(70);
    expect(stderr).toContain('bug: broken inside');
    expect(stderr).toMatch(/^\s+at /m);
    expect(stderr).toContain('report it');
  });
});

describe('docs/cli.md', () => {
  const page = readFileSync('docs/cli.md', 'utf8');

  test.each(VERBS)('has every option of $name in its section', (verb) => {
    const section = page.split(/^## /m).find((part) => part.startsWith(`bitsim ${verb.name}`));
    for (const option of verb.options) expect(section).toContain(`| \`${optionLabel(option)}\` |`);
    for (const [command] of verb.examples) expect(section).toContain(`bitsim ${command}`);
    if (verb.positional !== undefined) expect(section).toContain(`[${verb.positional.name}]`);
    const known = new Set([...verb.options, ...COMMON_OPTIONS].map(optionLabel));
    const documented = [...section!.matchAll(/^\| `(--[^`]+)` \|/gm)].map(([, label]) => label!);
    expect(documented.filter((label) => !known.has(label))).toEqual([]);
  });

  test('has the common options and every exit code', () => {
    for (const option of COMMON_OPTIONS) expect(page).toContain(`| \`${optionLabel(option)}\` |`);
    for (const code of [0, 1, 2, 3, 70, 130, 143]) expect(page).toMatch(new RegExp(`^\\| ${code} \\|`, 'm'));
  });
});
