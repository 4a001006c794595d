// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Hands out one wide word as Parts narrow words, lowest bits first. No storage: the word stays where it is until its
// last part leaves.
// Parameters: Width >= 1 (of one part), Parts >= 1. Latency: 0 cycles (combinational), Parts cycles a word.
`default_nettype none

module bitsim_serialize #(
  parameter integer Width = 8,
  parameter integer Parts = 4
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   in_valid_i,
  output wire                   in_ready_o,
  input  wire [Parts*Width-1:0] in_data_i,
  output wire                   out_valid_o,
  input  wire                   out_ready_i,
  output wire [Width-1:0]       out_data_o
);
  assign out_valid_o = in_valid_i;

  generate
    if (Parts > 1) begin : gen_parts
      localparam integer IndexBits = $clog2(Parts);
      localparam integer LastIndexInt = Parts - 1;
      localparam [IndexBits-1:0] LastIndex = LastIndexInt[IndexBits-1:0];
      reg [IndexBits-1:0] index_q;
      wire at_last = (index_q == LastIndex);
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          index_q <= {IndexBits{1'b0}};
        end else if (in_valid_i & out_ready_i) begin
          index_q <= at_last ? {IndexBits{1'b0}} : index_q + 1'b1;
        end
      end
      assign in_ready_o = at_last & out_ready_i;
      // a tree of two-way selections, one index bit a level (an indexed part-select would read as a multiplication)
      genvar level;
      genvar i;
      for (level = 0; level <= IndexBits; level = level + 1) begin : gen_level
        localparam integer Words = (Parts + (1 << level) - 1) >> level;
        wire [Words*Width-1:0] word;
        if (level == 0) begin : gen_leaves
          assign word = in_data_i;
        end else begin : gen_choices
          localparam integer Below = (Parts + (1 << (level - 1)) - 1) >> (level - 1);
          for (i = 0; i < Words; i = i + 1) begin : gen_word
            if (2 * i + 1 < Below) begin : gen_pair
              assign word[i*Width+:Width] = index_q[level-1] ? gen_level[level-1].word[(2*i+1)*Width+:Width]
                                                             : gen_level[level-1].word[2*i*Width+:Width];
            end else begin : gen_single
              assign word[i*Width+:Width] = gen_level[level-1].word[2*i*Width+:Width];
            end
          end
        end
      end
      assign out_data_o = gen_level[IndexBits].word;
    end else begin : gen_through
      wire unused_clock = &{1'b0, clk_i, rst_ni};
      assign in_ready_o = out_ready_i;
      assign out_data_o = in_data_i;
    end
  endgenerate
endmodule

`default_nettype wire
