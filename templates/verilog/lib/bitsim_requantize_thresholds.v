// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Accumulators to codes with thresholds of each output: code = how many of its 2^OutBits - 1 thresholds are <= acc.
// The trick: they ascend, so a binary search finds the code with OutBits comparisons, not one for each threshold: the
// middle one decides the top bit and which half is searched on.
// Word w of the ROM holds the thresholds of the w-th word of Lanes accumulators, lane 0 and the lowest threshold in the
// lowest bits. It is read one word ahead, so nothing waits for it.
// Parameters: Lanes >= 1, AccBits >= 2, OutBits 1..4, FrameWords >= 1. Latency: 0 cycles (combinational data path).
`default_nettype none

module bitsim_requantize_thresholds #(
  parameter integer Lanes = 1,
  parameter integer AccBits = 16,
  parameter integer OutBits = 2,
  parameter integer FrameWords = 4,
  parameter integer AddrBits = 2, // address bits of FrameWords words, at least 1
  parameter integer Levels = 3    // 2^OutBits - 1
) (
  input  wire                            clk_i,
  input  wire                            rst_ni,
  input  wire                            take_i, // this word of accumulators leaves
  input  wire [Lanes*AccBits-1:0]        acc_i,
  output wire [AddrBits-1:0]             rom_addr_o,
  input  wire [Lanes*Levels*AccBits-1:0] rom_data_i,
  output wire [Lanes*OutBits-1:0]        code_o
);
  localparam integer LastWordInt = FrameWords - 1;
  localparam [AddrBits-1:0] LastWord = LastWordInt[AddrBits-1:0];

  reg  [AddrBits-1:0] word_q;
  wire [AddrBits-1:0] word_d = !rst_ni ? {AddrBits{1'b0}}
                             : !take_i ? word_q
                             : (word_q == LastWord) ? {AddrBits{1'b0}} : word_q + 1'b1;

  assign rom_addr_o = word_d;

  always @(posedge clk_i) begin
    word_q <= word_d;
  end

  genvar l;
  genvar b;
  generate
    for (l = 0; l < Lanes; l = l + 1) begin : gen_lane
      wire signed [AccBits-1:0] acc = acc_i[l*AccBits+:AccBits];
      for (b = OutBits - 1; b >= 0; b = b - 1) begin : gen_bit
        // 2^(b+1) - 1 thresholds are left; the middle one has 2^b - 1 below it and as many above
        localparam integer Half = (1 << b) - 1;
        wire [(2*Half+1)*AccBits-1:0] left;
        if (b == OutBits - 1) begin : gen_all
          assign left = rom_data_i[l*Levels*AccBits+:Levels*AccBits];
        end else begin : gen_half
          wire [(4*Half+3)*AccBits-1:0] wider = gen_bit[b+1].left;
          assign left = code_o[l*OutBits+b+1] ? wider[(2*Half+2)*AccBits+:(2*Half+1)*AccBits]
                                              : wider[0+:(2*Half+1)*AccBits];
          wire unused_middle = &{1'b0, wider[(2*Half+1)*AccBits+:AccBits]};
        end
        wire signed [AccBits-1:0] middle = left[Half*AccBits+:AccBits];
        assign code_o[l*OutBits+b] = (acc >= middle);
      end
    end
  endgenerate
endmodule

`default_nettype wire
