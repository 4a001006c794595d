// What the report says of verify.json: a row for each comparison, and what was not compared.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { comparisonsOf } from '../../../src/cli/report-verification.ts';
import { runPaths } from '../../../src/cli/run-folder.ts';

const folder = mkdtempSync(join(tmpdir(), 'bitsim-report-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));
const DIGEST = 'a'.repeat(64);

const rtl = (measured: { latency: number; interval: number | null } | null) => ({
  simulator: 'icarus',
  version: '11.0',
  equal: true,
  images: 3,
  codes: 30,
  logits: 6,
  classes: 3,
  predicted: { latency: 20, interval: 9 },
  measured,
});

const comparisons = (runs: readonly object[], missing: readonly string[] = []) => {
  const text = JSON.stringify({
    format: 'bitsim-verification',
    network: { sha256: DIGEST },
    weights: null,
    graph: {},
    rtl: runs,
    hls: null,
    missing,
  });
  writeFileSync(join(folder, 'verify.json'), text);
  return comparisonsOf(runPaths(folder), DIGEST);
};

test.each([
  [{ latency: 20, interval: 9 }, 2, true],
  [{ latency: 20, interval: null }, 1, true],
  [{ latency: 21, interval: 9 }, 2, false],
  [{ latency: 20, interval: 8 }, 2, false],
])('cycles measured as %o', (measured, values, equal) => {
  const [stalls, cycles, ...rest] = comparisons([rtl(measured)]).comparisons;
  expect(stalls).toMatchObject({ what: 'simulator = RTL, with random stalls', images: 3, values: 39 });
  expect(cycles).toMatchObject({
    what: expect.stringContaining('cycles'),
    values,
    equal,
    tool: 'icarus 11.0',
  });
  expect(rest).toEqual([]);
});

test('a run that measured none has no such row', () => {
  expect(comparisons([rtl(null)]).comparisons).toHaveLength(1);
});

test('what was not compared is said', () => {
  expect(comparisons([rtl(null)], ['verilator']).note).toBe('Not compared, for want of a tool: verilator.');
  expect(comparisons([rtl(null)]).note).toBe(null);
});
