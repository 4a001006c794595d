// With registers in the tree: what leaves is the dot product of what went in, as many advances before as there are registers.
module proof #(
  parameter integer Simd = 2,
  parameter integer InBits = 1,
  parameter integer SumBits = 3, // InBits + 1 + ceil(log2(Simd))
  parameter integer Stages = 1
) (
  input wire                   clk,
  input wire                   advance,
  input wire [Simd*2-1:0]      codes,
  input wire [Simd*InBits-1:0] data
);
  wire [SumBits-1:0] sum;
  wire               carry;

  bitsim_select_add #(.Simd(Simd), .InBits(InBits), .CodeBits(2), .SumBits(SumBits), .Stages(Stages)) dut (
    .clk_i    (clk),
    .advance_i(advance),
    .codes_i  (codes),
    .data_i   (data),
    .sum_o    (sum),
    .carry_o  (carry)
  );

  reg [SumBits-1:0] product;
  reg               legal;
  integer           i;
  always @* begin
    product = 0;
    legal   = 1'b1;
    for (i = 0; i < Simd; i = i + 1) begin
      case (codes[2*i+:2])
        2'b00:   product = product;
        2'b01:   product = product + data[i*InBits+:InBits];
        2'b11:   product = product - data[i*InBits+:InBits];
        default: legal = 1'b0;
      endcase
    end
    assume (legal);
  end

  reg [Stages*SumBits-1:0] expected;
  reg [Stages-1:0]         filled = 0;
  always @(posedge clk) begin
    if (advance) begin
      expected <= {expected, product};
      filled   <= {filled, 1'b1};
    end
  end

  always @* if (filled[Stages-1]) assert (sum + {{(SumBits - 1) {1'b0}}, carry} == expected[Stages*SumBits-1-:SumBits]);
endmodule
