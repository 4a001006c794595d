// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// The multiplier-free dot product: sum of +x, -x or nothing over Simd inputs, as a balanced tree of two-input adders.
//   sum_o + carry_o = sum over i of trit[i] * x[i],  trit in {-1, 0, +1}
//   trit code, 2 bits: 00 zero, 01 +1, 11 -1 (10 illegal); 1 bit (no zeros): 0 +1, 1 -1
// The trick: -x = ~x + 1. The inversion is an exclusive-or, and each "+1" enters as the carry-in of one adder: a tree
// of Simd leaves has Simd - 1 adders, and the accumulator behind it is the last (carry_o).
// Written {a,1} + {b,cin} with the lowest bit dropped: one carry chain, and no adder can be merged with the next.
// Stages registers cut the path of 1 + ceil(log2(Simd)) levels (selection, then adders) into parts of nearly equal length.
// Parameters: Simd >= 1, InBits 1..8, CodeBits 1 or 2, Stages 0..ceil(log2(Simd)). Latency: Stages cycles in which advance_i is high.
`default_nettype none

module bitsim_select_add #(
  parameter integer Simd = 4,
  parameter integer InBits = 8,
  parameter integer CodeBits = 2,
  parameter integer SumBits = 11, // InBits + 1 + ceil(log2(Simd))
  parameter integer Stages = 0
) (
  input  wire                     clk_i,
  input  wire                     advance_i, // the registers take what is before them
  input  wire [Simd*CodeBits-1:0] codes_i,
  input  wire [Simd*InBits-1:0]   data_i,
  output wire [SumBits-1:0]       sum_o,
  output wire                     carry_o
);
  localparam integer Levels = (Simd > 1) ? $clog2(Simd) : 0;

  genvar level;
  genvar i;

  generate
    if (Stages == 0) begin : gen_no_stage
      wire unused_clock = &{1'b0, clk_i, advance_i};
    end

    for (level = 0; level <= Levels; level = level + 1) begin : gen_level
      localparam integer Nodes = (Simd + (1 << level) - 1) >> level;
      localparam integer Bits  = InBits + 1 + level;
      // levels are in parts 0..Stages; where the next one is in another part there is a register
      localparam integer Part     = (level * (Stages + 1)) / (Levels + 1);
      localparam integer NextPart = ((level + 1) * (Stages + 1)) / (Levels + 1);
      wire [Nodes*Bits-1:0] sums;
      wire [Simd-1:0]       signs;
      wire [Nodes*Bits-1:0] node;     // sums behind the register, if there is one
      wire [Simd-1:0]       subtract; // of each lane, the +1 that waits for its adder

      if (level == 0) begin : gen_leaves
        for (i = 0; i < Simd; i = i + 1) begin : gen_leaf
          wire take;
          if (CodeBits == 2) begin : gen_ternary
            assign take     = codes_i[2*i];
            assign signs[i] = codes_i[2*i+1];
          end else begin : gen_binary
            assign take     = 1'b1;
            assign signs[i] = codes_i[i];
          end
          assign sums[i*Bits+:Bits] =
              {1'b0, data_i[i*InBits+:InBits] & {InBits{take}}} ^ {Bits{signs[i]}};
        end
      end else begin : gen_sums
        localparam integer Below = (Simd + (1 << (level - 1)) - 1) >> (level - 1);
        assign signs = gen_level[level-1].subtract;
        for (i = 0; i < Nodes; i = i + 1) begin : gen_node
          wire [Bits-2:0] left = gen_level[level-1].node[2*i*(Bits-1)+:Bits-1];
          if (2 * i + 1 < Below) begin : gen_pair
            wire [Bits-2:0] right = gen_level[level-1].node[(2*i+1)*(Bits-1)+:Bits-1];
            wire [Bits:0]   total = {left[Bits-2], left, 1'b1} +
                                    {right[Bits-2], right, signs[i*(1<<level) + (1<<(level-1)) - 1]};
            assign sums[i*Bits+:Bits] = total[Bits:1];
            wire unused_lsb = total[0];
          end else begin : gen_single
            assign sums[i*Bits+:Bits] = {left[Bits-2], left};
          end
        end
      end

      if (level < Levels && Part != NextPart) begin : gen_stage
        reg [Nodes*Bits-1:0] node_q;
        reg [Simd-1:0]       subtract_q;
        always @(posedge clk_i) begin
          if (advance_i) begin
            node_q     <= sums;
            subtract_q <= signs;
          end
        end
        assign node     = node_q;
        assign subtract = subtract_q;
      end else begin : gen_through
        assign node     = sums;
        assign subtract = signs;
      end
    end
  endgenerate

  // the others have met their adders
  wire unused_subtract = &{1'b0, gen_level[Levels].subtract};

  assign sum_o   = gen_level[Levels].node;
  assign carry_o = gen_level[Levels].subtract[Simd-1];
endmodule

`default_nettype wire
