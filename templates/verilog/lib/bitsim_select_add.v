// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// The multiplier-free dot product: sum of +x, -x or nothing over Simd inputs, as a balanced tree of two-input adders.
//   sum_o + carry_o = sum over i of trit[i] * x[i],  trit in {-1, 0, +1}
//   trit code, 2 bits: 00 zero, 01 +1, 11 -1 (10 illegal); 1 bit (no zeros): 0 +1, 1 -1
// The trick: -x = ~x + 1. The inversion is an exclusive-or, and each "+1" enters as the carry-in of one adder: a tree
// of Simd leaves has Simd - 1 adders, and the accumulator behind it is the last (carry_o).
// Written {a,1} + {b,cin} with the lowest bit dropped: one carry chain, and no adder can be merged with the next.
// Parameters: Simd >= 1, InBits 1..8, CodeBits 1 or 2. Latency: 0 cycles (combinational).
`default_nettype none

module bitsim_select_add #(
  parameter integer Simd = 4,
  parameter integer InBits = 8,
  parameter integer CodeBits = 2,
  parameter integer SumBits = 11 // InBits + 1 + ceil(log2(Simd))
) (
  input  wire [Simd*CodeBits-1:0] codes_i,
  input  wire [Simd*InBits-1:0]   data_i,
  output wire [SumBits-1:0]       sum_o,
  output wire                     carry_o
);
  localparam integer Levels = (Simd > 1) ? $clog2(Simd) : 0;

  genvar level;
  genvar i;

  wire [Simd-1:0] subtract;

  generate
    for (level = 0; level <= Levels; level = level + 1) begin : gen_level
      localparam integer Nodes = (Simd + (1 << level) - 1) >> level;
      localparam integer Bits  = InBits + 1 + level;
      wire [Nodes*Bits-1:0] node;
      if (level == 0) begin : gen_leaves
        for (i = 0; i < Simd; i = i + 1) begin : gen_leaf
          wire take;
          if (CodeBits == 2) begin : gen_ternary
            assign take        = codes_i[2*i];
            assign subtract[i] = codes_i[2*i+1];
          end else begin : gen_binary
            assign take        = 1'b1;
            assign subtract[i] = codes_i[i];
          end
          assign node[i*Bits+:Bits] =
              {1'b0, data_i[i*InBits+:InBits] & {InBits{take}}} ^ {Bits{subtract[i]}};
        end
      end else begin : gen_sums
        localparam integer Below = (Simd + (1 << (level - 1)) - 1) >> (level - 1);
        for (i = 0; i < Nodes; i = i + 1) begin : gen_node
          wire [Bits-2:0] left = gen_level[level-1].node[2*i*(Bits-1)+:Bits-1];
          if (2 * i + 1 < Below) begin : gen_pair
            wire [Bits-2:0] right = gen_level[level-1].node[(2*i+1)*(Bits-1)+:Bits-1];
            wire [Bits:0]   total = {left[Bits-2], left, 1'b1} +
                                    {right[Bits-2], right, subtract[i*(1<<level) + (1<<(level-1)) - 1]};
            assign node[i*Bits+:Bits] = total[Bits:1];
            wire unused_lsb = total[0];
          end else begin : gen_single
            assign node[i*Bits+:Bits] = {left[Bits-2], left};
          end
        end
      end
    end
  endgenerate

  assign sum_o   = gen_level[Levels].node;
  assign carry_o = subtract[Simd-1];
endmodule

`default_nettype wire
