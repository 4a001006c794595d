// For every ROM of compressed rows: each step of each frame is handed out once, in order, over any stalls, with its own input
// word, trit codes, flags and bias; nothing is read before it came or overwritten before its last read; and no cycle is
// lost while there is a frame to read, or refused while there is room.
module proof #(
  parameter integer Width = 1,
  parameter integer FrameWords = 3,
  parameter integer DistanceBits = 1,
  parameter integer Steps = 4,
  parameter integer Passes = 2
) (
  input wire             clk,
  input wire             in_valid,
  input wire [Width-1:0] in_data,
  input wire             advance
);
  localparam integer WordBits = DistanceBits + 2;
  localparam integer RomAddrBits = 3;

  reg       started = 1'b0;
  reg [1:0] age     = 2'd0; // cycles since reset, up to 3
  always @(posedge clk) begin
    started <= 1'b1;
    if (started && age != 2'd3) age <= age + 2'd1;
  end

  // ---- any ROM whose rows are rows: indices within the frame, as many ends as passes, the last step one of them
  (* anyconst *) wire [Steps*WordBits-1:0] rom;
  wire [Steps:0]   last;          // entry k + 1: step k ends its pass; entry 0: where a frame starts
  wire [Steps-1:0] code;
  wire [Steps-1:0] inside;
  wire [4*Steps+3:0] index;       // entry k + 1: input word of step k
  wire [4*Steps+3:0] pass;        // entry k: pass of step k
  assign last[0]    = 1'b1;
  assign index[3:0] = 4'd0;
  assign pass[3:0]  = 4'd0;
  genvar k;
  generate
    for (k = 0; k < Steps; k = k + 1) begin : gen_step
      assign code[k]   = rom[k*WordBits];
      assign last[k+1] = rom[k*WordBits+WordBits-1];
      wire [3:0] distance = rom[k*WordBits+1+:DistanceBits] + 4'd1;
      assign index[4*(k+1)+:4] = (last[k] ? 4'd15 : index[4*k+:4]) + distance;
      assign inside[k] = index[4*(k+1)+:4] < FrameWords;
      assign pass[4*(k+1)+:4] = pass[4*k+:4] + {3'd0, last[k+1]};
    end
  endgenerate
  wire legal = (&inside) & last[Steps] & (pass[4*Steps+:4] == Passes);

  wire                   rom_en;
  wire [RomAddrBits-1:0] rom_addr;
  wire [((Passes > 1) ? $clog2(Passes) : 1)-1:0] dut_pass;
  reg  [WordBits-1:0]    rom_q;
  reg  [3:0]             bias_q; // a ROM of biases that holds the number of the pass
  always @(posedge clk) begin
    if (rom_en) begin
      rom_q  <= rom[rom_addr*WordBits+:WordBits];
      bias_q <= dut_pass;
    end
  end

  wire             in_ready;
  wire             valid;
  wire             first;
  wire             ends;
  wire             codes;
  wire [Width-1:0] data;

  bitsim_sparse_reader #(
    .Width(Width), .FrameWords(FrameWords), .CodesBits(1), .DistanceBits(DistanceBits), .Steps(Steps),
    .RomAddrBits(RomAddrBits), .Passes(Passes)
  ) dut (
    .clk_i     (clk),
    .rst_ni    (started),
    .in_valid_i(in_valid),
    .in_ready_o(in_ready),
    .in_data_i (in_data),
    .rom_en_o  (rom_en),
    .rom_addr_o(rom_addr),
    .rom_data_i(rom_q),
    .advance_i (advance),
    .pass_o    (dut_pass),
    .valid_o   (valid),
    .first_o   (first),
    .last_o    (ends),
    .codes_o   (codes),
    .data_o    (data)
  );

  // ---- any one word of any one frame, followed from its write to all of its reads
  (* anyconst *) wire [1:0] frame;
  (* anyconst *) wire [3:0] word;
  reg  [1:0]       in_frame = 2'd0;
  reg  [3:0]       in_word  = 4'd0;
  reg  [1:0]       out_frame = 2'd0;
  reg  [3:0]       out_step  = 4'd0;
  reg              seen      = 1'b0;
  reg  [Width-1:0] saved;
  reg              waited    = 1'b0; // a frame was there, and the pipeline moved, a cycle ago

  wire       write   = started & in_valid & in_ready;
  wire       in_end  = in_word == FrameWords - 1;
  wire       taken   = started & valid & advance;
  wire       out_end = out_step == Steps - 1;
  wire [1:0] frames  = in_frame - out_frame; // whole and not handed out to the end
  wire       hit     = out_frame == frame && index[4*(out_step+1)+:4] == word;

  always @(posedge clk) begin
    waited <= started & advance & (frames != 2'd0) & ~(frames == 2'd1 & taken & out_end);
    if (write) begin
      in_word <= in_end ? 4'd0 : in_word + 4'd1;
      if (in_end) in_frame <= in_frame + 2'd1;
      if (in_frame == frame && in_word == word) begin
        saved <= in_data;
        seen  <= 1'b1;
      end
    end
    if (taken) begin
      out_step <= out_end ? 4'd0 : out_step + 4'd1;
      if (out_end) out_frame <= out_frame + 2'd1;
      // a frame number that comes round again is another frame
      if (out_end && out_frame == frame) seen <= 1'b0;
    end
  end

  always @* begin
    assume (legal);
    if (started) begin
      if (valid) begin
        assert (frames != 2'd0);
        assert (codes == code[out_step]);
        assert (ends == last[out_step+1]);
        assert (first == last[out_step]);
        assert (bias_q == pass[4*out_step+:4]);
        if (hit) assert (seen && data == saved);
      end
      if (waited && age == 2'd3) assert (valid);
      if (frames < 2'd2) assert (in_ready);
    end
  end
endmodule
