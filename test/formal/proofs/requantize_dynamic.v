// Each accumulator of each frame leaves as its code, in order, shifted as the frame's largest asks; what is offered stays.
module proof #(
  parameter integer AccBits = 4,
  parameter integer OutBits = 2,
  parameter integer FrameWords = 2
) (
  input wire               clk,
  input wire               in_valid,
  input wire [AccBits-1:0] in_data,
  input wire               out_ready
);
  wire               in_ready;
  wire               out_valid;
  wire [OutBits-1:0] out_data;
  reg                started = 1'b0;
  always @(posedge clk) started <= 1'b1;

  bitsim_requantize_dynamic #(.Lanes(1), .AccBits(AccBits), .OutBits(OutBits), .FrameWords(FrameWords)) dut (
    .clk_i      (clk),
    .rst_ni     (started),
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_data_i  (in_data),
    .out_valid_o(out_valid),
    .out_ready_i(out_ready),
    .out_data_o (out_data)
  );

  // any one accumulator of any one frame, and the largest of its frame
  (* anyconst *) wire [2:0] frame;
  (* anyconst *) wire [1:0] word;
  reg  [2:0]         in_frame  = 3'd0;
  reg  [1:0]         in_word   = 2'd0;
  reg  [2:0]         out_frame = 3'd0;
  reg  [1:0]         out_word  = 2'd0;
  reg  [AccBits-2:0] saved     = 0;
  reg  [AccBits-2:0] most      = 0;
  wire [AccBits-2:0] relu      = in_data[AccBits-1] ? {(AccBits-1){1'b0}} : in_data[AccBits-2:0];
  wire in_beat  = started & in_valid & in_ready;
  wire out_beat = started & out_valid & out_ready;
  wire in_end   = in_word == FrameWords - 1;
  wire out_end  = out_word == FrameWords - 1;

  always @(posedge clk) begin
    if (in_beat) begin
      in_word <= in_end ? 2'd0 : in_word + 2'd1;
      if (in_end) in_frame <= in_frame + 3'd1;
      if (in_frame == frame) begin
        if (in_word == 2'd0 || relu > most) most <= relu;
        if (in_word == word) saved <= relu;
      end
    end
    if (out_beat) begin
      out_word <= out_end ? 2'd0 : out_word + 2'd1;
      if (out_end) out_frame <= out_frame + 3'd1;
    end
  end

  // shift = max(0, digits(most) - OutBits); code = min((saved + half) >> shift, Top)
  integer             b;
  reg [3:0]           shift;
  reg [AccBits+1:0]   code;
  always @* begin
    shift = 4'd0;
    for (b = OutBits; b < AccBits - 1; b = b + 1) if (most[b]) shift = b - OutBits + 1;
    code = (saved + (shift == 4'd0 ? 0 : (1 << (shift - 4'd1)))) >> shift;
    if (code > (1 << OutBits) - 1) code = (1 << OutBits) - 1;
  end

  wire [2:0] waiting = in_frame - out_frame;
  always @* begin
    if (started) begin
      assert (waiting <= 3'd3);
      if (out_valid) assert (waiting != 3'd0); // no code before its frame is whole
      if (out_valid && out_frame == frame && out_word == word) assert (out_data == code);
    end
  end

  reg               stalled = 1'b0;
  reg [OutBits-1:0] held;
  always @(posedge clk) begin
    stalled <= started & out_valid & ~out_ready;
    held    <= out_data;
  end
  always @* if (started && stalled) assert (out_valid && out_data == held);
endmodule
