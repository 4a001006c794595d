// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Gathers Parts narrow words into one wide word, first word in the lowest bits.
// Parameters: Width >= 1 (of one part), Parts >= 1.
// Latency: 1 cycle after the last part (0 when Parts = 1); takes a part every cycle while the sink takes every word.
`default_nettype none

module bitsim_gather #(
  parameter integer Width = 8,
  parameter integer Parts = 4
) (
  input  wire                   clk_i,
  input  wire                   rst_ni,
  input  wire                   in_valid_i,
  output wire                   in_ready_o,
  input  wire [Width-1:0]       in_data_i,
  output wire                   out_valid_o,
  input  wire                   out_ready_i,
  output wire [Parts*Width-1:0] out_data_o
);
  generate
    if (Parts > 1) begin : gen_parts
      localparam integer CountBits = $clog2(Parts);
      localparam integer LastCountInt = Parts - 1;
      localparam [CountBits-1:0] LastCount = LastCountInt[CountBits-1:0];
      reg [CountBits-1:0]   count_q;
      reg                   full_q;
      reg [Parts*Width-1:0] data_q;
      wire take    = in_valid_i & in_ready_o;
      wire at_last = (count_q == LastCount);
      assign in_ready_o  = ~full_q | out_ready_i;
      assign out_valid_o = full_q;
      assign out_data_o  = data_q;
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          count_q <= {CountBits{1'b0}};
          full_q  <= 1'b0;
        end else begin
          if (take) begin
            count_q <= at_last ? {CountBits{1'b0}} : count_q + 1'b1;
          end
          if (take & at_last) begin
            full_q <= 1'b1;
          end else if (out_ready_i) begin
            full_q <= 1'b0;
          end
        end
      end
      always @(posedge clk_i) begin
        if (take) begin
          data_q <= {in_data_i, data_q[Parts*Width-1:Width]};
        end
      end
    end else begin : gen_through
      wire unused_clock = &{1'b0, clk_i, rst_ni};
      assign in_ready_o  = out_ready_i;
      assign out_valid_o = in_valid_i;
      assign out_data_o  = in_data_i;
    end
  endgenerate
endmodule

`default_nettype wire
