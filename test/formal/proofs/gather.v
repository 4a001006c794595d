// No part is lost, doubled or moved; a word that waits stays. Any one part of any one word is followed all the way.
module proof #(
  parameter integer Width = 2,
  parameter integer Parts = 3
) (
  input wire             clk,
  input wire             in_valid,
  input wire [Width-1:0] in_data,
  input wire             out_ready
);
  wire                   in_ready;
  wire                   out_valid;
  wire [Parts*Width-1:0] out_data;
  reg                    started = 1'b0;
  always @(posedge clk) started <= 1'b1;

  bitsim_gather #(.Width(Width), .Parts(Parts)) dut (
    .clk_i      (clk),
    .rst_ni     (started),
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_data_i  (in_data),
    .out_valid_o(out_valid),
    .out_ready_i(out_ready),
    .out_data_o (out_data)
  );

  (* anyconst *) wire [2:0] word;
  (* anyconst *) wire [2:0] part;

  reg  [2:0]       in_word  = 3'd0;
  reg  [2:0]       in_part  = 3'd0;
  reg  [2:0]       out_word = 3'd0;
  reg              seen     = 1'b0;
  reg  [Width-1:0] saved;
  wire             in_beat  = started & in_valid & in_ready;
  wire             out_beat = started & out_valid & out_ready;
  wire             in_end   = in_part == Parts - 1;
  wire [2:0]       waiting  = in_word - out_word;

  always @(posedge clk) begin
    if (in_beat) begin
      in_part <= in_end ? 3'd0 : in_part + 3'd1;
      if (in_end) in_word <= in_word + 3'd1;
      if (in_word == word && in_part == part) begin
        saved <= in_data;
        seen  <= 1'b1;
      end
    end
    if (out_beat) out_word <= out_word + 3'd1;
  end

  integer p;
  always @* begin
    if (started) begin
      assert (out_valid == (waiting != 3'd0));
      assert (waiting <= 3'd1);
      for (p = 0; p < Parts; p = p + 1) begin
        if (out_beat && seen && out_word == word && part == p) assert (out_data[p*Width+:Width] == saved);
      end
    end
  end

  // AXI4-Stream: what is offered is neither withdrawn nor changed before it is taken
  reg                    stalled = 1'b0;
  reg  [Parts*Width-1:0] held;
  always @(posedge clk) begin
    stalled <= started & out_valid & ~out_ready;
    held    <= out_data;
  end
  always @* if (started && stalled) assert (out_valid && out_data == held);
endmodule
