// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Accumulators to codes with the shift of each frame: shift = max(0, bits(largest max(acc, 0)) - OutBits),
//   code = min(floor(max(acc, 0) / 2^shift + 1/2), 2^OutBits - 1).
// The trick: the bitwise or of all values is as many bits long as the largest of them, so no comparison is needed.
// A frame is stored while its or builds up, then drained through the shifter; two frames fit.
// Parameters: Lanes >= 1, AccBits >= 2, OutBits 1..8, FrameWords >= 1 (words of Lanes accumulators a frame).
// Latency: the first code is valid 3 cycles after the frame's last word was accepted, then a word a cycle.
`default_nettype none

module bitsim_requantize_dynamic #(
  parameter integer Lanes = 1,
  parameter integer AccBits = 16,
  parameter integer OutBits = 8,
  parameter integer FrameWords = 4
) (
  input  wire                     clk_i,
  input  wire                     rst_ni,
  input  wire                     in_valid_i,
  output wire                     in_ready_o,
  input  wire [Lanes*AccBits-1:0] in_data_i,
  output wire                     out_valid_o,
  input  wire                     out_ready_i,
  output wire [Lanes*OutBits-1:0] out_data_o
);
  localparam integer MagBits   = AccBits - 1;
  localparam integer WordBits  = (FrameWords > 1) ? $clog2(FrameWords) : 1;
  localparam integer MaxShift  = (MagBits > OutBits) ? MagBits - OutBits : 0;
  localparam integer ShiftBits = (MaxShift > 0) ? $clog2(MaxShift + 1) : 1;
  localparam integer LastWordInt = FrameWords - 1;
  localparam [WordBits-1:0] LastWord = LastWordInt[WordBits-1:0];

  reg [Lanes*MagBits-1:0] mem [0:(2<<WordBits)-1];
  reg [Lanes*MagBits-1:0] mem_q;

  reg [WordBits-1:0] wr_word_q;
  reg [WordBits-1:0] rd_word_q;
  reg                wr_bank_q;
  reg                rd_bank_q;
  reg [1:0]          full_q;
  reg [MagBits-1:0]  or_q;      // of the frame being written
  reg [MagBits-1:0]  or_bank0_q;
  reg [MagBits-1:0]  or_bank1_q;
  reg [ShiftBits-1:0] shift_q;
  reg                read_valid_q;
  reg                out_valid_q;
  reg [Lanes*OutBits-1:0] out_data_q;

  wire write   = in_valid_i & in_ready_o;
  wire wr_end  = (wr_word_q == LastWord);
  wire rd_end  = (rd_word_q == LastWord);
  wire advance = ~out_valid_q | out_ready_i;
  wire issue   = (rd_bank_q ? full_q[1] : full_q[0]) & advance;
  wire done    = issue & rd_end;

  assign in_ready_o  = wr_bank_q ? ~full_q[1] : ~full_q[0];
  assign out_valid_o = out_valid_q;
  assign out_data_o  = out_data_q;

  // ReLU, and the or of this word's lanes with what came before
  reg [Lanes*MagBits-1:0] magnitude;
  reg [MagBits-1:0]       or_d;
  integer l;
  always @* begin
    or_d = or_q;
    for (l = 0; l < Lanes; l = l + 1) begin
      magnitude[l*MagBits+:MagBits] = in_data_i[l*AccBits+:MagBits] & {MagBits{~in_data_i[l*AccBits+AccBits-1]}};
      or_d = or_d | magnitude[l*MagBits+:MagBits];
    end
  end

  // shift = position of the highest set bit beyond OutBits
  wire [MagBits-1:0]  or_read = rd_bank_q ? or_bank1_q : or_bank0_q;
  reg [ShiftBits-1:0] shift_d;
  integer b;
  always @* begin
    shift_d = {ShiftBits{1'b0}};
    for (b = 1; b <= MaxShift; b = b + 1) begin
      if (or_read[OutBits+b-1]) begin
        shift_d = b[ShiftBits-1:0];
      end
    end
  end

  wire [WordBits:0] wr_addr = {wr_bank_q, wr_word_q};
  wire [WordBits:0] rd_addr = {rd_bank_q, rd_word_q};

  always @(posedge clk_i) begin
    if (write) begin
      mem[wr_addr] <= magnitude;
    end
  end

  // the banks differ while a word is issued; the x keeps synthesis from building a bypass around the block RAM
  always @(posedge clk_i) begin
    if (advance) begin
      mem_q   <= (write & (wr_addr == rd_addr)) ? {(Lanes * MagBits) {1'bx}} : mem[rd_addr];
      shift_q <= shift_d;
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_word_q    <= {WordBits{1'b0}};
      rd_word_q    <= {WordBits{1'b0}};
      wr_bank_q    <= 1'b0;
      rd_bank_q    <= 1'b0;
      full_q       <= 2'b00;
      or_q         <= {MagBits{1'b0}};
      or_bank0_q   <= {MagBits{1'b0}};
      or_bank1_q   <= {MagBits{1'b0}};
      read_valid_q <= 1'b0;
      out_valid_q  <= 1'b0;
    end else begin
      if (write) begin
        wr_word_q <= wr_end ? {WordBits{1'b0}} : wr_word_q + 1'b1;
        or_q      <= wr_end ? {MagBits{1'b0}} : or_d;
        if (wr_end) begin
          wr_bank_q <= ~wr_bank_q;
          if (wr_bank_q) begin
            or_bank1_q <= or_d;
          end else begin
            or_bank0_q <= or_d;
          end
        end
      end
      if (issue) begin
        rd_word_q <= rd_end ? {WordBits{1'b0}} : rd_word_q + 1'b1;
      end
      if (done) begin
        rd_bank_q <= ~rd_bank_q;
      end
      full_q[0] <= (full_q[0] & ~(done & ~rd_bank_q)) | (write & wr_end & ~wr_bank_q);
      full_q[1] <= (full_q[1] & ~(done & rd_bank_q)) | (write & wr_end & wr_bank_q);
      if (advance) begin
        read_valid_q <= issue;
        out_valid_q  <= read_valid_q;
      end
    end
  end

  genvar i;
  generate
    for (i = 0; i < Lanes; i = i + 1) begin : gen_lane
      // one guard bit below the point: after the shift it is the bit that decides rounding
      wire [MagBits:0]         shifted = {mem_q[i*MagBits+:MagBits], 1'b0} >> shift_q;
      wire [MagBits+OutBits:0] wide    = {{OutBits{1'b0}}, shifted};
      wire [OutBits:0]         rounded = {1'b0, wide[OutBits:1]} + {{OutBits{1'b0}}, wide[0]};
      wire unused_wide = &{1'b0, wide[MagBits+OutBits:OutBits+1]};
      always @(posedge clk_i) begin
        if (advance) begin
          out_data_q[i*OutBits+:OutBits] <= rounded[OutBits-1:0] | {OutBits{rounded[OutBits]}};
        end
      end
    end
  endgenerate
endmodule

`default_nettype wire
