// code = clip((max(acc, 0) + half) >> Shift): for every accumulator that the rounding constant does not overflow.
module proof #(
  parameter integer Lanes = 2,
  parameter integer AccBits = 12,
  parameter integer Shift = 3,
  parameter integer OutBits = 4
) (
  input wire [Lanes*AccBits-1:0] acc
);
  localparam integer Half = (Shift > 0) ? (1 << (Shift - 1)) : 0;
  localparam integer Top  = (1 << OutBits) - 1;

  reg  [Lanes*AccBits-1:0] started; // what the matrix-vector unit hands over: the constant is in it already
  wire [Lanes*OutBits-1:0] code;

  bitsim_requantize_static #(.Lanes(Lanes), .AccBits(AccBits), .Shift(Shift), .OutBits(OutBits)) dut (
    .acc_i (started),
    .code_o(code)
  );

  reg signed [AccBits+1:0] value;
  reg signed [AccBits+1:0] shifted;
  integer                  i;

  always @* begin
    for (i = 0; i < Lanes; i = i + 1) begin
      value = $signed(acc[i*AccBits+:AccBits]);
      assume (value + Half < (1 << (AccBits - 1)));
      started[i*AccBits+:AccBits] = value + Half;
    end
  end

  always @* begin
    for (i = 0; i < Lanes; i = i + 1) begin
      value   = $signed(acc[i*AccBits+:AccBits]);
      shifted = (value + Half) >>> Shift;
      if (value <= 0) shifted = 0;
      if (shifted > Top) shifted = Top;
      assert (code[i*OutBits+:OutBits] == shifted);
    end
  end
endmodule
