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
  output wire             frame_end_o, // the word that is read next is the last one of the last pass
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
  localparam integer BeforeWordInt = (FrameWords > 1) ? FrameWords - 2 : 0;
  localparam integer BeforePassInt = (Passes > 1) ? Passes - 2 : 0;
  localparam [WordBits-1:0] LastWord = LastWordInt[WordBits-1:0];
  localparam [WordBits-1:0] BeforeLastWord = BeforeWordInt[WordBits-1:0];
  localparam [PassBits-1:0] BeforeLastPass = BeforePassInt[PassBits-1:0];
  localparam OneWord = (FrameWords == 1);
  localparam OnePass = (Passes == 1);
  localparam integer BeforeFullInt = Capacity - 1;
  localparam [HeldBits-1:0] BeforeFull = BeforeFullInt[HeldBits-1:0];
  localparam [HeldBits-1:0] One = 1;

  reg [Width-1:0] mem [0:MemWords-1];

  reg [WordBits-1:0] wr_word_q;
  reg [WordBits-1:0] rd_word_q;
  reg [PassBits-1:0] pass_q;
  reg [HeldBits-1:0] held_q;   // words written and not yet freed
  reg [HeldBits-1:0] fresh_q;  // words written and not yet read for the first time
  // what the counters are compared with, known a cycle ahead: handshakes begin at registers
  reg                full_q;       // held_q is the capacity
  reg                any_fresh_q;  // fresh_q is not 0
  reg                rd_end_q;     // rd_word_q is the last word
  reg                first_pass_q; // pass_q is the first pass, the last pass
  reg                last_pass_q;

  wire wr_end     = (wr_word_q == LastWord);
  wire write      = in_valid_i & in_ready_o;
  wire available  = ~first_pass_q | any_fresh_q;
  wire take       = issue_o & first_pass_q;
  wire free       = issue_o & last_pass_q;

  wire [AddrBits-1:0] wr_addr;
  wire [AddrBits-1:0] rd_addr;

  assign in_ready_o  = ~full_q;
  assign issue_o     = available & advance_i;
  assign frame_end_o = last_pass_q & rd_end_q;
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
          rd_bank_q <= rd_bank_q ^ (free & rd_end_q);
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
      wr_word_q    <= {WordBits{1'b0}};
      rd_word_q    <= {WordBits{1'b0}};
      rd_end_q     <= OneWord;
      pass_q       <= {PassBits{1'b0}};
      first_pass_q <= 1'b1;
      last_pass_q  <= OnePass;
      held_q       <= {HeldBits{1'b0}};
      full_q       <= 1'b0;
      fresh_q      <= {HeldBits{1'b0}};
      any_fresh_q  <= 1'b0;
      valid_o      <= 1'b0;
      first_o      <= 1'b0;
      last_o       <= 1'b0;
    end else begin
      if (write) begin
        wr_word_q <= wr_end ? {WordBits{1'b0}} : wr_word_q + 1'b1;
      end
      if (issue_o) begin
        rd_word_q <= rd_end_q ? {WordBits{1'b0}} : rd_word_q + 1'b1;
        rd_end_q  <= OneWord | (rd_word_q == BeforeLastWord);
        if (rd_end_q) begin
          pass_q       <= last_pass_q ? {PassBits{1'b0}} : pass_q + 1'b1;
          first_pass_q <= last_pass_q;
          last_pass_q  <= OnePass | (pass_q == BeforeLastPass);
        end
      end
      if (write & ~free) begin
        held_q <= held_q + 1'b1;
        full_q <= (held_q == BeforeFull);
      end else if (~write & free) begin
        held_q <= held_q - 1'b1;
        full_q <= 1'b0;
      end
      if (write & ~take) begin
        fresh_q     <= fresh_q + 1'b1;
        any_fresh_q <= 1'b1;
      end else if (~write & take) begin
        fresh_q     <= fresh_q - 1'b1;
        any_fresh_q <= (fresh_q != One);
      end
      if (advance_i) begin
        valid_o <= issue_o;
        first_o <= (rd_word_q == {WordBits{1'b0}});
        last_o  <= rd_end_q;
      end
    end
  end
endmodule

`default_nettype wire
