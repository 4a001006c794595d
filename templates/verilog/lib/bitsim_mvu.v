// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// A folded matrix-vector unit: Pe outputs x Simd inputs a cycle, SynapseFold x NeuronFold cycles a frame.
//   out[n] = Start + bias[n] + sum over c of trit[n][c] * x[c]
// Start is the rounding constant of the requantizer behind it, so that rounding costs nothing there.
// Base3 = 0: weight word f*SynapseFold + s holds trit codes of outputs f*Pe.. (upper index) by inputs s*Simd.. (lower index).
// Base3 = 1: words of bitsim_base3_lanes; step k of a frame reads word k - k/5, and every fifth step none.
// Pipeline: read (memories) - word (registered) - select and add - accumulate - result. It stops only when a finished result would
// overwrite one that has not left yet.
// Parameters: Pe, Simd, SynapseFold, NeuronFold >= 1, InBits 1..8, CodeBits 1 or 2,
//   SumBits = InBits + 1 + ceil(log2(Simd)) <= AccBits, BufferFrames 1 or 2, HasBias 0 or 1, Base3 0 or 1 (CodeBits 2,
//   Pe*Simd a multiple of 4).
// Latency: the result is valid 5 cycles after the last word of a pass was accepted, if nothing stalls.
`default_nettype none

module bitsim_mvu #(
  parameter integer Pe = 4,
  parameter integer Simd = 4,
  parameter integer InBits = 8,
  parameter integer CodeBits = 2,
  parameter integer SumBits = 11,
  parameter integer AccBits = 16,
  parameter integer SynapseFold = 4,
  parameter integer NeuronFold = 4,
  parameter integer BufferFrames = 1,
  parameter integer HasBias = 0,
  parameter integer Base3 = 0,
  parameter integer RomAddrBits = 4, // address bits of the weight ROM's words, at least 1
  parameter integer FoldBits = 2,    // address bits of NeuronFold words, at least 1
  parameter [AccBits-1:0] Start = {AccBits{1'b0}}
) (
  input  wire                         clk_i,
  input  wire                         rst_ni,
  input  wire                         in_valid_i,
  output wire                         in_ready_o,
  input  wire [Simd*InBits-1:0]       in_data_i,
  output wire                         rom_en_o,
  output wire [RomAddrBits-1:0]       rom_addr_o,
  input  wire [Pe*Simd*CodeBits-1:0]  rom_data_i,
  output wire [FoldBits-1:0]          bias_addr_o,
  input  wire [Pe*AccBits-1:0]        bias_data_i,
  output wire                         out_valid_o,
  input  wire                         out_ready_i,
  output wire [Pe*AccBits-1:0]        out_data_o
);
  wire                   advance;
  wire                   issue;
  wire                   frame_end;
  wire [FoldBits-1:0]    pass;
  wire                   read_valid;
  wire                   read_first;
  wire                   read_last;
  wire [Simd*InBits-1:0] read_data;

  reg  [RomAddrBits-1:0] rom_addr_q;
  // what was read, registered once more: the choice between block RAMs is one path, select and add another
  reg                         word_valid_q;
  reg                         word_last_q;
  reg [Pe*Simd*CodeBits-1:0]  word_codes_q;
  reg [Simd*InBits-1:0]       word_data_q;
  reg                    sum_valid_q;
  reg                    sum_last_q;
  reg                    result_valid_q;

  // the step that is issued next reads no word: its trits wait in the lanes
  wire                        step_waits;
  wire [Pe*Simd*CodeBits-1:0] codes;

  wire finish = sum_valid_q & sum_last_q;

  assign advance     = ~(finish & result_valid_q & ~out_ready_i);
  assign rom_en_o    = advance;
  assign rom_addr_o  = rom_addr_q;
  assign out_valid_o = result_valid_q;

  bitsim_replay_buffer #(
    .Width     (Simd * InBits),
    .FrameWords(SynapseFold),
    .Passes    (NeuronFold),
    .Frames    (BufferFrames)
  ) u_buffer (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (in_valid_i),
    .in_ready_o (in_ready_o),
    .in_data_i  (in_data_i),
    .advance_i  (advance),
    .issue_o    (issue),
    .frame_end_o(frame_end),
    .pass_o     (pass),
    .valid_o    (read_valid),
    .first_o    (read_first),
    .last_o     (read_last),
    .data_o     (read_data)
  );

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      rom_addr_q     <= {RomAddrBits{1'b0}};
      word_valid_q   <= 1'b0;
      word_last_q    <= 1'b0;
      sum_valid_q    <= 1'b0;
      sum_last_q     <= 1'b0;
      result_valid_q <= 1'b0;
    end else begin
      if (issue) begin
        rom_addr_q <= frame_end ? {RomAddrBits{1'b0}} : rom_addr_q + {{(RomAddrBits-1){1'b0}}, ~step_waits};
      end
      if (advance) begin
        word_valid_q <= read_valid;
        word_last_q  <= read_last;
        sum_valid_q  <= word_valid_q;
        sum_last_q   <= word_last_q;
      end
      if (advance & finish) begin
        result_valid_q <= 1'b1;
      end else if (out_ready_i) begin
        result_valid_q <= 1'b0;
      end
    end
  end

  always @(posedge clk_i) begin
    if (advance) begin
      word_codes_q <= codes;
      word_data_q  <= read_data;
    end
  end

  generate
    if (Base3 != 0) begin : gen_base3
      reg [2:0] phase_q;
      reg       waiting_q;

      assign step_waits = (phase_q == 3'd4);

      always @(posedge clk_i) begin
        if (!rst_ni) begin
          phase_q <= 3'd0;
        end else if (issue) begin
          phase_q <= (frame_end | step_waits) ? 3'd0 : phase_q + 3'd1;
        end
        if (advance) begin
          waiting_q <= step_waits;
        end
      end

      bitsim_base3_lanes #(
        .Lanes(Pe * Simd)
      ) u_lanes (
        .clk_i    (clk_i),
        .take_i   (advance & read_valid & ~waiting_q),
        .waiting_i(waiting_q),
        .word_i   (rom_data_i),
        .codes_o  (codes)
      );
    end else begin : gen_plain
      assign step_waits = 1'b0;
      assign codes      = rom_data_i;
    end
  endgenerate

  wire                  sum_first;
  wire [Pe*AccBits-1:0] sum_bias;

  generate
    if (HasBias != 0) begin : gen_bias
      reg                  word_first_q;
      reg [Pe*AccBits-1:0] word_bias_q;
      reg                  sum_first_q;
      reg [Pe*AccBits-1:0] sum_bias_q;
      always @(posedge clk_i) begin
        if (advance) begin
          word_first_q <= read_first;
          word_bias_q  <= bias_data_i;
          sum_first_q  <= word_first_q;
          sum_bias_q   <= word_bias_q;
        end
      end
      assign bias_addr_o = pass;
      assign sum_first   = sum_first_q;
      assign sum_bias    = sum_bias_q;
    end else begin : gen_no_bias
      wire unused_bias = &{1'b0, bias_data_i, read_first, pass};
      assign bias_addr_o = {FoldBits{1'b0}};
      assign sum_first   = 1'b0;
      assign sum_bias    = {(Pe * AccBits) {1'b0}};
    end
  endgenerate

  genvar p;
  generate
    for (p = 0; p < Pe; p = p + 1) begin : gen_pe
      wire [SumBits-1:0] sum;
      wire               carry;
      reg  [SumBits-1:0] sum_q;
      reg                carry_q;
      reg  [AccBits-1:0] acc_q;
      reg  [AccBits-1:0] result_q;

      bitsim_select_add #(
        .Simd    (Simd),
        .InBits  (InBits),
        .CodeBits(CodeBits),
        .SumBits (SumBits)
      ) u_select_add (
        .codes_i(word_codes_q[p*Simd*CodeBits+:Simd*CodeBits]),
        .data_i (word_data_q),
        .sum_o  (sum),
        .carry_o(carry)
      );

      wire [AccBits-1:0] base = sum_first ? sum_bias[p*AccBits+:AccBits] : acc_q;
      wire [AccBits-1:0] sum_extended = {{(AccBits - SumBits + 1) {sum_q[SumBits-1]}}, sum_q[SumBits-2:0]};
      wire [AccBits:0]   total = {base, 1'b1} + {sum_extended, carry_q};
      wire unused_lsb = total[0];

      always @(posedge clk_i) begin
        if (advance) begin
          sum_q   <= sum;
          carry_q <= carry;
        end
      end

      always @(posedge clk_i) begin
        if (!rst_ni) begin
          acc_q <= Start;
        end else if (advance & sum_valid_q) begin
          acc_q <= sum_last_q ? Start : total[AccBits:1];
        end
      end

      always @(posedge clk_i) begin
        if (advance & finish) begin
          result_q <= total[AccBits:1];
        end
      end

      assign out_data_o[p*AccBits+:AccBits] = result_q;
    end
  endgenerate
endmodule

`default_nettype wire
