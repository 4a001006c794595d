// `bitsim report`: one file that says what the run's other files say, opened in a real browser.
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import type { Browser } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { openPage, overflows, startBrowser } from '../support/browser.ts';
import { writeIdxFolder } from '../support/idx.ts';
import { haveTools } from '../support/tools.ts';
import { bitsim, workspace } from './bitsim.ts';

const cwd = workspace();
const RUN = 'out/net';
const PAGE = join(cwd, RUN, 'report/index.html');
const read = (path: string): string => readFileSync(join(cwd, path), 'utf8');
const report = async (...args: string[]) => {
  const { code, stdout, stderr } = await bitsim({ cwd }, 'report', RUN, '--json', ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.stringContaining('run: ') });
  return JSON.parse(stdout);
};

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'));
  const quick = ['--data', 'data', '--hidden', '12', '--epochs', '2', '--batch', '32'];
  expect((await bitsim({ cwd }, 'train', ...quick, '--out', RUN)).code).toBe(0);
  expect((await bitsim({ cwd }, 'verify', RUN, '--rtl', 'none')).code).toBe(0);
});

test('accuracy, hashes, comparisons and figures are those of the run', async () => {
  const json = await report();
  const metrics = JSON.parse(read(`${RUN}/metrics.json`));
  expect(json.accuracy).toBe(metrics.test.accuracy);
  const html = readFileSync(PAGE, 'utf8');
  const manifest = JSON.parse(read(`${RUN}/manifest.json`));
  for (const hash of Object.values(manifest.files)) expect(html).toContain(hash as string);
  const verification = JSON.parse(read(`${RUN}/verify.json`));
  expect(json.comparisons.map(({ values }: { values: number }) => values)).toContain(
    verification.graph.values,
  );
  expect(html.match(/<td class="equal">equal<\/td>/g)).toHaveLength(json.comparisons.length);
  const figures = readdirSync(join(cwd, RUN, 'report/figures')).sort();
  expect(figures).toEqual(
    ['accumulators', 'accuracy', 'confusion', 'dataflow', 'loss', 'zeros']
      .flatMap((name) => [`${name}.json`, `${name}.svg`])
      .sort(),
  );
  const loss = JSON.parse(read(`${RUN}/report/figures/loss.json`));
  expect(loss.layer[1].data.values.map(({ loss: value }: { loss: number }) => value)).toEqual(
    metrics.history.map(({ loss: value }: { loss: number }) => value),
  );
});

test('it needs nothing from elsewhere', async () => {
  await report();
  const html = readFileSync(PAGE, 'utf8');
  const addresses = html.match(/(?:src|href)="(?!data:|#)[^"]*"/g) ?? [];
  expect(addresses).toEqual([]);
  expect(html).toContain("default-src 'none'");
});

test('what was verified of another network is not shown as equal, and broken files are said', async () => {
  const path = join(cwd, RUN, 'verify.json');
  const before = readFileSync(path, 'utf8');
  const cases: readonly (readonly [string, RegExp])[] = [
    [before.replace(/"sha256": "[0-9a-f]+"/, `"sha256": "${'0'.repeat(64)}"`), /about another network/],
    ['{', /is no JSON/],
    ['{}', /of another version/],
  ];
  for (const [text, note] of cases) {
    writeFileSync(path, text);
    expect((await report()).comparisons).toEqual([]);
    const html = readFileSync(PAGE, 'utf8');
    expect(html).toMatch(note);
    expect(html).not.toContain('class="equal"');
  }
  writeFileSync(path, before.replace('"mismatches": 0', '"mismatches": 3'));
  expect((await report()).comparisons.some(({ equal }: { equal: boolean }) => !equal)).toBe(true);
  expect(readFileSync(PAGE, 'utf8')).toContain('<td class="differs">different</td>');
  writeFileSync(path, before);
});

test('a network file alone is enough, with its data named', async () => {
  writeFileSync(join(cwd, 'alone.json'), read(`${RUN}/network.json`));
  const args = ['report', 'alone.json', '--data', 'data', '--out', 'alone-report'];
  const { code, stderr } = await bitsim({ cwd }, ...args);
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  expect(read('alone-report/index.html')).toContain('There is no manifest beside this network');
});

describe('in a browser', () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (await haveTools('chromium')) browser = await startBrowser();
    await report();
  });
  afterAll(() => browser?.close());

  test.for([
    { name: 'wide and light', width: 1280, dark: false },
    { name: 'narrow and dark', width: 360, dark: true },
  ])('$name: drawn, nothing fetched, nothing to scroll sideways', async ({ width, dark }, { skip }) => {
    if (browser === undefined) return skip();
    const { page, complaints, requests } = await openPage(browser, { width, dark });
    await page.goto(pathToFileURL(PAGE).href);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !/^(file|data):/.test(url))).toEqual([]);
    expect(await overflows(page)).toBe(false);
    const boxes = await page
      .locator('figure > svg')
      .evaluateAll((all) => all.map((svg) => svg.getBoundingClientRect().height));
    expect(boxes).toHaveLength(6);
    expect(Math.min(...boxes)).toBeGreaterThan(20);
    const style = (name: string): Promise<string> =>
      page.evaluate(`getComputedStyle(document.body).getPropertyValue('${name}')`);
    const red = async (name: string): Promise<number> => Number(/\d+/.exec(await style(name))![0]);
    const [ink, paper] = [await red('color'), await red('background-color')];
    expect(ink > paper).toBe(dark);
    await page.close();
  });
});
