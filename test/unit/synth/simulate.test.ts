// The real simulators on a testbench written by hand, small enough to see what it says.
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { afterEach, describe, expect, test, vi } from 'vitest';
import { buildTestbench, SIMULATORS, simulate } from '../../../src/synth/simulate.ts';
import { temporaryFolder } from '../../support/emitted.ts';
import { haveTools } from '../../support/tools.ts';

const MODULE = `module half_adder (
  input  wire a_i,
  input  wire b_i,
  output wire sum_o,
  output wire carry_o
);
  assign sum_o   = a_i ^ b_i;
  assign carry_o = a_i & b_i;
endmodule
`;

const TESTBENCH = `module tb;
  integer images;
  integer stall;
  integer i;
  integer errors;
  reg a;
  reg b;
  wire sum;
  wire carry;
  half_adder u_dut (.a_i(a), .b_i(b), .sum_o(sum), .carry_o(carry));
  initial begin
    errors = 0;
    if (!$value$plusargs("images=%d", images)) images = 0;
    if (!$value$plusargs("stall=%d", stall)) stall = 2;
    for (i = 0; i < images; i = i + 1) begin
      a = i[0];
      b = i[1];
      #1;
      if ({carry, sum} !== {1'b0, a} + {1'b0, b}) begin
        $display("bitsim-tb: mismatch image=%0d layer=fc0 neuron=0 expected=%0d got=%0d cycle=%0d", i, {1'b0, a} + {1'b0, b}, {carry, sum}, i);
        errors = errors + 1;
      end
    end
    $display("bitsim-tb: checked images=%0d codes=%0d logits=%0d classes=%0d", i, 0, 2 * i, i);
    if (stall == 0) $display("bitsim-tb: cycles latency=7 interval=3");
    if (errors != 0) $display("bitsim-tb: FAIL");
    else $display("bitsim-tb: PASS");
    $finish;
  end
endmodule
`;

const folderWith = (module = MODULE, testbench = TESTBENCH, parent = temporaryFolder()): string => {
  const folder = join(parent, 'design');
  mkdirSync(join(folder, 'tb'), { recursive: true });
  mkdirSync(join(folder, 'rtl'));
  writeFileSync(join(folder, 'rtl/half_adder.v'), module);
  writeFileSync(join(folder, 'tb/tb.v'), testbench);
  writeFileSync(join(folder, 'files.f'), 'rtl/half_adder.v\n');
  return folder;
};

afterEach(() => {
  vi.unstubAllEnvs();
});

describe.each(SIMULATORS)('%s', (simulator) => {
  const needed = simulator === 'icarus' ? 'iverilog' : 'verilator';
  const request = { images: 4, stall: false, perImage: { codes: 0, logits: 2 } };

  test('passes, under a make and in an unknown locale too', async ({ skip }) => {
    if (!(await haveTools(needed))) skip();
    vi.stubEnv('MAKEFLAGS', ' -j2 --jobserver-auth=3,4');
    vi.stubEnv('LC_ALL', 'xx_XX.UTF-8');
    const report = await simulate(folderWith(), simulator, request);
    expect(report.reason).toBe(null);
    expect(report).toMatchObject({ passed: true, images: 4, logits: 8, classes: 4, mismatches: [] });
    expect(report.cycles).toEqual({ latency: 7, interval: 3 });
    expect(report.version).toMatch(/^\d+\.\d+/);
  });

  test('a wrong design is named by image, expected and got', async ({ skip }) => {
    if (!(await haveTools(needed))) skip();
    const wrong = MODULE.replace('a_i & b_i', 'a_i & ~b_i');
    const report = await simulate(folderWith(wrong), simulator, request);
    expect(report.passed).toBe(false);
    expect(report.mismatches).toEqual([
      { image: 1, layer: 'fc0', neuron: 0, expected: 1, got: 3, cycle: 1 },
      { image: 3, layer: 'fc0', neuron: 0, expected: 2, got: 0, cycle: 3 },
    ]);
  });

  test('a warning, an error, a syntax error and a missing file are each a failed build', async ({ skip }) => {
    if (!(await haveTools(needed))) skip();
    const warned = TESTBENCH.replace('.carry_o(carry)', '.carry_o(carry), .carry_o(carry)');
    expect((await simulate(folderWith(MODULE, warned), simulator, request)).passed).toBe(false);
    const narrow = MODULE.replace('wire carry_o', 'wire [1:0] carry_o');
    expect((await simulate(folderWith(narrow), simulator, request)).reason).toMatch(/warning/i);
    expect((await simulate(folderWith('module x'), simulator, request)).reason).toMatch(
      /the build failed: \S/,
    );
    const missing = folderWith();
    writeFileSync(join(missing, 'files.f'), 'rtl/half_adder.v\nrtl/nowhere.v\n');
    expect((await simulate(missing, simulator, request)).reason).toMatch(/the build failed: [\s\S]*nowhere/);
  });

  test('an abort stops the build', async ({ skip }) => {
    if (!(await haveTools(needed))) skip();
    const signal = AbortSignal.abort(new Error('enough'));
    await expect(buildTestbench(folderWith(), simulator, { signal })).rejects.toThrow('enough');
  });
});

test('a simulation that never ends is stopped', async ({ skip }) => {
  if (!(await haveTools('iverilog'))) skip();
  const endless = TESTBENCH.replace('$finish;', 'forever #1 a = ~a;');
  const report = await simulate(folderWith(MODULE, endless), 'icarus', {
    images: 1,
    stall: true,
    timeoutMs: 3_000,
  });
  expect(report).toMatchObject({ passed: false, reason: 'the simulation ran out of time' });
});
