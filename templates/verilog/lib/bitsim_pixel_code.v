// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Raw pixels to input codes: code = pixel >> Shift. Wiring only.
// Parameters: Lanes >= 1, PixelBits >= 2, 0 <= Shift < PixelBits. Latency: 0 cycles.
`default_nettype none

module bitsim_pixel_code #(
  parameter integer Lanes = 4,
  parameter integer PixelBits = 8,
  parameter integer Shift = 1
) (
  input  wire [Lanes*PixelBits-1:0]         pixel_i,
  output wire [Lanes*(PixelBits-Shift)-1:0] code_o
);
  localparam integer CodeBits = PixelBits - Shift;

  genvar i;
  generate
    for (i = 0; i < Lanes; i = i + 1) begin : gen_lane
      assign code_o[i*CodeBits+:CodeBits] = pixel_i[i*PixelBits+Shift+:CodeBits];
      if (Shift > 0) begin : gen_dropped
        wire unused_low = &{1'b0, pixel_i[i*PixelBits+:Shift]};
      end
    end
  endgenerate
endmodule

`default_nettype wire
