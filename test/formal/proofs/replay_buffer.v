// Every word is handed out once a pass, in order, over any stalls; nothing is overwritten before its last pass.
module proof #(
  parameter integer Width = 2,
  parameter integer FrameWords = 3,
  parameter integer Passes = 2,
  parameter integer Frames = 1
) (
  input wire             clk,
  input wire             in_valid,
  input wire [Width-1:0] in_data,
  input wire             advance
);
  wire             in_ready;
  wire             issue;
  wire             frame_end;
  wire [((Passes > 1) ? $clog2(Passes) : 1)-1:0] dut_pass;
  wire             valid;
  wire             first;
  wire             last;
  wire [Width-1:0] data;
  reg              started = 1'b0;
  always @(posedge clk) started <= 1'b1;

  bitsim_replay_buffer #(.Width(Width), .FrameWords(FrameWords), .Passes(Passes), .Frames(Frames)) dut (
    .clk_i      (clk),
    .rst_ni     (started),
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_data_i  (in_data),
    .advance_i  (advance),
    .issue_o    (issue),
    .frame_end_o(frame_end),
    .pass_o     (dut_pass),
    .valid_o    (valid),
    .first_o    (first),
    .last_o     (last),
    .data_o     (data)
  );

  // any one word of any one frame, followed from its write to all of its reads
  (* anyconst *) wire [2:0] frame;
  (* anyconst *) wire [3:0] word;
  reg  [2:0]       in_frame = 3'd0;
  reg  [3:0]       in_word  = 4'd0;
  reg  [2:0]       rd_frame = 3'd0;
  reg  [3:0]       rd_word  = 4'd0;
  reg  [3:0]       rd_pass  = 4'd0;
  reg              seen     = 1'b0;
  reg  [Width-1:0] saved;
  reg              expect_q = 1'b0; // the followed word is in data_o
  reg              valid_q  = 1'b0;
  reg              first_q;
  reg              last_q;

  wire write   = started & in_valid & in_ready;
  wire read    = started & issue;
  wire in_end  = in_word == FrameWords - 1;
  wire rd_end  = rd_word == FrameWords - 1;
  wire rd_last = rd_pass == Passes - 1;
  wire hit     = seen & rd_frame == frame & rd_word == word;

  always @(posedge clk) begin
    if (write) begin
      in_word <= in_end ? 4'd0 : in_word + 4'd1;
      if (in_end) in_frame <= in_frame + 3'd1;
      if (in_frame == frame && in_word == word) begin
        saved <= in_data;
        seen  <= 1'b1;
      end
    end
    if (read) begin
      rd_word <= rd_end ? 4'd0 : rd_word + 4'd1;
      if (rd_end) rd_pass <= rd_last ? 4'd0 : rd_pass + 4'd1;
      if (rd_end && rd_last) rd_frame <= rd_frame + 3'd1;
    end
    if (started && advance) begin
      valid_q  <= read;
      expect_q <= read & hit;
      first_q  <= rd_word == 4'd0;
      last_q   <= rd_end;
    end
    // a frame number that comes round again is another frame
    if (seen && read && rd_frame == frame && rd_end && rd_last) seen <= 1'b0;
  end

  always @* begin
    if (started) begin
      if (read) assert (frame_end == (rd_end && rd_last));
      assert (valid == valid_q);
      if (valid) assert (first == first_q && last == last_q);
      if (expect_q) assert (data == saved);
      // reads stay behind writes
      if (read) assert (rd_frame != in_frame || rd_word < in_word);
    end
  end
endmodule
