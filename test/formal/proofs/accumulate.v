// Every pass leaves as the sum of its words, in order, over any stalls on either side; an offered result is neither withdrawn nor changed.
module proof #(
  parameter integer Pe = 1,
  parameter integer Simd = 1,
  parameter integer InBits = 1,
  parameter integer SumBits = 2, // InBits + 1 + ceil(log2(Simd))
  parameter integer AccBits = 4,
  parameter integer HasBias = 0,
  parameter integer Stages = 0
) (
  input wire                   clk,
  input wire                   in_valid,
  input wire                   in_last,
  input wire [Pe*Simd*2-1:0]   in_codes,
  input wire [Simd*InBits-1:0] in_data,
  input wire [Pe*AccBits-1:0]  in_bias,
  input wire                   out_ready
);
  localparam [AccBits-1:0] Start = (HasBias != 0) ? 0 : 5;

  wire                  in_ready;
  wire                  out_valid;
  wire [Pe*AccBits-1:0] out_data;
  reg                   started = 1'b0;
  reg                   first = 1'b1;
  always @(posedge clk) started <= 1'b1;

  bitsim_accumulate #(
    .Pe      (Pe),
    .Simd    (Simd),
    .InBits  (InBits),
    .CodeBits(2),
    .SumBits (SumBits),
    .AccBits (AccBits),
    .HasBias (HasBias),
    .Stages  (Stages),
    .Start   (Start)
  ) dut (
    .clk_i      (clk),
    .rst_ni     (started),
    .in_valid_i (in_valid),
    .in_ready_o (in_ready),
    .in_first_i (first),
    .in_last_i  (in_last),
    .in_codes_i (in_codes),
    .in_data_i  (in_data),
    .in_bias_i  (in_bias),
    .out_valid_o(out_valid),
    .out_ready_i(out_ready),
    .out_data_o (out_data)
  );

  // any one pass and any one PE, followed from its first word to its result
  (* anyconst *) wire [2:0] pass;
  (* anyconst *) wire [1:0] lane;
  reg  [2:0]         in_pass  = 3'd0;
  reg  [2:0]         out_pass = 3'd0;
  reg                seen     = 1'b0; // it went in and has not left
  reg  [AccBits-1:0] saved;
  reg  [AccBits-1:0] sum = Start;
  reg                held = 1'b0;
  reg  [Pe*AccBits-1:0] held_data;

  reg  [AccBits-1:0] next;
  reg                legal;
  integer            i;
  always @* begin
    legal = (lane < Pe);
    next  = (HasBias != 0 && first) ? in_bias[lane*AccBits+:AccBits] : sum;
    for (i = 0; i < Simd; i = i + 1) begin
      case (in_codes[(lane*Simd+i)*2+:2])
        2'b00:   next = next;
        2'b01:   next = next + in_data[i*InBits+:InBits];
        2'b11:   next = next - in_data[i*InBits+:InBits];
        default: legal = 1'b0;
      endcase
    end
    assume (legal);
  end

  wire write = started & in_valid & in_ready;
  wire read  = started & out_valid & out_ready;

  always @(posedge clk) begin
    if (write) begin
      first <= in_last;
      sum   <= in_last ? Start : next;
      if (in_last) begin
        in_pass <= in_pass + 3'd1;
        if (in_pass == pass) begin
          saved <= next;
          seen  <= 1'b1;
        end
      end
    end
    if (read) begin
      out_pass <= out_pass + 3'd1;
      if (out_pass == pass) seen <= 1'b0; // a number that comes round again is another pass
    end
    held      <= started & out_valid & ~out_ready;
    held_data <= out_data;
  end

  always @* begin
    if (started) begin
      // nothing leaves that did not go in whole
      if (out_valid) assert (in_pass != out_pass);
      if (out_valid && out_pass == pass) assert (seen && out_data[lane*AccBits+:AccBits] == saved);
      if (held) assert (out_valid && out_data == held_data);
      // it stops for no other reason than a result that is not taken
      if (!(out_valid & ~out_ready)) assert (in_ready);
    end
  end
endmodule
