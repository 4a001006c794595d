// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Holds two frames of input words: one is read, word by word in any order and as often as wanted, while the other is filled.
// Parameters: Width >= 1, FrameWords >= 1.
// Latency: a frame is whole in the cycle after its last word was accepted; a word leaves data_o a cycle after it was asked for.
`default_nettype none

module bitsim_frame_buffer #(
  parameter integer Width = 8,
  parameter integer FrameWords = 4
) (
  input  wire             clk_i,
  input  wire             rst_ni,
  input  wire             in_valid_i,
  output wire             in_ready_o,
  input  wire [Width-1:0] in_data_i,
  output wire             whole_o,   // the frame that is read is there, all of it
  input  wire             advance_i, // data_o takes the word that index_i names
  input  wire             release_i, // nothing more is read of this frame after this cycle; only while whole_o
  input  wire [((FrameWords > 1) ? $clog2(FrameWords) : 1)-1:0] index_i,
  output reg  [Width-1:0] data_o
);
  localparam integer WordBits = (FrameWords > 1) ? $clog2(FrameWords) : 1;
  localparam integer MemWords = 2 << WordBits;
  localparam integer LastWordInt = FrameWords - 1;
  localparam [WordBits-1:0] LastWord = LastWordInt[WordBits-1:0];

  reg [Width-1:0] mem [0:MemWords-1];

  reg [WordBits-1:0] wr_word_q;
  reg                wr_bank_q;
  reg                rd_bank_q;
  reg [1:0]          full_q;  // of each bank: its frame is whole and still read

  wire wr_end = (wr_word_q == LastWord);
  wire write  = in_valid_i & in_ready_o;
  wire filled = write & wr_end;

  wire [WordBits:0] wr_addr = {wr_bank_q, wr_word_q};
  wire [WordBits:0] rd_addr = {rd_bank_q, index_i};

  assign in_ready_o = wr_bank_q ? ~full_q[1] : ~full_q[0];
  assign whole_o    = rd_bank_q ? full_q[1] : full_q[0];

  always @(posedge clk_i) begin
    if (write) begin
      mem[wr_addr] <= in_data_i;
    end
  end

  // A word of a whole frame is never the one being written, so the memory need not say what it reads then: without the
  // x, synthesis would build a bypass around every block RAM.
  always @(posedge clk_i) begin
    if (advance_i) begin
      data_o <= (write & (wr_addr == rd_addr)) ? {Width{1'bx}} : mem[rd_addr];
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_word_q <= {WordBits{1'b0}};
      wr_bank_q <= 1'b0;
      rd_bank_q <= 1'b0;
      full_q    <= 2'b00;
    end else begin
      if (write) begin
        wr_word_q <= wr_end ? {WordBits{1'b0}} : wr_word_q + 1'b1;
      end
      wr_bank_q <= wr_bank_q ^ filled;
      rd_bank_q <= rd_bank_q ^ release_i;
      full_q[0] <= (full_q[0] | (filled & ~wr_bank_q)) & ~(release_i & ~rd_bank_q);
      full_q[1] <= (full_q[1] | (filled & wr_bank_q)) & ~(release_i & rd_bank_q);
    end
  end
endmodule

`default_nettype wire
