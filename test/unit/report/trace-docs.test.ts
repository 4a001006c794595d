// The tables of docs/trace.md are what bitsim prints for the network of docs/ir.md; BITSIM_GOLDEN_UPDATE=1 writes them.
import { readFileSync, writeFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { planFolded } from '../../../src/arch/folded/plan.ts';
import { traceFrame } from '../../../src/arch/folded/trace.ts';
import { parseNetwork } from '../../../src/layers/validate.ts';
import { traceReport } from '../../../src/report/trace.ts';

const UPDATE = process.env.BITSIM_GOLDEN_UPDATE !== undefined;
const PAGE = 'docs/trace.md';
const network = parseNetwork(/```json\n(.*?)```/s.exec(readFileSync('docs/ir.md', 'utf8'))![1]!);
const trace = traceFrame(
  network,
  planFolded(network, { pe: [1, 1], simd: [2, 1] }),
  Uint8Array.of(16, 32, 48, 247),
);

/** The window that the page shows of a layer: from its first addition to its last. */
const shown = (layer: number): string => {
  const { adds } = trace.schedule.units[layer]!;
  const from = adds.indexOf(1) - 1;
  const cycles = adds.indexOf(adds.at(-1)!) - from;
  return traceReport({ trace, images: [0], labels: [1], layer, from, cycles });
};

test.each([0, 1])('the table of layer %i', (layer) => {
  const name = trace.plan.layers[layer]!.layer;
  const block = new RegExp(`(<!-- example ${name} -->\n)(.*?)(<!-- end -->)`, 's');
  const expected = `\`\`\`\n${shown(layer)}\n\`\`\`\n`;
  const page = readFileSync(PAGE, 'utf8');
  if (UPDATE)
    writeFileSync(
      PAGE,
      page.replace(block, (_, open, __, close) => `${open}${expected}${close}`),
    );
  expect(block.exec(readFileSync(PAGE, 'utf8'))![2]).toBe(expected);
});
