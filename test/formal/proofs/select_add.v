// The ternary (or binary) dot product against plain signed additions and subtractions, for every code and every input.
module proof #(
  parameter integer Simd = 4,
  parameter integer InBits = 8,
  parameter integer CodeBits = 2,
  parameter integer SumBits = 11
) (
  input wire [Simd*CodeBits-1:0] codes,
  input wire [Simd*InBits-1:0]   data
);
  wire [SumBits-1:0] sum;
  wire               carry;

  bitsim_select_add #(.Simd(Simd), .InBits(InBits), .CodeBits(CodeBits), .SumBits(SumBits)) dut (
    .clk_i    (1'b0),
    .advance_i(1'b1),
    .codes_i  (codes),
    .data_i   (data),
    .sum_o    (sum),
    .carry_o  (carry)
  );

  reg signed [SumBits:0] expected;
  reg                    legal;
  reg                    add;
  reg                    subtract;
  integer                i;

  always @* begin
    expected = 0;
    legal    = 1'b1;
    for (i = 0; i < Simd; i = i + 1) begin
      if (CodeBits == 2) begin
        add      = codes[2*i+:2] == 2'b01;
        subtract = codes[2*i+:2] == 2'b11;
        if (codes[2*i+:2] == 2'b10) legal = 1'b0;
      end else begin
        add      = ~codes[i];
        subtract = codes[i];
      end
      if (add) expected = expected + $signed({1'b0, data[i*InBits+:InBits]});
      if (subtract) expected = expected - $signed({1'b0, data[i*InBits+:InBits]});
    end
    assume (legal);
    assert ($signed({sum[SumBits-1], sum}) + $signed({1'b0, carry}) == expected);
  end
endmodule
