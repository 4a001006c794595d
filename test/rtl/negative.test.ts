// Each fault must be found, in both simulators: what passes here would be worth nothing otherwise.
import { readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { expect, test } from 'vitest';
import type { FoldingRequest } from '../../src/arch/folded/plan.ts';
import {
  buildTestbench,
  runTestbench,
  type SimulationReport,
  type Simulator,
} from '../../src/synth/simulate.ts';
import { emitToFolder } from '../support/emitted.ts';
import { type NetworkRecipe, randomNetwork } from '../support/networks.ts';
import { haveTools } from '../support/tools.ts';

const recipe: NetworkRecipe = {
  shape: [4, 4],
  outputs: [6, 4],
  inputBits: 7,
  actBits: 8,
  alphabet: 'ternary',
  shift: 2,
  bias: true,
};
const network = randomNetwork(recipe, 11);

interface Fault {
  readonly name: string;
  /** Changes the emitted folder. */
  readonly apply?: (folder: string) => void;
  readonly plusargs?: readonly string[];
  readonly rom?: 'case';
  readonly folding?: FoldingRequest;
  readonly images?: number;
  readonly expected: RegExp;
}

const edit = (path: string, change: (text: string) => string) => (folder: string) => {
  const before = readFileSync(join(folder, path), 'utf8');
  const after = change(before);
  expect(after).not.toBe(before);
  writeFileSync(join(folder, path), after);
};

/** Flips the lowest bit of the hex digit at `column` of line `line`. */
const flip = (line: number, column: number) => (text: string) => {
  const lines = text.split('\n');
  const digits = [...lines[line]!];
  digits[column] = (Number.parseInt(digits[column]!, 16) ^ 1).toString(16);
  lines[line] = digits.join('');
  return lines.join('\n');
};
const dropLine = (text: string): string => text.split('\n').slice(1).join('\n');
const cut = (text: string): string => text.slice(0, Math.floor(text.length / 2));
const remove = (path: string) => (folder: string) => rmSync(join(folder, path));

/** The first layer skips zeros. */
const ROWS: FoldingRequest = { pe: [1, 1], simd: [1, 1], skipZeros: ['on', 'off'] };

const FAULTS: readonly Fault[] = [
  {
    name: 'one trit flipped in a ROM image',
    apply: edit('rom/fc0.hex', flip(3, 0)),
    expected: /rom\/fc0.hex is missing, short or altered/,
  },
  {
    name: 'a ROM image missing',
    apply: remove('rom/fc1.hex'),
    expected: /rom\/fc1.hex is missing|failed|not silent/,
  },
  {
    name: 'a ROM image cut short',
    apply: edit('rom/fc0.hex', cut),
    expected: /rom\/fc0.hex is missing, short or altered/,
  },
  {
    name: 'a trit flipped in a case ROM',
    rom: 'case',
    apply: edit('rtl/bitsim_random_net_fc0_rom.v', (t) =>
      t.replace(/'h(\w*)(\w);/, (_, a, b) => `'h${a}${(Number.parseInt(b, 16) ^ 1).toString(16)};`),
    ),
    expected: /fc0_rom.v is missing, short or altered/,
  },
  {
    name: 'a bias altered',
    apply: edit('rtl/bitsim_random_net_fc0_bias.v', (t) =>
      t.replace(/'h(\w*)(\w);/, (_, a, b) => `'h${a}${(Number.parseInt(b, 16) ^ 1).toString(16)};`),
    ),
    expected: /fc0_bias.v is missing, short or altered/,
  },
  {
    name: 'a pixel altered',
    apply: edit('vectors/pixels.hex', flip(2, 1)),
    expected: /pixels.hex was altered/,
  },
  {
    name: 'an expected logit altered',
    apply: edit('vectors/outputs.hex', flip(1, 7)),
    expected: /outputs.hex was altered/,
  },
  {
    name: 'a hidden code altered',
    apply: edit('vectors/fc0.hex', flip(0, 0)),
    expected: /fc0.hex was altered/,
  },
  {
    name: 'a vector dropped',
    apply: edit('vectors/outputs.hex', dropLine),
    expected: /outputs.hex must have \d+ lines, not/,
  },
  {
    name: 'a vector file cut off',
    apply: edit('vectors/fc0.hex', cut),
    expected: /fc0.hex (must have \d+ lines|was altered)/,
  },
  {
    name: 'a vector added',
    apply: edit('vectors/outputs.hex', (t) => `${t}00000000\n`),
    expected: /outputs.hex must end after/,
  },
  { name: 'a vector file missing', apply: remove('vectors/pixels.hex'), expected: /pixels.hex is missing/ },
  {
    name: 'a vector file empty',
    apply: edit('vectors/pixels.hex', () => ''),
    expected: /pixels.hex must have \d+ lines, not 0/,
  },
  { name: 'tlast early', plusargs: ['+tlast=1'], expected: /tlast early or late/ },
  { name: 'tlast late', plusargs: ['+tlast=2'], expected: /tlast early or late/ },
  { name: 'more images than there are', images: 99, expected: /images/ },
  {
    name: 'an adder that forgets the carry',
    apply: edit('rtl/bitsim_accumulate.v', (t) =>
      t.replace('{sum_extended, carry_q}', "{sum_extended, carry_q & 1'b0}"),
    ),
    expected: /mismatch image=\d+ layer=fc0 neuron=\d+ expected=\d+ got=\d+ cycle=\d+/,
  },
  {
    name: 'one bit of a distance flipped in compressed rows',
    folding: ROWS,
    apply: edit('rom/fc0.hex', flip(3, 0)),
    expected: /rom\/fc0.hex is missing, short or altered/,
  },
  {
    name: 'compressed rows read one word too early',
    folding: ROWS,
    apply: edit('rtl/bitsim_sparse_reader.v', (t) => t.replace("rom_distance, 1'b1}", "rom_distance, 1'b0}")),
    expected: /mismatch image=\d+ layer=fc0 neuron=\d+ expected=\d+ got=\d+ cycle=\d+/,
  },
  {
    name: 'a row that goes on where the one before ended',
    folding: ROWS,
    apply: edit('rtl/bitsim_sparse_reader.v', (t) =>
      t.replace('step_index_q | {IndexBits{step_last_q}}', 'step_index_q'),
    ),
    expected: /mismatch image=\d+ layer=fc0/,
  },
  {
    name: 'a frame that is given up a row too early',
    folding: ROWS,
    apply: edit('rtl/bitsim_sparse_reader.v', (t) =>
      t.replace('.release_i (issue & step_end_q)', '.release_i (issue & step_last_q)'),
    ),
    expected: /nothing moves|mismatch image=\d+ layer=fc0/,
  },
  {
    name: 'an argmax that takes the smallest',
    apply: edit('rtl/bitsim_argmax.v', (t) => t.replace('| carries[AccBits]', '| ~carries[AccBits]')),
    expected: /layer=argmax/,
  },
  {
    name: 'rounding that floors',
    apply: edit('rtl/bitsim_random_net.v', (t) => t.replace(/\.Shift\(2\),/, '.Shift(3),')),
    expected: /layer=fc0/,
  },
  {
    name: 'a pipeline one cycle slower than predicted',
    apply: edit('tb/tb.v', (t) => t.replace(/Latency = (\d+)/, (_, n) => `Latency = ${Number(n) - 1}`)),
    expected: /latency is \d+ cycles, predicted/,
  },
];

const runFault = async (fault: Fault, simulator: Simulator): Promise<SimulationReport> => {
  const { folder } = emitToFolder({
    network,
    folding: fault.folding ?? {},
    rom: fault.rom ?? 'readmemh',
    images: 5,
  });
  fault.apply?.(folder);
  const built = await buildTestbench(folder, simulator);
  return runTestbench(built, {
    images: fault.images ?? 5,
    stall: false,
    plusargs: fault.plusargs,
    timeoutMs: 120_000,
  });
};

test.for(FAULTS)('Icarus: $name', async (fault, { skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  const report = await runFault(fault, 'icarus');
  expect(report.passed).toBe(false);
  expect(`${report.reason}`).toMatch(fault.expected);
});

/** Faults of a design with thresholds. */
const STEPS: readonly Fault[] = [
  {
    name: 'a threshold altered in its ROM image',
    apply: edit('rom/fc0_thresholds.hex', flip(1, 0)),
    expected: /rom\/fc0_thresholds.hex is missing, short or altered/,
  },
  {
    name: 'a threshold that must be passed, not reached',
    apply: edit('rtl/bitsim_requantize_thresholds.v', (t) => t.replace('(acc >= middle)', '(acc > middle)')),
    expected: /mismatch image=\d+ layer=fc0 neuron=\d+ expected=\d+ got=\d+/,
  },
  {
    name: 'thresholds of the word before',
    apply: edit('rtl/bitsim_requantize_thresholds.v', (t) =>
      t.replace('assign rom_addr_o = word_d', 'assign rom_addr_o = word_q'),
    ),
    expected: /mismatch image=\d+ layer=fc0/,
  },
];

test.for(STEPS)('Icarus, thresholds: $name', async (fault, { skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  // every accumulator is a threshold of its own neuron for some image, or nearly
  const steps = randomNetwork({ ...recipe, actBits: 4, shift: 'thresholds', inputBits: 2, bias: false }, 6);
  const { folder } = emitToFolder({ network: steps, folding: { pe: [6, 1], simd: [4, 1] }, images: 40 });
  const run = async () => {
    const built = await buildTestbench(folder, 'icarus');
    return runTestbench(built, { images: 40, stall: false });
  };
  expect(await run()).toMatchObject({ passed: true, reason: null });
  fault.apply!(folder);
  expect(`${(await run()).reason}`).toMatch(fault.expected);
});

/** Faults of a design with registers in its trees. */
const REGISTERS: readonly Fault[] = [
  {
    name: 'a register dropped from the trees',
    apply: edit('rtl/bitsim_select_add.v', (t) =>
      t.replace('assign node     = node_q', 'assign node     = sums'),
    ),
    expected: /mismatch image=\d+ layer=fc0/,
  },
  {
    name: 'the +1 of a negative that does not wait for its adder',
    apply: edit('rtl/bitsim_select_add.v', (t) =>
      t.replace('assign subtract = subtract_q', 'assign subtract = signs'),
    ),
    expected: /mismatch image=\d+ layer=fc\d/,
  },
  {
    name: 'a register less than planned, datapath and control alike',
    apply: edit('rtl/bitsim_random_net.v', (t) => t.replace('.Stages(2)', '.Stages(1)')),
    expected: /latency is \d+ cycles, predicted/,
  },
  {
    name: 'a register too many',
    apply: edit('rtl/bitsim_random_net.v', (t) => t.replace('.Stages(1)', '.Stages(2)')),
    expected: /latency is \d+ cycles, predicted/,
  },
];

test.for(REGISTERS)('Icarus, registers: $name', async (fault, { skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  const folding = { pe: [2, 1], simd: [4, 6], pipeline: [2, 1] };
  const { folder } = emitToFolder({ network, folding, images: 5 });
  const run = async () => {
    const built = await buildTestbench(folder, 'icarus');
    return runTestbench(built, { images: 5, stall: false });
  };
  expect(await run()).toMatchObject({ passed: true, reason: null });
  fault.apply!(folder);
  expect(`${(await run()).reason}`).toMatch(fault.expected);
});

test('without a fault it passes', async ({ skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  const { folder } = emitToFolder({ network, images: 5 });
  const built = await buildTestbench(folder, 'icarus');
  expect(await runTestbench(built, { images: 5, stall: false })).toMatchObject({
    passed: true,
    reason: null,
  });
});

/** Verilator: the faults that do not change sources share one build. */
test('Verilator finds altered files and tlast faults too', { timeout: 600_000 }, async ({ skip }) => {
  if (!(await haveTools('verilator', 'make', 'g++'))) skip();
  const { folder } = emitToFolder({ network, images: 5 });
  const built = await buildTestbench(folder, 'verilator');
  const run = (plusargs: readonly string[] = [], images = 5) =>
    runTestbench(built, { images, stall: true, plusargs });
  expect(await run()).toMatchObject({ passed: true });
  for (const fault of FAULTS.filter(({ apply }) => apply === undefined)) {
    const report = await run(fault.plusargs, fault.images);
    expect(report.passed, fault.name).toBe(false);
  }
  for (const fault of FAULTS.filter(({ name }) => /ROM image|vector|pixel|logit|hidden code/.test(name))) {
    const files = [
      'rom/fc0.hex',
      'rom/fc1.hex',
      'vectors/pixels.hex',
      'vectors/fc0.hex',
      'vectors/outputs.hex',
    ];
    const kept = files.map((file) => [join(folder, file), readFileSync(join(folder, file))] as const);
    fault.apply!(folder);
    const report = await run();
    for (const [path, content] of kept) writeFileSync(path, content);
    expect(report.passed, fault.name).toBe(false);
    expect(`${report.reason}`, fault.name).toMatch(fault.expected);
  }
});
