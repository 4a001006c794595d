// Every word of a whole frame is what was written, whenever and however often it is asked for; frames are filled and released in
// order, and neither is ever refused while there is room, or there is a frame.
module proof #(
  parameter integer Width = 2,
  parameter integer FrameWords = 3
) (
  input wire             clk,
  input wire             in_valid,
  input wire [Width-1:0] in_data,
  input wire             advance,
  input wire             wants_release,
  input wire [((FrameWords > 1) ? $clog2(FrameWords) : 1)-1:0] index
);
  reg started = 1'b0;
  always @(posedge clk) started <= 1'b1;

  wire             in_ready;
  wire             whole;
  wire [Width-1:0] data;
  wire             release_frame = wants_release & whole;

  bitsim_frame_buffer #(.Width(Width), .FrameWords(FrameWords)) dut (
    .clk_i     (clk),
    .rst_ni    (started),
    .in_valid_i(in_valid),
    .in_ready_o(in_ready),
    .in_data_i (in_data),
    .whole_o   (whole),
    .advance_i (advance),
    .release_i (release_frame),
    .index_i   (index),
    .data_o    (data)
  );

  // any one word of any one frame
  (* anyconst *) wire [1:0] frame;
  (* anyconst *) wire [3:0] word;
  reg  [1:0]       in_frame = 2'd0;
  reg  [3:0]       in_word  = 4'd0;
  reg  [1:0]       rd_frame = 2'd0;
  reg  [Width-1:0] saved;
  reg              expect_q = 1'b0; // the followed word is in data_o

  wire       write  = started & in_valid & in_ready;
  wire       in_end = in_word == FrameWords - 1;
  wire [1:0] frames = in_frame - rd_frame;

  always @(posedge clk) begin
    if (write) begin
      in_word <= in_end ? 4'd0 : in_word + 4'd1;
      if (in_end) in_frame <= in_frame + 2'd1;
      if (in_frame == frame && in_word == word) saved <= in_data;
    end
    if (started && release_frame) rd_frame <= rd_frame + 2'd1;
    if (started && advance) expect_q <= whole & (rd_frame == frame) & (index == word) & (word < FrameWords);
    // what the data register holds is not the followed word of the frame that takes the number over
    else if (write && in_frame == frame && in_word == word) expect_q <= 1'b0;
  end

  always @* begin
    if (started) begin
      assert (whole == (frames != 2'd0));
      assert (in_ready == (frames != 2'd2));
      if (expect_q) assert (data == saved);
    end
  end
endmodule
