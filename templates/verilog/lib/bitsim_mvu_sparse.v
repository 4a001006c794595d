// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// A folded matrix-vector unit that skips zeros: bitsim_mvu's sums in Steps cycles a frame instead of SynapseFold x NeuronFold,
// Pe outputs x Simd inputs a cycle.
//   out[n] = Start + bias[n] + sum over c of trit[n][c] * x[c]
// bitsim_sparse_reader finds the words of activations and trits; bitsim_accumulate adds them up.
// Pipeline: ROM - step - read - word (registered) - bitsim_accumulate, which stops it all when a finished result cannot leave.
// Parameters: Pe, Simd, SynapseFold, NeuronFold, Steps >= 1, InBits 1..8, CodeBits 1 or 2, 1 <= DistanceBits <= bits of an
//   index below SynapseFold, SumBits = InBits + 1 + ceil(log2(Simd)) <= AccBits, HasBias 0 or 1,
//   Stages 0..ceil(log2(Simd)), registers within bitsim_accumulate for a higher clock.
// Latency: the result of a frame's first pass of n steps is valid 4 + Stages + n cycles after its last word was accepted, if nothing stalls.
`default_nettype none

module bitsim_mvu_sparse #(
  parameter integer Pe = 4,
  parameter integer Simd = 4,
  parameter integer InBits = 8,
  parameter integer CodeBits = 2,
  parameter integer SumBits = 11,
  parameter integer AccBits = 16,
  parameter integer SynapseFold = 4,
  parameter integer NeuronFold = 4,
  parameter integer Steps = 8,
  parameter integer DistanceBits = 1,
  parameter integer HasBias = 0,
  parameter integer Stages = 0,
  parameter integer RomAddrBits = 3, // address bits of Steps words, at least 1
  parameter integer FoldBits = 2,    // address bits of NeuronFold words, at least 1
  parameter [AccBits-1:0] Start = {AccBits{1'b0}}
) (
  input  wire                                       clk_i,
  input  wire                                       rst_ni,
  input  wire                                       in_valid_i,
  output wire                                       in_ready_o,
  input  wire [Simd*InBits-1:0]                     in_data_i,
  output wire                                       rom_en_o,
  output wire [RomAddrBits-1:0]                     rom_addr_o,
  input  wire [Pe*Simd*CodeBits+DistanceBits:0]     rom_data_i,
  output wire [FoldBits-1:0]                        bias_addr_o,
  input  wire [Pe*AccBits-1:0]                      bias_data_i,
  output wire                                       out_valid_o,
  input  wire                                       out_ready_i,
  output wire [Pe*AccBits-1:0]                      out_data_o
);
  wire                        advance;
  wire [FoldBits-1:0]         pass;
  wire                        read_valid;
  wire                        read_first;
  wire                        read_last;
  wire [Pe*Simd*CodeBits-1:0] read_codes;
  wire [Simd*InBits-1:0]      read_data;

  // what was read, registered once more: the choice between block RAMs is one path, select and add another
  reg                        word_valid_q;
  reg                        word_last_q;
  reg [Pe*Simd*CodeBits-1:0] word_codes_q;
  reg [Simd*InBits-1:0]      word_data_q;

  bitsim_sparse_reader #(
    .Width       (Simd * InBits),
    .FrameWords  (SynapseFold),
    .CodesBits   (Pe * Simd * CodeBits),
    .DistanceBits(DistanceBits),
    .Steps       (Steps),
    .RomAddrBits (RomAddrBits),
    .Passes      (NeuronFold)
  ) u_reader (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .in_valid_i(in_valid_i),
    .in_ready_o(in_ready_o),
    .in_data_i (in_data_i),
    .rom_en_o  (rom_en_o),
    .rom_addr_o(rom_addr_o),
    .rom_data_i(rom_data_i),
    .advance_i (advance),
    .pass_o    (pass),
    .valid_o   (read_valid),
    .first_o   (read_first),
    .last_o    (read_last),
    .codes_o   (read_codes),
    .data_o    (read_data)
  );

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      word_valid_q <= 1'b0;
    end else if (advance) begin
      word_valid_q <= read_valid;
    end
  end

  always @(posedge clk_i) begin
    if (advance) begin
      word_last_q  <= read_last;
      word_codes_q <= read_codes;
      word_data_q  <= read_data;
    end
  end

  wire                  word_first;
  wire [Pe*AccBits-1:0] word_bias;

  generate
    if (HasBias != 0) begin : gen_bias
      // the ROM of biases is read with the weight ROM: when a step moves on
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
