// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Makes every frame exactly FrameWords beats long, whatever tlast says, so that one bad frame cannot shift the next.
//   tlast early: the frame is filled up with beats of unspecified data     (its result is meaningless)
//   tlast late:  beats after the FrameWords-th are dropped up to the tlast  (its result is right)
//   either way error_o pulses for one cycle, and the next frame is taken as usual.
// Parameters: Width >= 1, FrameWords >= 1. Latency: 0 cycles (combinational data path).
`default_nettype none

module bitsim_frame_guard #(
  parameter integer Width = 8,
  parameter integer FrameWords = 4
) (
  input  wire             clk_i,
  input  wire             rst_ni,
  input  wire             in_valid_i,
  output wire             in_ready_o,
  input  wire             in_last_i,
  input  wire [Width-1:0] in_data_i,
  output wire             out_valid_o,
  input  wire             out_ready_i,
  output wire [Width-1:0] out_data_o,
  output wire             error_o
);
  localparam integer CountBits = (FrameWords > 1) ? $clog2(FrameWords) : 1;
  localparam integer LastCountInt = FrameWords - 1;
  localparam [CountBits-1:0] LastCount = LastCountInt[CountBits-1:0];

  reg [CountBits-1:0] count_q;
  reg                 fill_q;
  reg                 drop_q;

  wire at_last = (count_q == LastCount);
  wire beat    = out_valid_o & out_ready_i;
  wire early   = beat & ~fill_q & in_last_i & ~at_last;
  wire late    = beat & ~fill_q & ~in_last_i & at_last;

  assign in_ready_o  = drop_q | (~fill_q & out_ready_i);
  assign out_valid_o = fill_q | (~drop_q & in_valid_i);
  assign out_data_o  = in_data_i;
  assign error_o     = early | late;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      count_q <= {CountBits{1'b0}};
      fill_q  <= 1'b0;
      drop_q  <= 1'b0;
    end else begin
      if (beat) begin
        count_q <= at_last ? {CountBits{1'b0}} : count_q + 1'b1;
      end
      if (early) begin
        fill_q <= 1'b1;
      end else if (beat & at_last) begin
        fill_q <= 1'b0;
      end
      if (late) begin
        drop_q <= 1'b1;
      end else if (in_valid_i & in_last_i) begin
        drop_q <= 1'b0;
      end
    end
  end
endmodule

`default_nettype wire
