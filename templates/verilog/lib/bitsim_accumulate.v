// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// The datapath of a matrix-vector unit: Pe select-add trees and the accumulators behind them. A pass is a run of words that ends with
// in_last_i; its result is
//   out[p] = Start + bias[p] + sum over the pass of trit[p][lane] * x[lane]
// Start is the rounding constant of the requantizer behind it, so that rounding costs nothing there.
// Pipeline: select and add (Stages registers within) - accumulate - result. Results sit in registers of their own, so it stops (in_ready_o low, whether or not
// a word is offered) only when a finished one would overwrite one that has not left yet.
// Parameters: Pe, Simd >= 1, InBits 1..8, CodeBits 1 or 2, SumBits = InBits + 1 + ceil(log2(Simd)) <= AccBits, HasBias 0 or 1,
//   Stages 0..ceil(log2(Simd)), for a higher clock.
// Latency: the result is valid 2 + Stages cycles after the last word of a pass was accepted, if nothing stalls.
`default_nettype none

module bitsim_accumulate #(
  parameter integer Pe = 4,
  parameter integer Simd = 4,
  parameter integer InBits = 8,
  parameter integer CodeBits = 2,
  parameter integer SumBits = 11,
  parameter integer AccBits = 16,
  parameter integer HasBias = 0,
  parameter integer Stages = 0,
  parameter [AccBits-1:0] Start = {AccBits{1'b0}}
) (
  input  wire                        clk_i,
  input  wire                        rst_ni,
  input  wire                        in_valid_i,
  output wire                        in_ready_o,
  input  wire                        in_first_i, // first word of a pass; looked at only with HasBias
  input  wire                        in_last_i,  // last word of a pass
  input  wire [Pe*Simd*CodeBits-1:0] in_codes_i,
  input  wire [Simd*InBits-1:0]      in_data_i,
  input  wire [Pe*AccBits-1:0]       in_bias_i,  // biases of the pass; looked at only with HasBias
  output wire                        out_valid_o,
  input  wire                        out_ready_i,
  output wire [Pe*AccBits-1:0]       out_data_o
);
  // of the word in each register of the trees, then of the sum: valid, and also the last of its pass
  reg  [Stages:0] valid_q;
  reg  [Stages:0] last_q;
  reg             result_valid_q;

  wire sum_valid = valid_q[Stages];
  wire finish    = last_q[Stages];

  wire advance = ~(finish & result_valid_q & ~out_ready_i);

  // one bit more than there are registers, so that one of them is written like many
  wire [Stages+1:0] valid_d = {valid_q, in_valid_i};
  wire [Stages+1:0] last_d  = {last_q, in_valid_i & in_last_i};
  wire unused_ends = &{1'b0, valid_d[Stages+1], last_d[Stages+1]};

  assign in_ready_o  = advance;
  assign out_valid_o = result_valid_q;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      valid_q        <= {(Stages + 1) {1'b0}};
      last_q         <= {(Stages + 1) {1'b0}};
      result_valid_q <= 1'b0;
    end else begin
      if (advance) begin
        valid_q <= valid_d[Stages:0];
        last_q  <= last_d[Stages:0];
      end
      if (advance & finish) begin
        result_valid_q <= 1'b1;
      end else if (out_ready_i) begin
        result_valid_q <= 1'b0;
      end
    end
  end

  wire                  sum_first;
  wire [Pe*AccBits-1:0] sum_bias;

  generate
    if (HasBias != 0) begin : gen_bias
      reg  [Stages:0]                  first_q;
      reg  [(Stages+1)*Pe*AccBits-1:0] bias_q;
      wire [Stages+1:0]                first_d = {first_q, in_first_i};
      wire [(Stages+2)*Pe*AccBits-1:0] bias_d  = {bias_q, in_bias_i};
      always @(posedge clk_i) begin
        if (advance) begin
          first_q <= first_d[Stages:0];
          bias_q  <= bias_d[(Stages+1)*Pe*AccBits-1:0];
        end
      end
      assign sum_first = first_d[Stages+1];
      assign sum_bias  = bias_d[(Stages+1)*Pe*AccBits+:Pe*AccBits];
    end else begin : gen_no_bias
      wire unused_bias = &{1'b0, in_bias_i, in_first_i};
      assign sum_first = 1'b0;
      assign sum_bias  = {(Pe * AccBits) {1'b0}};
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
        .SumBits (SumBits),
        .Stages  (Stages)
      ) u_select_add (
        .clk_i    (clk_i),
        .advance_i(advance),
        .codes_i  (in_codes_i[p*Simd*CodeBits+:Simd*CodeBits]),
        .data_i   (in_data_i),
        .sum_o    (sum),
        .carry_o  (carry)
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
        end else if (advance & sum_valid) begin
          acc_q <= finish ? Start : total[AccBits:1];
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
