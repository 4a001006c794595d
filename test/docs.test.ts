// README and docs as a stranger meets them: tables equal what was measured, links lead somewhere, and every command in a code
// block is one that the command line takes.
import { existsSync, readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { describe, expect, test } from 'vitest';
import type { BigRow } from '../bench/big.ts';
import { presetTable, type Result, resultsPage, withPresetTable } from '../bench/tables.ts';
import { COMMANDS } from '../src/cli/commands/index.ts';
import { parseCommand } from '../src/cli/parse.ts';
import { PRESETS } from '../src/train/options.ts';
import { trackedFiles } from './support/source.ts';

const read = (path: string): string => readFileSync(path, 'utf8');
const json = <T>(path: string): T => JSON.parse(read(path)) as T;
const results = json<Result[]>('bench/results/results.json');
const pages = trackedFiles('*.md').filter((path) => !/^test\/|^CHANGELOG/.test(path));

describe('measured tables', () => {
  const README = read('README.md');

  test('are what the figures give; `npx tsx bench/results.ts` writes them', () => {
    expect(README).toBe(withPresetTable(README, results));
    expect(read('docs/results.md')).toBe(resultsPage(results, json<BigRow[]>('bench/results/big.json')));
  });

  test('every preset has its row in README', () => {
    const rows = [...presetTable(results).matchAll(/^\| `([^`]+)` \|/gm)].map(([, name]) => name);
    expect(rows.sort()).toEqual(Object.keys(PRESETS).sort());
  });

  test('another figure is another table, and a page without the marks is refused', () => {
    const [first, ...rest] = results;
    const changed = [{ ...first!, accuracy: { 1: 0.5 } }, ...rest];
    expect(withPresetTable(README, changed)).not.toBe(README);
    expect(() => withPresetTable('# bitsim', results)).toThrow('README.md must hold');
  });
});

/** Relative links of a page that lead nowhere. */
const deadLinks = (page: string, text: string): string[] =>
  [...text.matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)]
    .map(([, target]) => target!)
    .filter((target) => !/^[a-z]+:/.test(target) && !existsSync(join(dirname(page), target)));

test.each(pages)('%s: links lead somewhere', (page) => {
  expect(deadLinks(page, read(page))).toEqual([]);
  expect(deadLinks(page, '[gone](no-such-page.md)')).toEqual(['no-such-page.md']);
});

/** Words of a shell line, without its comment or where its output goes. */
const words = (line: string): string[] =>
  line
    .replace(/\s[#>|].*$/, '')
    .trim()
    .split(/\s+/);

/** What is wrong with the `bitsim` commands in a page's code blocks. */
const wrongCommands = (text: string): string[] =>
  [...text.matchAll(/^```\w*\n(.*?)^```/gms)]
    .flatMap(([, block]) => block!.split('\n'))
    .filter((line) => /^(npx )?bitsim [a-z]/.test(line))
    .flatMap((line) => {
      const [verb, ...args] = words(line.replace(/^npx /, '')).slice(1);
      const command = COMMANDS.find(({ name }) => name === verb);
      if (command === undefined) return [`${line}: no such verb`];
      try {
        parseCommand(command, args);
        return [];
      } catch (error) {
        return [`${line}: ${(error as Error).message}`];
      }
    });

test.each(pages)('%s: its commands are ones that bitsim takes', (page) => {
  expect(wrongCommands(read(page))).toEqual([]);
});

test('a command with a mistyped option is found', () => {
  expect(wrongCommands('```\nbitsim train --epcohs 3   # a comment\nnpx bitsim flash\n```\n')).toEqual([
    expect.stringContaining('did you mean --epochs?'),
    'npx bitsim flash: no such verb',
  ]);
});
