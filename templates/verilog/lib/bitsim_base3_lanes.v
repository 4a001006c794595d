// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Trit codes of Lanes lanes out of ROM words in base 3: four lanes a byte (bitsim_base3_decode: five trits). The fifth digits
// wait here: after four words, the four that wait in each byte are a fifth step that reads nothing (waiting_i). So words are
// as wide as at 2 bits a trit, and four fifths as many.
// Parameters: Lanes, a multiple of 4. Latency: 0 cycles (combinational).
`default_nettype none

module bitsim_base3_lanes #(
  parameter integer Lanes = 8
) (
  input  wire               clk_i,
  input  wire               take_i,    // word_i is used this cycle: its fifth digits begin to wait
  input  wire               waiting_i, // the step is the digits that wait; word_i is not used
  input  wire [2*Lanes-1:0] word_i,
  output wire [2*Lanes-1:0] codes_o
);
  genvar b;
  generate
    for (b = 0; b < Lanes / 4; b = b + 1) begin : gen_byte
      wire [9:0] trits;
      reg  [7:0] waiting_q;

      bitsim_base3_decode u_decode (
        .code_i (word_i[8*b+:8]),
        .trits_o(trits)
      );

      always @(posedge clk_i) begin
        if (take_i) begin
          waiting_q <= {trits[9:8], waiting_q[7:2]};
        end
      end

      assign codes_o[8*b+:8] = waiting_i ? waiting_q : trits[7:0];
    end
  endgenerate
endmodule

`default_nettype wire
