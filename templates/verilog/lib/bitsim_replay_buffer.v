// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Holds the input words of a frame and hands them out Passes times in order: once for every neuron fold.
// The first pass runs while words still arrive; the last pass frees each word as it reads it, so the next frame
// fills the memory behind it. With Frames = 2 a second frame fits and a slow source never waits.
// Parameters: Width >= 1, FrameWords >= 1, Passes >= 1, Frames 1 or 2.
// Latency: a word accepted in cycle t leaves data_o in cycle t + 2 at the earliest (memory write, memory read).
`default_nettype none

module bitsim_replay_buffer #(
  parameter integer Width = 8,
  parameter integer FrameWords = 4,
  parameter integer Passes = 2,
  parameter integer Frames = 1
) (
  input  wire             clk_i,
  input  wire             rst_ni,
  input  wire             in_valid_i,
  output wire             in_ready_o,
  input  wire [Width-1:0] in_data_i,
  input  wire             advance_i,   // the pipeline behind data_o moves this cycle
  output wire             issue_o,     // a word is read this cycle: it is in data_o after the edge
  output wire             frame_end_o, // ... and it is the last word of the last pass
  output wire [((Passes > 1) ? $clog2(Passes) : 1)-1:0] pass_o, // pass (neuron fold) being read
  output reg              valid_o,
  output reg              first_o,     // data_o is the first word of a pass
  output reg              last_o,      // data_o is the last word of a pass
  output reg  [Width-1:0] data_o
);
  localparam integer WordBits  = (FrameWords > 1) ? $clog2(FrameWords) : 1;
  localparam integer PassBits  = (Passes > 1) ? $clog2(Passes) : 1;
  localparam integer Capacity  = Frames * FrameWords;
  localparam integer HeldBits  = $clog2(Capacity + 1);
  localparam integer AddrBits  = WordBits + ((Frames > 1) ? 1 : 0);
  localparam integer MemWords  = (Frames > 1) ? (1 << AddrBits) : FrameWords;
  localparam integer LastWordInt = FrameWords - 1;
  localparam integer LastPassInt = Passes - 1;
  localparam [WordBits-1:0] LastWord = LastWordInt[WordBits-1:0];
  localparam [PassBits-1:0] LastPass = LastPassInt[PassBits-1:0];
  localparam [HeldBits-1:0] Full     = Capacity[HeldBits-1:0];

  reg [Width-1:0] mem [0:MemWords-1];

  reg [WordBits-1:0] wr_word_q;
  reg [WordBits-1:0] rd_word_q;
  reg [PassBits-1:0] pass_q;
  reg [HeldBits-1:0] held_q;   // words written and not yet freed
  reg [HeldBits-1:0] fresh_q;  // words written and not yet read for the first time

  wire wr_end     = (wr_word_q == LastWord);
  wire rd_end     = (rd_word_q == LastWord);
  wire first_pass = (pass_q == {PassBits{1'b0}});
  wire last_pass  = (pass_q == LastPass);
  wire write      = in_valid_i & in_ready_o;
  wire available  = ~first_pass | (fresh_q != {HeldBits{1'b0}});
  wire take       = issue_o & first_pass;
  wire free       = issue_o & last_pass;

  wire [AddrBits-1:0] wr_addr;
  wire [AddrBits-1:0] rd_addr;

  assign in_ready_o  = (held_q != Full);
  assign issue_o     = available & advance_i;
  assign frame_end_o = free & rd_end;
  assign pass_o      = pass_q;

  generate
    if (Frames > 1) begin : gen_two_frames
      reg wr_bank_q;
      reg rd_bank_q;
      always @(posedge clk_i) begin
        if (!rst_ni) begin
          wr_bank_q <= 1'b0;
          rd_bank_q <= 1'b0;
        end else begin
          wr_bank_q <= wr_bank_q ^ (write & wr_end);
          rd_bank_q <= rd_bank_q ^ frame_end_o;
        end
      end
      assign wr_addr = {wr_bank_q, wr_word_q};
      assign rd_addr = {rd_bank_q, rd_word_q};
    end else begin : gen_one_frame
      assign wr_addr = wr_word_q;
      assign rd_addr = rd_word_q;
    end
  endgenerate

  always @(posedge clk_i) begin
    if (write) begin
      mem[wr_addr] <= in_data_i;
    end
  end

  // A word that is issued is never the one being written, so the memory need not say what it reads then: without the
  // x, synthesis would build a bypass around every block RAM.
  always @(posedge clk_i) begin
    if (advance_i) begin
      data_o <= (write & (wr_addr == rd_addr)) ? {Width{1'bx}} : mem[rd_addr];
    end
  end

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      wr_word_q <= {WordBits{1'b0}};
      rd_word_q <= {WordBits{1'b0}};
      pass_q    <= {PassBits{1'b0}};
      held_q    <= {HeldBits{1'b0}};
      fresh_q   <= {HeldBits{1'b0}};
      valid_o   <= 1'b0;
      first_o   <= 1'b0;
      last_o    <= 1'b0;
    end else begin
      if (write) begin
        wr_word_q <= wr_end ? {WordBits{1'b0}} : wr_word_q + 1'b1;
      end
      if (issue_o) begin
        rd_word_q <= rd_end ? {WordBits{1'b0}} : rd_word_q + 1'b1;
        if (rd_end) begin
          pass_q <= last_pass ? {PassBits{1'b0}} : pass_q + 1'b1;
        end
      end
      if (write & ~free) begin
        held_q <= held_q + 1'b1;
      end else if (~write & free) begin
        held_q <= held_q - 1'b1;
      end
      if (write & ~take) begin
        fresh_q <= fresh_q + 1'b1;
      end else if (~write & take) begin
        fresh_q <= fresh_q - 1'b1;
      end
      if (advance_i) begin
        valid_o <= issue_o;
        first_o <= (rd_word_q == {WordBits{1'b0}});
        last_o  <= rd_end;
      end
    end
  end
endmodule

`default_nettype wire
