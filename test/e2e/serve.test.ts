// `bitsim serve`: what the server gives and refuses, and the page in a real browser against the command line.
import { readFileSync, writeFileSync } from 'node:fs';
import { createServer, request } from 'node:http';
import type { AddressInfo } from 'node:net';
import { join } from 'node:path';
import type { Browser, Page } from 'playwright-core';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { readNetwork } from '../../src/layers/validate.ts';
import { type DenseLayer, denseLayers } from '../../src/model/network.ts';
import { evaluate } from '../../src/sim/reference.ts';
import { openPage, overflows, type PageOptions, startBrowser } from '../support/browser.ts';
import { writeIdxFolder } from '../support/idx.ts';
import { haveTools } from '../support/tools.ts';
import { bitsim, type Started, startBitsim, workspace } from './bitsim.ts';

const cwd = workspace();
const RUN = 'out/net';
let served: Started;
let address: string;

const json = async (...args: string[]) => {
  const { code, stdout, stderr } = await bitsim({ cwd }, ...args, '--json');
  expect({ code, stderr }).toEqual({ code: 0, stderr: expect.any(String) });
  return JSON.parse(stdout);
};

beforeAll(async () => {
  writeIdxFolder(join(cwd, 'data'), { side: 16, classes: 10 });
  const quick = ['--data', 'data', '--hidden', '24', '--epochs', '2', '--batch', '32'];
  expect((await bitsim({ cwd }, 'train', ...quick, '--out', RUN)).code).toBe(0);
  served = startBitsim({ cwd, timeoutMs: 900_000 }, 'serve', RUN, '--json');
  address = await new Promise<string>((resolve, reject) => {
    served.child.stdout!.on('data', (text) => resolve(JSON.parse(String(text)).address));
    served.child.on('exit', (code) => reject(new Error(`serve ended with ${code}`)));
  });
});

afterAll(async () => {
  served.child.kill('SIGINT');
  expect((await served.finished).code).toBe(130);
});

/** A request whose path is sent as it is. */
const ask = (
  path: string,
  { method = 'GET', headers = {}, body = '' }: { method?: string; headers?: object; body?: string } = {},
): Promise<{ status: number; text: string; headers: NodeJS.Dict<string | string[]> }> =>
  new Promise((resolve, reject) => {
    const { hostname, port } = new URL(address);
    const sent = request({ hostname, port, path, method, headers: { ...headers } }, (response) => {
      let text = '';
      response.on('data', (part) => {
        text += part;
      });
      response.on('end', () => resolve({ status: response.statusCode!, text, headers: response.headers }));
    });
    sent.on('error', reject);
    sent.end(body);
  });

describe('the server', () => {
  test('binds to loopback and gives its own files alone', async () => {
    expect(address).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/$/);
    const page = await ask('/');
    expect(page.status).toBe(200);
    expect(page.headers['content-security-policy']).toContain("default-src 'none'");
    expect((await ask('/network.json')).text).toBe(readFileSync(join(cwd, RUN, 'network.json'), 'utf8'));
    expect(await ask('/', { method: 'HEAD' })).toMatchObject({ status: 200, text: '' });
  });

  test.each([
    '/../../../../etc/passwd',
    '/..%2f..%2fetc%2fpasswd',
    '/manifest.json',
    '/network.json/',
    '//etc/passwd',
    '/%00',
    '/index.html%2f..',
    '/..%5c..%5cwindows',
    '/page.js%00.png',
    '/__proto__',
  ])('%s is not there', async (path) => {
    expect(await ask(path)).toMatchObject({ status: 404, text: expect.stringMatching(/^the page has /) });
  });

  test('what is malformed, too long, sent along or meant for another host is refused and said', async () => {
    expect(await ask('/%zz')).toMatchObject({ status: 400, text: 'address must be well-formed\n' });
    expect((await ask(`/${'a'.repeat(2000)}`)).status).toBe(414);
    const post = await ask('/', { method: 'POST', body: 'x'.repeat(100) });
    expect(post).toMatchObject({ status: 405, text: 'method must be GET or HEAD, not POST\n' });
    expect((await ask('/', { headers: { 'content-length': '5' }, body: 'hello' })).status).toBe(413);
    expect((await ask('/', { headers: { host: 'example.org' } })).status).toBe(421);
    expect((await ask('/', { headers: { 'x-long': 'a'.repeat(20_000) } })).status).toBe(431);
    expect((await ask('/')).status).toBe(200);
  });

  test.each([
    [
      'a port that is taken',
      () => ['--port', new URL(address).port],
      /--port \d+ must be free, not in use on/,
    ],
    [
      'a host that is not this one',
      () => ['--host', '192.0.2.1'],
      /--host must be an address of this machine/,
    ],
  ])('%s is said', async (_, args, message) => {
    const { code, stderr } = await bitsim({ cwd }, 'serve', RUN, ...args());
    expect({ code, stderr }).toEqual({ code: 2, stderr: expect.stringMatching(message) });
  });
});

test('--out writes the same files', async () => {
  const { files } = await json('serve', RUN, '--out', 'site');
  expect(files).toHaveLength(5);
  for (const name of ['index.html', 'page.js', 'page.css', 'network.json', 'samples.json']) {
    expect(readFileSync(join(cwd, 'site', name), 'utf8')).toBe((await ask(`/${name}`)).text);
  }
});

test('without its data the page has no test images, and says why', async () => {
  writeFileSync(join(cwd, 'alone.json'), readFileSync(join(cwd, RUN, 'network.json')));
  const { code, stderr } = await bitsim({ cwd }, 'serve', 'alone.json', '--out', 'alone');
  expect({ code, stderr }).toEqual({
    code: 0,
    stderr: expect.stringContaining('no test images on the page'),
  });
  expect(JSON.parse(readFileSync(join(cwd, 'alone/samples.json'), 'utf8')).images).toEqual([]);
});

const numbers = (texts: readonly string[]): number[] =>
  texts.map((text) => Number(text.replace('−', '-').replaceAll(',', '')));

describe('the page', () => {
  let browser: Browser | undefined;
  beforeAll(async () => {
    if (await haveTools('chromium')) browser = await startBrowser();
  });
  afterAll(() => browser?.close());

  const open = async (options: PageOptions = {}) => {
    const opened = await openPage(browser!, options);
    await opened.page.goto(address);
    await opened.page.waitForSelector('html[data-ready]');
    return opened;
  };
  const logitsOf = async (page: Page): Promise<number[]> =>
    numbers(await page.locator('#logits td.number').allTextContents());
  /** Saves the picture as the page does, and asks the command line about it. */
  const asked = async (page: Page, name: string) => {
    const [download] = await Promise.all([page.waitForEvent('download'), page.click('#save')]);
    await download.saveAs(join(cwd, name));
    return json('predict', name, '--model', RUN);
  };
  const stroke = async (page: Page): Promise<void> => {
    const box = (await page.locator('#pad').boundingBox())!;
    const at = (x: number, y: number): [number, number] => [box.x + x * box.width, box.y + y * box.height];
    await page.mouse.move(...at(0.3, 0.2));
    await page.mouse.down();
    await page.mouse.move(...at(0.7, 0.25), { steps: 6 });
    await page.mouse.move(...at(0.4, 0.85), { steps: 9 });
    await page.mouse.up();
  };

  test('drawn with the mouse: the logits are those of the command line', async ({ skip }) => {
    if (browser === undefined) return skip();
    const { page, complaints, requests } = await open();
    await page.click('#clear');
    const blank = await logitsOf(page);
    await stroke(page);
    const drawn = await logitsOf(page);
    expect(drawn).not.toEqual(blank);
    const { logits, name } = await asked(page, 'drawn.pgm');
    expect(drawn).toEqual(logits);
    expect(await page.textContent('#class')).toBe(name);
    await page.click('#centre');
    expect(await logitsOf(page)).toEqual((await asked(page, 'centred.pgm')).logits);
    expect(complaints).toEqual([]);
    expect(requests.filter((url) => !url.startsWith(address) && !/^(data|blob):/.test(url))).toEqual([]);
    await page.context().close();
  });

  test('test images: each gives what the command line says', async ({ skip }) => {
    if (browser === undefined) return skip();
    const { page } = await open();
    const values = await page
      .locator('#sample option')
      .evaluateAll((all) => all.slice(0, 3).map((option) => (option as unknown as { value: string }).value));
    for (const value of values) {
      await page.selectOption('#sample', value);
      expect(await logitsOf(page)).toEqual((await json('predict', `idx:${value}`, '--model', RUN)).logits);
    }
    await page.context().close();
  });

  test('by keyboard alone: draw, step, fold', async ({ skip }) => {
    if (browser === undefined) return skip();
    const { page } = await open();
    const until = async (id: string): Promise<void> => {
      for (let i = 0; i < 60; i++) {
        if ((await page.evaluate('document.activeElement?.id')) === id) return;
        await page.keyboard.press('Tab');
      }
      throw new Error(`Tab never reaches #${id}`);
    };
    await until('pad-frame');
    await page.keyboard.press('Delete');
    const blank = await logitsOf(page);
    for (const key of ['ArrowUp', 'ArrowUp']) await page.keyboard.press(key);
    for (let i = 0; i < 5; i++) await page.keyboard.press('Shift+ArrowDown');
    await page.keyboard.press('Space');
    const drawn = await logitsOf(page);
    expect(drawn).not.toEqual(blank);
    expect(drawn).toEqual((await asked(page, 'keys.pgm')).logits);
    await until('step-next');
    const cycle = Number(await page.inputValue('#step-number'));
    await page.keyboard.press('Enter');
    expect(Number(await page.inputValue('#step-number'))).toBe(cycle + 1);
    const before = await page.textContent('#totals');
    await page.locator('#sliders input').first().focus();
    await page.keyboard.press('ArrowRight');
    await expect.poll(() => page.textContent('#totals')).not.toBe(before);
    await page.context().close();
  });

  test('a cycle shows what `bitsim trace` says of it', async ({ skip }) => {
    if (browser === undefined) return skip();
    const { page } = await open();
    const image = await page.inputValue('#sample');
    await page.click('#step-ink');
    const cycle = await page.inputValue('#step-number');
    const { trace } = await json('trace', RUN, '--image', image, '--from', cycle, '--cycles', '1');
    const [{ accumulators, add, romAddress }] = trace;
    expect(add.inputs.some((x: number) => x !== 0)).toBe(true);
    expect(await page.textContent('#step-words')).toContain(`ROM address ${romAddress}`);
    const rows = await page
      .locator('#step-table tr:not(:first-child)')
      .evaluateAll((all) =>
        all.map((tr) => [...tr.querySelectorAll('td.number')].map((td) => td.textContent ?? '')),
      );
    expect(rows.map(numbers)).toEqual(
      add.units.map(({ sum, total }: { sum: number; total: number }, p: number) => [
        sum,
        accumulators[p],
        total,
      ]),
    );
    const trits = await page
      .locator('#step-table tr:not(:first-child)')
      .evaluateAll((all) =>
        all.map((tr) =>
          [...tr.querySelectorAll('td.add, td.subtract, td.skip')]
            .map(({ className }) => (className === 'add' ? '+' : className === 'subtract' ? '-' : '0'))
            .join(''),
        ),
      );
    expect(trits).toEqual(add.units.map((unit: { trits: string }) => unit.trits));
    await page.context().close();
  });

  test('another folding: plan and Verilog are those of the command line', async ({ skip }) => {
    if (browser === undefined) return skip();
    const { page } = await open();
    const first = page.locator('#sliders input').first();
    await first.focus();
    await page.keyboard.press('End');
    await expect.poll(() => page.textContent('#plan tr:first-child td:nth-child(2)')).toMatch(/^24 ×/);
    const folding = await page.locator('#plan tr td:nth-child(2)').allTextContents();
    const [pe, simd] = [0, 1].map((part) => folding.map((text) => text.split(' × ')[part]).join(','));
    const { plan, folder } = await json('emit', RUN, '--pe', pe!, '--simd', simd!);
    expect(await page.textContent('#totals')).toContain(
      `An image every ${plan.initiationInterval.toLocaleString('en-US')} cycles, latency ${plan.latency.toLocaleString('en-US')} cycles`,
    );
    for (const path of await page.locator('#module option').allTextContents()) {
      await page.selectOption('#module', path);
      expect(await page.inputValue('#verilog')).toBe(readFileSync(join(cwd, folder, path), 'utf8'));
    }
    await page.context().close();
  });

  test('a neuron: its accumulator, its code and what it adds are those of the reference model', async ({
    skip,
  }) => {
    if (browser === undefined) return skip();
    const { page } = await open();
    const network = readNetwork(join(cwd, RUN, 'network.json'));
    const [{ weights }] = denseLayers(network) as [DenseLayer];
    const { images } = JSON.parse((await ask('/samples.json')).text);
    const pixels = Uint8Array.from(Buffer.from(images[0].pixels, 'base64'));
    const { layers } = evaluate(network, pixels);
    const box = (await page.locator('#layers canvas').nth(1).boundingBox())!;
    // 24 neurons in one row; the sixth of them
    await page
      .locator('#layers canvas')
      .nth(1)
      .click({ position: { x: (5.5 * box.width) / 24, y: 5 } });
    const trits = weights.trits.subarray(5 * weights.cols, 6 * weights.cols);
    const count = (trit: number): number => trits.filter((one) => one === trit).length;
    const accumulator = String(layers[0]!.accumulators[5]!).replace('-', '−');
    expect((await page.textContent('#layers .words'))!.replaceAll(',', '')).toBe(
      `fc0 neuron 5: adds ${count(1)} subtracts ${count(-1)} skips ${count(0)} inputs; accumulator ${accumulator} code ${layers[0]!.codes[5]!}`,
    );
    await page.context().close();
  });

  test('every control has a name, and answers are read out', async ({ skip }) => {
    if (browser === undefined) return skip();
    const { page } = await open();
    const nameless = `[...document.querySelectorAll('button, select, input, textarea, canvas[role], [tabindex]')]
      .filter((one) => !one.getAttribute('aria-label') && !(one.labels?.length > 0) && !one.textContent.trim())
      .map((one) => one.outerHTML)`;
    expect(await page.evaluate(nameless)).toEqual([]);
    await page.evaluate("document.getElementById('save').textContent = ''");
    expect(await page.evaluate(nameless)).toEqual([expect.stringContaining('id="save"')]);
    expect(await page.locator('[aria-live]', { hasText: 'The network says' }).count()).toBe(1);
    await page.context().close();
  });

  test('the written folder under a path of another server: the same answer, nothing else asked for', async ({
    skip,
  }) => {
    if (browser === undefined) return skip();
    await json('serve', RUN, '--out', 'root/some/path/site');
    const asked: string[] = [];
    const types: Readonly<Record<string, string>> = {
      html: 'text/html',
      js: 'text/javascript',
      css: 'text/css',
    };
    const server = createServer((sent, response) => {
      asked.push(sent.url!);
      const file = sent.url!.endsWith('/') ? `${sent.url}index.html` : sent.url!;
      response.setHeader('content-type', types[file.split('.').at(-1)!] ?? 'application/json');
      response.end(readFileSync(join(cwd, 'root', file)));
    });
    await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
    const { port } = server.address() as AddressInfo;
    const { page, complaints } = await openPage(browser);
    await page.goto(`http://127.0.0.1:${port}/some/path/site/`);
    await page.waitForSelector('html[data-ready]');
    const image = await page.inputValue('#sample');
    expect(await logitsOf(page)).toEqual((await json('predict', `idx:${image}`, '--model', RUN)).logits);
    expect(asked.every((path) => path.startsWith('/some/path/site/'))).toBe(true);
    expect(asked).toHaveLength(5);
    expect(complaints).toEqual([]);
    await page.context().close();
    server.close();
  });

  test('narrow, dark, by touch: nothing to scroll sideways, and a finger paints', async ({ skip }) => {
    if (browser === undefined) return skip();
    const { page, complaints } = await open({ width: 360, height: 740, dark: true, touch: true });
    expect(await overflows(page)).toBe(false);
    await page.click('#clear');
    const blank = await logitsOf(page);
    const box = (await page.locator('#pad').boundingBox())!;
    expect(box.x + box.width).toBeLessThanOrEqual(360);
    await page.touchscreen.tap(box.x + box.width / 2, box.y + box.height / 2);
    expect(await logitsOf(page)).not.toEqual(blank);
    const paper: string = await page.evaluate(
      "getComputedStyle(document.body).getPropertyValue('background-color')",
    );
    expect(Number(/\d+/.exec(paper)![0])).toBeLessThan(60);
    expect(complaints).toEqual([]);
    await page.context().close();
  });

  test('a network that is none is said on the page', async ({ skip }) => {
    if (browser === undefined) return skip();
    const { page } = await openPage(browser);
    await page.route('**/network.json', (route) => route.fulfill({ body: '{"format":"bitsim-network"}' }));
    await page.goto(address);
    await expect.poll(() => page.textContent('#problem')).toMatch(/network/);
    expect(await page.isVisible('#problem')).toBe(true);
    await page.context().close();
  });
});
