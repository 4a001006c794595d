// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Accumulators to codes with a fixed shift: code = clip((acc + 2^(Shift-1)) >> Shift, 0, 2^OutBits - 1).
// The rounding constant is in the accumulator already (bitsim_mvu's Start), so this is wiring, one ReLU mask and one
// saturation: no adder.
// Parameters: Lanes >= 1, 0 <= Shift < AccBits, OutBits 1..8. Latency: 0 cycles (combinational).
`default_nettype none

module bitsim_requantize_static #(
  parameter integer Lanes = 1,
  parameter integer AccBits = 16,
  parameter integer Shift = 5,
  parameter integer OutBits = 8
) (
  input  wire [Lanes*AccBits-1:0] acc_i,
  output wire [Lanes*OutBits-1:0] code_o
);
  localparam integer Kept = AccBits - 1 - Shift; // magnitude bits that the shift leaves

  genvar i;
  generate
    for (i = 0; i < Lanes; i = i + 1) begin : gen_lane
      wire negative = acc_i[i*AccBits+AccBits-1];
      if (Shift > 0) begin : gen_dropped
        wire unused_low = &{1'b0, acc_i[i*AccBits+:Shift]};
      end
      if (Kept > OutBits) begin : gen_saturate
        wire over = |acc_i[i*AccBits+Shift+OutBits+:Kept-OutBits];
        assign code_o[i*OutBits+:OutBits] =
            (acc_i[i*AccBits+Shift+:OutBits] | {OutBits{over}}) & {OutBits{~negative}};
      end else if (Kept > 0) begin : gen_fits
        wire [OutBits+Kept-1:0] wide = {{OutBits{1'b0}}, acc_i[i*AccBits+Shift+:Kept] & {Kept{~negative}}};
        assign code_o[i*OutBits+:OutBits] = wide[OutBits-1:0];
        wire unused_wide = &{1'b0, wide[OutBits+Kept-1:OutBits]};
      end else begin : gen_zero
        wire unused_sign = negative;
        assign code_o[i*OutBits+:OutBits] = {OutBits{1'b0}};
      end
    end
  endgenerate
endmodule

`default_nettype wire
