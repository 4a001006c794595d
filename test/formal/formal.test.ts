// Every property is proved of the library module as it is emitted, and refuted of copies with one thing changed: a proof
// that holds of a broken module proves nothing.
import { describe, expect, test } from 'vitest';
import { temporaryFolder } from '../support/emitted.ts';
import { libraryModule, type Proof, prove } from '../support/formal.ts';
import { haveTools } from '../support/tools.ts';

interface Case {
  readonly proof: Proof;
  /** What is broken, as [in the module, instead]. */
  readonly bugs: readonly (readonly [string, string])[];
}

const sums = (simd: number, inBits: number, codeBits: number): Proof => ({
  name: 'select_add',
  parameters: {
    Simd: simd,
    InBits: inBits,
    CodeBits: codeBits,
    SumBits: inBits + 1 + Math.ceil(Math.log2(simd)),
  },
  method: 'sat',
});

const registered = (simd: number, inBits: number, stages: number): Proof => ({
  name: 'select_add_stages',
  module: 'select_add',
  parameters: {
    Simd: simd,
    InBits: inBits,
    SumBits: inBits + 1 + Math.ceil(Math.log2(simd)),
    Stages: stages,
  },
  method: 'pdr',
});

const REGISTER_BUGS: Case['bugs'] = [
  ['assign node     = node_q', 'assign node     = sums'],
  ['assign subtract = subtract_q', 'assign subtract = signs'],
  ['if (advance_i) begin', "if (1'b1) begin"],
];

const shifts = (accBits: number, shift: number, outBits: number): Proof => ({
  name: 'requantize_static',
  parameters: { Lanes: 2, AccBits: accBits, Shift: shift, OutBits: outBits },
  method: 'sat',
});

const pdr = (name: string, parameters: Proof['parameters']): Proof => ({ name, parameters, method: 'pdr' });

/** One PE and one lane of one bit: two or more copies of the same, and wider ones, take the proof minutes and show no more. */
const accumulates = (bias: 0 | 1): Proof => ({
  name: 'accumulate',
  parameters: { Pe: 1, Simd: 1, InBits: 1, SumBits: 2, AccBits: 3, HasBias: bias, Stages: 0 },
  method: 'pdr',
  needs: ['select_add'],
});

const ADD_BUGS: Case['bugs'] = [
  ['assign carry_o = gen_level[Levels].subtract[Simd-1]', "assign carry_o = 1'b0"],
  ['{InBits{take}}} ^ {Bits{signs[i]}}', '{InBits{take}}} ^ {Bits{take & signs[0]}}'],
];

const CASES: readonly Case[] = [
  { proof: sums(1, 8, 2), bugs: [["{1'b0, data_i", '{data_i[0], data_i']] },
  { proof: sums(2, 8, 2), bugs: ADD_BUGS },
  { proof: sums(4, 8, 2), bugs: [...ADD_BUGS, ['{left[Bits-2], left, 1', "{1'b0, left, 1"]] },
  { proof: sums(4, 8, 1), bugs: ADD_BUGS },
  {
    proof: sums(5, 3, 2),
    bugs: [['assign sums[i*Bits+:Bits] = {left[Bits-2], left}', "assign sums[i*Bits+:Bits] = {1'b0, left}"]],
  },
  { proof: sums(8, 2, 2), bugs: ADD_BUGS },
  { proof: registered(2, 2, 1), bugs: REGISTER_BUGS },
  { proof: registered(3, 1, 1), bugs: REGISTER_BUGS },
  { proof: registered(3, 1, 2), bugs: REGISTER_BUGS },
  {
    proof: { name: 'base3_decode', parameters: {}, method: 'sat' },
    bugs: [
      ["4'd6:    pair = 4'b1100", "4'd6:    pair = 4'b1101"],
      ['p_is_x ? p : code_i[4:2]', 'code_i[4:2]'],
      ['x_is_y ? x[1:0] : y', 'y'],
    ],
  },
  {
    proof: { name: 'base3_lanes', parameters: {}, method: 'pdr', needs: ['base3_decode'] },
    bugs: [
      ['{trits[9:8], waiting_q[7:2]}', '{trits[7:6], waiting_q[7:2]}'],
      ['if (take_i) begin', 'if (take_i | waiting_i) begin'],
    ],
  },
  {
    proof: accumulates(0),
    bugs: [
      ['{sum_extended, carry_q}', "{sum_extended, 1'b0}"],
      ['~(finish & result_valid_q & ~out_ready_i)', "1'b1"],
      ['else if (advance & sum_valid) begin', 'else if (advance) begin'],
      ['acc_q <= finish ? Start :', 'acc_q <= finish ? 0 :'],
    ],
  },
  {
    proof: accumulates(1),
    bugs: [
      ['{first_q, in_first_i}', '{first_q, in_last_i}'],
      [
        'bias_q  <= bias_d[(Stages+1)*Pe*AccBits-1:0];\n        end',
        'end\n        bias_q <= bias_d[(Stages+1)*Pe*AccBits-1:0];',
      ],
    ],
  },
  {
    proof: shifts(12, 3, 4),
    bugs: [
      ['{OutBits{over}}', "{OutBits{1'b0}}"],
      ['& {OutBits{~negative}}', ''],
    ],
  },
  {
    proof: shifts(16, 5, 8),
    bugs: [['acc_i[i*AccBits+Shift+:OutBits] |', 'acc_i[i*AccBits+Shift-1+:OutBits] |']],
  },
  { proof: shifts(9, 0, 8), bugs: [['& {Kept{~negative}}', '']] },
  { proof: shifts(6, 2, 7), bugs: [['& {Kept{~negative}}', '']] },
  {
    proof: pdr('requantize_dynamic', { AccBits: 4, OutBits: 2, FrameWords: 2 }),
    bugs: [
      ['magnitude[l*MagBits+:MagBits];\n    end', 'magnitude[0+:MagBits] & or_q;\n    end'],
      ['| {OutBits{rounded[OutBits]}}', ''],
      ['? ~full_q[1] : ~full_q[0];', "? 1'b1 : 1'b1;"],
    ],
  },
  {
    proof: pdr('requantize_thresholds', { Lanes: 2, AccBits: 4, OutBits: 2, FrameWords: 2 }),
    bugs: [
      ['(acc >= middle)', '(acc > middle)'],
      ['assign rom_addr_o = word_d', 'assign rom_addr_o = word_q'],
      ['wider[0+:(2*Half+1)*AccBits]', 'wider[AccBits+:(2*Half+1)*AccBits]'],
    ],
  },
  {
    proof: pdr('requantize_thresholds', { Lanes: 1, AccBits: 4, OutBits: 3, FrameWords: 1 }),
    bugs: [['wider[0+:(2*Half+1)*AccBits]', 'wider[AccBits+:(2*Half+1)*AccBits]']],
  },
  {
    proof: pdr('gather', { Width: 2, Parts: 3 }),
    bugs: [
      ["at_last ? {CountBits{1'b0}} : count_q + 1'b1", "count_q + 1'b1"],
      ['assign in_ready_o  = ~full_q | out_ready_i;', "assign in_ready_o  = 1'b1;"],
    ],
  },
  {
    proof: pdr('serialize', { Width: 2, Parts: 3 }),
    bugs: [
      ['if (in_valid_i & out_ready_i)', 'if (in_valid_i)'],
      ['assign in_ready_o = at_last & out_ready_i', 'assign in_ready_o = out_ready_i'],
    ],
  },
  { proof: pdr('serialize', { Width: 1, Parts: 8 }), bugs: [['index_q[level-1] ?', '~index_q[level-1] ?']] },
  {
    proof: pdr('frame_guard', { Width: 2, FrameWords: 3 }),
    bugs: [
      ['assign error_o     = early | late', 'assign error_o     = early'],
      ['end else if (in_valid_i & in_last_i) begin', 'end else if (in_valid_i) begin'],
      ['wire early   = beat & ~fill_q & in_last_i & ~at_last', "wire early   = 1'b0"],
    ],
  },
  {
    proof: pdr('frame_guard', { Width: 1, FrameWords: 1 }),
    bugs: [['wire late    = beat', 'wire late    = ~beat']],
  },
  {
    proof: pdr('argmax', { Classes: 3, AccBits: 4 }),
    bugs: [
      ["{1'b0, best_inv_q}", "{1'b0, best_inv_q} + 1'b1"],
      ['{~in_data_i[AccBits-1], ', '{in_data_i[AccBits-1], '],
      ['logit_first_q | carries', 'carries'],
      ['if (take) begin', 'if (slot) begin'],
      ['wire slot   = ~out_valid_q | out_ready_i', "wire slot   = 1'b1"],
    ],
  },
  {
    proof: pdr('replay_buffer', { Width: 2, FrameWords: 3, Passes: 2, Frames: 1 }),
    bugs: [
      ['assign in_ready_o  = ~full_q', "assign in_ready_o  = 1'b1"],
      ['full_q <= (held_q == BeforeFull)', "full_q <= 1'b0"],
      ['wire available  = ~first_pass_q | any_fresh_q', "wire available  = (held_q != {HeldBits{1'b0}})"],
      ['any_fresh_q <= (fresh_q != One)', "any_fresh_q <= 1'b1"],
      ['last_o  <= rd_end_q', 'last_o  <= last_pass_q'],
      ['OneWord | (rd_word_q == BeforeLastWord)', 'OneWord'],
      ['first_pass_q <= last_pass_q', "first_pass_q <= 1'b0"],
    ],
  },
  {
    proof: pdr('replay_buffer', { Width: 2, FrameWords: 2, Passes: 2, Frames: 2 }),
    bugs: [['wr_bank_q <= wr_bank_q ^ (write & wr_end)', 'wr_bank_q <= wr_bank_q']],
  },
  {
    proof: pdr('frame_buffer', { Width: 2, FrameWords: 3 }),
    bugs: [
      ['assign in_ready_o = wr_bank_q ? ~full_q[1] : ~full_q[0]', "assign in_ready_o = 1'b1"],
      ['rd_bank_q <= rd_bank_q ^ release_i', 'rd_bank_q <= rd_bank_q'],
      ['& ~(release_i & rd_bank_q)', ''],
    ],
  },
  {
    proof: {
      name: 'sparse_reader',
      parameters: { FrameWords: 3, DistanceBits: 1, Steps: 4, Passes: 2 },
      method: 'pdr',
      needs: ['frame_buffer'],
    },
    bugs: [
      ['wire issue  = step_valid_q & whole & advance_i', 'wire issue  = step_valid_q & advance_i'],
      ['wire fetch  = ~step_valid_q | issue', 'wire fetch  = ~step_valid_q | advance_i'],
      ['.release_i (issue & step_end_q)', '.release_i (issue & step_last_q)'],
      ['step_index_q | {IndexBits{step_last_q}}', 'step_index_q'],
      ['step_last_q  <= rom_last | ~rom_valid_q', 'step_last_q  <= rom_last'],
      ['first_q <= step_last_q', 'first_q <= step_end_q'],
      ["step_end_q ? {PassBits{1'b0}} : pass_q + 1'b1", 'pass_q'],
      ["at_end ? {RomAddrBits{1'b0}} : rom_addr_q + 1'b1", "rom_addr_q + 1'b1"],
    ],
  },
];

describe.runIf(await haveTools('yosys'))('formal proofs', () => {
  for (const { proof, bugs } of CASES) {
    const title = `${proof.name} ${JSON.stringify(proof.parameters)}`;
    test(`${title}: proved`, async () => {
      expect(await prove(proof, libraryModule(proof.module ?? proof.name), temporaryFolder())).toBe('proved');
    });
    for (const [from, to] of bugs) {
      test(`${title}: refuted with "${to.slice(0, 40)}"`, async () => {
        const text = libraryModule(proof.module ?? proof.name);
        expect(text.split(from).length, `"${from}" in the module`).toBe(2);
        expect(await prove(proof, text.replace(from, to), temporaryFolder())).toBe('refuted');
      });
    }
  }
});
