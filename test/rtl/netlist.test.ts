// What Yosys makes of a design computes what the design computes: netlists of iCE40 and ECP5 cells, simulated with the
// vendors' cell models that come with Yosys, under the same script of frames and resets.
import { readFileSync, realpathSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { expect, test } from 'vitest';
import { run } from '../../src/synth/run.ts';
import { requireTool } from '../../src/synth/tools.ts';
import { emitToFolder } from '../support/emitted.ts';
import { type NetworkRecipe, randomNetwork } from '../support/networks.ts';
import { PASS, type Played, play } from '../support/protocol.ts';
import { haveTools } from '../support/tools.ts';

const FLOWS = {
  ice40: 'synth_ice40 -dsp',
  // block RAMs have no model there
  ecp5: 'synth_ecp5 -nobram',
} as const;

const recipe: NetworkRecipe = {
  shape: [6, 6],
  outputs: [8, 5],
  inputBits: 6,
  actBits: 5,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};

/** Cell models that come with Yosys, and how Icarus takes them. */
const modelsOf = async (family: string) => {
  const { path } = await requireTool('yosys');
  const folder = join(dirname(realpathSync(path)), '../share/yosys', family);
  const options = ['-DNO_ICE40_DEFAULT_ASSIGNMENTS', `-I${folder}`];
  return { cells: join(folder, 'cells_sim.v'), options };
};

const netlistOf = async (folder: string, top: string, family: keyof typeof FLOWS): Promise<string> => {
  const files = readFileSync(join(folder, 'files.f'), 'utf8').trim().split('\n').join(' ');
  const flow = `${FLOWS[family]} -top ${top}`;
  const script = `read_verilog ${files}; ${flow}; write_verilog -noattr netlist.v`;
  const { code, stderr } = await run('yosys', ['-q', '-p', script], { cwd: folder });
  expect(code, stderr).toBe(0);
  return 'netlist.v';
};

const playNetlist = async (
  design: Pick<Played, 'folder' | 'bundle' | 'network'>,
  netlist: string,
  family: keyof typeof FLOWS,
): Promise<string> => {
  const { cells, options } = await modelsOf(family);
  return play({ ...design, seed: 5, sources: [netlist, cells], options, idle: '0' });
};

const CASES: readonly (readonly [family: keyof typeof FLOWS, what: string, recipe: NetworkRecipe])[] = [
  ['ice40', 'shift and biases', recipe],
  ['ice40', 'dynamic shift, window sums', { ...recipe, shift: 'dynamic', bias: false, pool: 2 }],
  ['ice40', 'thresholds', { ...recipe, shift: 'thresholds', actBits: 2 }],
  ['ecp5', 'shift and biases', recipe],
];

test.for(CASES)('%s, %s: the netlist passes', { timeout: 600_000 }, async ([family, , net], { skip }) => {
  if (!(await haveTools('yosys', 'iverilog'))) skip();
  const network = randomNetwork(net, 8);
  const { folder, bundle } = emitToFolder({ network, folding: { pe: [4, 1], simd: [1, 1] } });
  const netlist = await netlistOf(folder, bundle.manifest.top.module, family);
  expect(await playNetlist({ folder, bundle, network }, netlist, family)).toMatch(PASS);
});

test('a netlist with one wrong LUT fails', { timeout: 600_000 }, async ({ skip }) => {
  if (!(await haveTools('yosys', 'iverilog'))) skip();
  const network = randomNetwork(recipe, 8);
  const { folder, bundle } = emitToFolder({ network, folding: { pe: [4, 1], simd: [1, 1] } });
  const netlist = await netlistOf(folder, bundle.manifest.top.module, 'ice40');
  const path = join(folder, netlist);
  const text = readFileSync(path, 'utf8');
  // the carry sum of the first adder found: a ^ b ^ c becomes its complement
  const broken = text.replace(".LUT_INIT(16'h6996)", ".LUT_INIT(16'h9669)");
  const other = text.replace(".LUT_INIT(16'h69a5)", ".LUT_INIT(16'h965a)");
  writeFileSync(path, broken === text ? other : broken);
  expect(readFileSync(path, 'utf8')).not.toBe(text);
  expect(await playNetlist({ folder, bundle, network }, netlist, 'ice40')).not.toMatch(PASS);
});
