// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// A folded matrix-vector unit: Pe outputs x Simd inputs a cycle, SynapseFold x NeuronFold cycles a frame.
//   out[n] = Start + bias[n] + sum over c of trit[n][c] * x[c]
// This module reads the words of activations, trits and biases in order; bitsim_accumulate adds them up.
// Base3 = 0: weight word f*SynapseFold + s holds trit codes of outputs f*Pe.. (upper index) by inputs s*Simd.. (lower index).
// Base3 = 1: words of bitsim_base3_lanes; step k of a frame reads word k - k/5, and every fifth step none.
// Pipeline: read (memories) - word (registered) - bitsim_accumulate, which stops it all when a finished result cannot leave.
// Parameters: Pe, Simd, SynapseFold, NeuronFold >= 1, InBits 1..8, CodeBits 1 or 2,
//   SumBits = InBits + 1 + ceil(log2(Simd)) <= AccBits, BufferFrames 1 or 2, HasBias 0 or 1, Base3 0 or 1 (CodeBits 2,
//   Pe*Simd a multiple of 4), Stages 0..ceil(log2(Simd)), registers within bitsim_accumulate for a higher clock.
// Latency: the result is valid 5 + Stages cycles after the last word of a pass was accepted, if nothing stalls.
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
  parameter integer Stages = 0,
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

  // the step that is issued next reads no word: its trits wait in the lanes
  wire                        step_waits;
  wire [Pe*Simd*CodeBits-1:0] codes;

  assign rom_en_o   = advance;
  assign rom_addr_o = rom_addr_q;

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
      rom_addr_q   <= {RomAddrBits{1'b0}};
      word_valid_q <= 1'b0;
      word_last_q  <= 1'b0;
    end else begin
      if (issue) begin
        rom_addr_q <= frame_end ? {RomAddrBits{1'b0}} : rom_addr_q + {{(RomAddrBits-1){1'b0}}, ~step_waits};
      end
      if (advance) begin
        word_valid_q <= read_valid;
        word_last_q  <= read_last;
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

  wire                  word_first;
  wire [Pe*AccBits-1:0] word_bias;

  generate
    if (HasBias != 0) begin : gen_bias
      reg                  word_first_q;
      reg [Pe*AccBits-1:0] word_bias_q;
      always @(posedge clk_i) begin
        if (advance) begin
          word_first_q <= read_first;
          word_bias_q  <= bias_data_i;
        end
      end
      assign bias_addr_o = pass;
      assign word_first  = word_first_q;
      assign word_bias   = word_bias_q;
    end else begin : gen_no_bias
      wire unused_bias = &{1'b0, bias_data_i, read_first, pass};
      assign bias_addr_o = {FoldBits{1'b0}};
      assign word_first  = 1'b0;
      assign word_bias   = {(Pe * AccBits) {1'b0}};
    end
  endgenerate

  bitsim_accumulate #(
    .Pe      (Pe),
    .Simd    (Simd),
    .InBits  (InBits),
    .CodeBits(CodeBits),
    .SumBits (SumBits),
    .AccBits (AccBits),
    .HasBias (HasBias),
    .Stages  (Stages),
    .Start   (Start)
  ) u_accumulate (
    .clk_i      (clk_i),
    .rst_ni     (rst_ni),
    .in_valid_i (word_valid_q),
    .in_ready_o (advance),
    .in_first_i (word_first),
    .in_last_i  (word_last_q),
    .in_codes_i (word_codes_q),
    .in_data_i  (word_data_q),
    .in_bias_i  (word_bias),
    .out_valid_o(out_valid_o),
    .out_ready_i(out_ready_i),
    .out_data_o (out_data_o)
  );
endmodule

`default_nettype wire
