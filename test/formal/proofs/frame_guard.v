// Whatever tlast does: frames leave whole, a right frame unchanged; every wrong one is reported once; nothing hangs.
module proof #(
  parameter integer Width = 2,
  parameter integer FrameWords = 3
) (
  input wire             clk,
  input wire             in_valid,
  input wire             in_last,
  input wire [Width-1:0] in_data,
  input wire             out_ready
);
  wire             in_ready;
  wire             out_valid;
  wire [Width-1:0] out_data;
  wire             error;
  reg              started = 1'b0;
  always @(posedge clk) started <= 1'b1;

  bitsim_frame_guard #(.Width(Width), .FrameWords(FrameWords)) dut (
    .clk_i      (clk),
    .rst_ni     (started),
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_last_i  (in_last),
    .in_data_i  (in_data),
    .out_valid_o(out_valid),
    .out_ready_i(out_ready),
    .out_data_o (out_data),
    .error_o    (error)
  );

  wire in_beat  = started & in_valid & in_ready;
  wire out_beat = started & out_valid & out_ready;

  // The specification: beats of the frame that came in (saturating one past the end) and that went out.
  reg [3:0] came = 4'd0; // of the input frame under way
  reg [3:0] went = 4'd0; // of the output frame under way
  reg       cut  = 1'b0; // its input ended early: the rest is filled up
  always @(posedge clk) begin
    if (in_beat) came <= in_last ? 4'd0 : (came == FrameWords ? came : came + 4'd1);
    if (out_beat) went <= (went == FrameWords - 1) ? 4'd0 : went + 4'd1;
    if (out_beat && went == FrameWords - 1) cut <= 1'b0;
    else if (in_beat && in_last && came < FrameWords - 1) cut <= 1'b1;
  end

  wire early = in_beat && in_last && came < FrameWords - 1;
  wire late  = in_beat && !in_last && came == FrameWords - 1;

  always @* begin
    if (started) begin
      assert (error == (early || late));
      // an input beat inside the frame is an output beat with the same data; one past the end is dropped
      if (in_beat && came < FrameWords) assert (out_beat && out_data == in_data && came == went);
      if (in_beat && came == FrameWords) assert (!out_beat);
      // an output beat without an input beat is a filler, and there are no others
      if (out_beat && !in_beat) assert (cut);
      if (cut) assert (!in_beat && out_valid);
      // no waiting for each other: the guard takes a beat whenever the sink does, unless it fills up
      if (in_valid && out_ready) assert (in_ready || cut);
    end
  end
endmodule
