// Whatever five trits are encoded, they are decoded: the encoder here is written from the definition, not from the decoder.
module proof (
  input wire [9:0] trits
);
  wire [9:0] got;
  reg  [7:0] code;

  bitsim_base3_decode dut (
    .code_i (code),
    .trits_o(got)
  );

  function [3:0] number; // of a pair: 0, 1, 2 for 0, +1, -1, the first digit counting 1, the second 3
    input [3:0] pair;
    number = {2'b00, pair[1], pair[0] & ~pair[1]} + (pair[3] ? 4'd6 : pair[2] ? 4'd3 : 4'd0);
  endfunction

  wire [3:0] first  = number(trits[3:0]);
  wire [3:0] second = number(trits[7:4]);
  reg  [2:0] x;
  reg  [1:0] y;

  always @* begin
    if (second >= 4'd7) begin
      y = 2'b10;
      x = {second == 4'd8, trits[9:8]};
    end else begin
      y = trits[9:8];
      x = (second == 4'd6) ? 3'b111 : second[2:0];
    end
    code = (first == 4'd8) ? {x, 3'b110, y} : {first[2:0], x, y};
  end

  always @* begin
    assume (trits[1:0] != 2'b10 && trits[3:2] != 2'b10 && trits[5:4] != 2'b10 && trits[7:6] != 2'b10 && trits[9:8] != 2'b10);
    assert (got == trits);
  end
endmodule
