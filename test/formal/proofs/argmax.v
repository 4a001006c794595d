// Logits pass in order, then the index of the largest, the lowest of equals, with last; what is offered stays.
module proof #(
  parameter integer Classes = 3,
  parameter integer AccBits = 4
) (
  input wire               clk,
  input wire               in_valid,
  input wire [AccBits-1:0] in_data,
  input wire               out_ready
);
  wire        in_ready;
  wire        out_valid;
  wire        out_last;
  wire [31:0] out_data;
  reg         started = 1'b0;
  always @(posedge clk) started <= 1'b1;

  bitsim_argmax #(.Classes(Classes), .AccBits(AccBits)) dut (
    .clk_i      (clk),
    .rst_ni     (started),
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_data_i  (in_data),
    .out_valid_o(out_valid),
    .out_ready_i(out_ready),
    .out_last_o (out_last),
    .out_data_o (out_data)
  );

  wire in_beat  = started & in_valid & in_ready;
  wire out_beat = started & out_valid & out_ready;

  reg [Classes*AccBits-1:0] frame;            // logits of the frame being sent
  reg [3:0]                 came = 4'd0;      // logits taken of it
  reg [3:0]                 went = 4'd0;      // beats sent of it
  wire                      turn = out_beat && went == Classes;
  wire [3:0]                place = turn ? 4'd0 : came; // the next frame may begin as the class leaves
  integer                   i;

  always @(posedge clk) begin
    if (in_beat) begin
      for (i = 0; i < Classes; i = i + 1) begin
        if (place == i) frame[i*AccBits+:AccBits] <= in_data;
      end
    end
    came <= place + {3'd0, in_beat};
    if (out_beat) went <= turn ? 4'd0 : went + 4'd1;
  end

  reg        [3:0]         best;
  reg signed [AccBits-1:0] most;
  reg signed [AccBits-1:0] logit;
  always @* begin
    best = 4'd0;
    most = frame[AccBits-1:0];
    for (i = 1; i < Classes; i = i + 1) begin
      if ($signed(frame[i*AccBits+:AccBits]) > most) begin
        best = i;
        most = frame[i*AccBits+:AccBits];
      end
    end
  end

  always @* begin
    if (started) begin
      assert (came <= Classes && went <= came);
      if (out_valid) begin
        assert (out_last == (went == Classes));
        for (i = 0; i < Classes; i = i + 1) begin
          logit = frame[i*AccBits+:AccBits];
          if (went == i) assert ($signed(out_data) == logit);
        end
        if (went == Classes) assert (out_data == {28'd0, best});
      end
    end
  end

  reg        stalled = 1'b0;
  reg [32:0] held;
  always @(posedge clk) begin
    stalled <= started & out_valid & ~out_ready;
    held    <= {out_last, out_data};
  end
  always @* if (started && stalled) assert (out_valid && {out_last, out_data} == held);
endmodule
