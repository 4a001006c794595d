// Each part of a word leaves once, in order, and the word is taken with its last part; what is offered stays.
module proof #(
  parameter integer Width = 2,
  parameter integer Parts = 3
) (
  input wire                   clk,
  input wire                   in_valid,
  input wire [Parts*Width-1:0] in_data,
  input wire                   out_ready
);
  wire             in_ready;
  wire             out_valid;
  wire [Width-1:0] out_data;
  reg              started = 1'b0;
  always @(posedge clk) started <= 1'b1;

  bitsim_serialize #(.Width(Width), .Parts(Parts)) dut (
    .clk_i      (clk),
    .rst_ni     (started),
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_data_i  (in_data),
    .out_valid_o(out_valid),
    .out_ready_i(out_ready),
    .out_data_o (out_data)
  );

  // the source keeps AXI4-Stream's promise
  reg                    offered = 1'b0;
  reg [Parts*Width-1:0]  offer;
  always @(posedge clk) begin
    offered <= started & in_valid & ~in_ready;
    offer   <= in_data;
  end
  always @* if (offered) assume (in_valid && in_data == offer);

  reg  [3:0] part     = 4'd0;
  wire       out_beat = started & out_valid & out_ready;
  wire       in_beat  = started & in_valid & in_ready;
  always @(posedge clk) if (out_beat) part <= (part == Parts - 1) ? 4'd0 : part + 4'd1;

  integer p;
  always @* begin
    if (started) begin
      assert (part < Parts);
      assert (in_beat == (out_beat && part == Parts - 1));
      for (p = 0; p < Parts; p = p + 1) begin
        if (out_valid && part == p) assert (out_data == in_data[p*Width+:Width]);
      end
    end
  end

  reg             stalled = 1'b0;
  reg [Width-1:0] held;
  always @(posedge clk) begin
    stalled <= started & out_valid & ~out_ready;
    held    <= out_data;
  end
  always @* if (started && stalled) assert (out_valid && out_data == held);
endmodule
