// How soon the page answers: from the end of a stroke to the frame that shows the logits, in headless Chromium, for nets of
// several sizes; and how long it takes to load. Writes the table of docs/page.md.
//   npx tsx bench/page.ts RUN [RUN ...]
import { readFileSync, writeFileSync } from 'node:fs';
import { listen, siteOf, siteServer } from '../src/cli/serve-run.ts';
import { createTerminal } from '../src/cli/terminal.ts';
import { openPage, startBrowser } from '../test/support/browser.ts';

const HOST = '127.0.0.1';
const STROKES = 15;
const terminal = createTerminal(false, { out: process.stderr, err: process.stderr, env: process.env });

const median = (values: readonly number[]): number => [...values].sort((a, b) => a - b)[values.length >> 1]!;

/** In the page: one more point of a stroke, and the time until the frame after its answer. */
const MEASURE = `new Promise((resolve) => {
  const pad = document.getElementById('pad');
  const box = pad.getBoundingClientRect();
  const at = { clientX: box.left + Math.random() * box.width, clientY: box.top + Math.random() * box.height, pointerId: 1, button: 0, bubbles: true };
  pad.setPointerCapture = () => {};
  const before = document.getElementById('timing').textContent;
  const began = performance.now();
  pad.dispatchEvent(new PointerEvent('pointerdown', at));
  pad.dispatchEvent(new PointerEvent('pointerup', at));
  requestAnimationFrame(() => setTimeout(() => resolve({ shown: performance.now() - began, engine: parseFloat(document.getElementById('timing').textContent) })));
})`;

const rows: string[] = [];
const browser = await startBrowser();
for (const run of process.argv.slice(2)) {
  const { network, site } = siteOf({ run }, { terminal });
  const server = siteServer(site, HOST);
  const address = await listen(server, 0, HOST);
  const { page } = await openPage(browser);
  const began = performance.now();
  await page.goto(address);
  await page.waitForSelector('html[data-ready]');
  const load = performance.now() - began;
  const measured: { shown: number; engine: number }[] = [];
  for (let i = 0; i < STROKES; i++) {
    measured.push(await page.evaluate(MEASURE));
    await page.waitForTimeout(120);
  }
  const shown = measured.map((one) => one.shown);
  rows.push(
    `| ${network.name} | ${load.toFixed(0)} ms | ${median(measured.map(({ engine }) => engine)).toFixed(2)} ms | ${median(shown).toFixed(1)} ms | ${Math.max(...shown).toFixed(1)} ms |`,
  );
  console.error(rows.at(-1));
  await page.context().close();
  server.close();
}
const version = browser.version();
await browser.close();
const table = [
  `| net | loaded | engine | stroke to answer, median of ${STROKES} | slowest |`,
  '|---|---|---|---|---|',
  ...rows,
].join('\n');
const PAGE = 'docs/page.md';
const [before, rest] = readFileSync(PAGE, 'utf8').split('<!-- times -->\n');
writeFileSync(
  PAGE,
  `${before}<!-- times -->\n\n${table}\n\nHeadless Chromium ${version}, two cores.\n\n<!-- end of times -->${rest!.split('<!-- end of times -->')[1]}`,
);
