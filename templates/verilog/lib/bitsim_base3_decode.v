// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Five trits out of one byte: 243 of the 256 codes are used. Not a number in base 3 (a table of 8 inputs) but fields with
// escapes, so that every output is a function of a few bits:
//   byte = {p, x, y}, 3 + 3 + 2 bits
//   x = 110: digits 0, 1 = pair 8, and x is taken from p      otherwise: digits 0, 1 = pair p
//   y = 10:  digit 4 = x[1:0], digits 2, 3 = pair 7 + x[2]    otherwise: digit 4 = y, digits 2, 3 = pair x (111: pair 6)
// Pair v is the trits of v mod 3 and v div 3; 0, 1, 2 stand for 0, +1, -1. Trit codes: 00 zero, 01 +1, 11 -1.
// Latency: 0 cycles (combinational, two levels of 4-input tables).
`default_nettype none

module bitsim_base3_decode (
  input  wire [7:0] code_i,
  output wire [9:0] trits_o // digit 0 in the lowest bits
);
  // pair v in 4 bits, digit 0 lowest
  function [3:0] pair;
    input [3:0] v;
    case (v)
      4'd0:    pair = 4'b0000;
      4'd1:    pair = 4'b0001;
      4'd2:    pair = 4'b0011;
      4'd3:    pair = 4'b0100;
      4'd4:    pair = 4'b0101;
      4'd5:    pair = 4'b0111;
      4'd6:    pair = 4'b1100;
      4'd7:    pair = 4'b1101;
      default: pair = 4'b1111;
    endcase
  endfunction

  wire [2:0] p = code_i[7:5];
  wire [1:0] y = code_i[1:0];
  wire       p_is_x = (code_i[4:2] == 3'b110);
  wire [2:0] x = p_is_x ? p : code_i[4:2];
  wire       x_is_y = (y == 2'b10);

  assign trits_o[3:0] = pair(p_is_x ? 4'd8 : {1'b0, p});
  assign trits_o[7:4] = pair(x_is_y ? {x[2], {3{~x[2]}}} : (x == 3'b111) ? 4'd6 : {1'b0, x});
  assign trits_o[9:8] = x_is_y ? x[1:0] : y;
endmodule

`default_nettype wire
