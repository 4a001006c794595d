// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Reads a frame's input words as compressed rows ask for them. ROM word k is step k of every frame, high bits first:
//   {last step of its pass, distance - 1, trit codes}
// and its input word is `distance` behind that of the step before; a pass starts one before word 0. Input words whose trits are
// all zero are not named, so they cost neither a cycle nor a ROM word.
// Frames are read once they are whole; the ROM is read ahead of them. Pipeline: ROM - step (its input word's index) - read.
// Parameters: Width, CodesBits, FrameWords, Steps, Passes >= 1; 1 <= DistanceBits <= bits of an index.
// Latency: a frame's first word leaves data_o 2 cycles after its last one was accepted; then a step every cycle.
`default_nettype none

module bitsim_sparse_reader #(
  parameter integer Width = 8,
  parameter integer FrameWords = 4,
  parameter integer CodesBits = 2,
  parameter integer DistanceBits = 1,
  parameter integer Steps = 4,
  parameter integer RomAddrBits = 2, // address bits of Steps words, at least 1
  parameter integer Passes = 2
) (
  input  wire                                clk_i,
  input  wire                                rst_ni,
  input  wire                                in_valid_i,
  output wire                                in_ready_o,
  input  wire [Width-1:0]                    in_data_i,
  output wire                                rom_en_o,
  output wire [RomAddrBits-1:0]              rom_addr_o,
  input  wire [CodesBits+DistanceBits:0]     rom_data_i,
  input  wire                                advance_i, // the pipeline behind data_o moves this cycle
  output wire [((Passes > 1) ? $clog2(Passes) : 1)-1:0] pass_o, // pass (neuron fold) being read
  output reg                                 valid_o,
  output reg                                 first_o,   // data_o is the first word of a pass
  output reg                                 last_o,    // data_o is the last word of a pass
  output reg  [CodesBits-1:0]                codes_o,
  output wire [Width-1:0]                    data_o
);
  localparam integer IndexBits = (FrameWords > 1) ? $clog2(FrameWords) : 1;
  localparam integer PassBits  = (Passes > 1) ? $clog2(Passes) : 1;
  localparam integer LastStepInt = Steps - 1;
  localparam [RomAddrBits-1:0] LastStep = LastStepInt[RomAddrBits-1:0];

  reg [RomAddrBits-1:0] rom_addr_q;
  reg                   rom_valid_q;
  reg                   rom_end_q;   // the ROM's output is the frame's last step
  reg                   step_valid_q;
  reg                   step_last_q;
  reg                   step_end_q;
  reg [CodesBits-1:0]   step_codes_q;
  reg [IndexBits-1:0]   step_index_q;
  reg                   first_q;     // the step is the first of its pass
  reg [PassBits-1:0]    pass_q;

  wire whole;
  wire issue  = step_valid_q & whole & advance_i;
  wire fetch  = ~step_valid_q | issue;
  wire at_end = (rom_addr_q == LastStep);

  wire                    rom_last     = rom_data_i[CodesBits+DistanceBits];
  wire [DistanceBits-1:0] rom_distance = rom_data_i[CodesBits+:DistanceBits];

  // all ones, one before word 0, where a pass starts
  wire [IndexBits-1:0] from  = step_index_q | {IndexBits{step_last_q}};
  wire [IndexBits:0]   index = {from, 1'b1} + {{(IndexBits - DistanceBits) {1'b0}}, rom_distance, 1'b1};
  wire unused_lsb = index[0];

  assign rom_en_o   = fetch;
  assign rom_addr_o = rom_addr_q;
  assign pass_o     = pass_q;

  bitsim_frame_buffer #(
    .Width     (Width),
    .FrameWords(FrameWords)
  ) u_buffer (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .in_valid_i(in_valid_i),
    .in_ready_o(in_ready_o),
    .in_data_i (in_data_i),
    .whole_o   (whole),
    .advance_i (advance_i),
    .release_i (issue & step_end_q),
    .index_i   (step_index_q),
    .data_o    (data_o)
  );

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      rom_addr_q   <= {RomAddrBits{1'b0}};
      rom_valid_q  <= 1'b0;
      step_valid_q <= 1'b0;
      step_last_q  <= 1'b1;
      first_q      <= 1'b1;
      pass_q       <= {PassBits{1'b0}};
      valid_o      <= 1'b0;
    end else begin
      if (fetch) begin
        rom_addr_q   <= at_end ? {RomAddrBits{1'b0}} : rom_addr_q + 1'b1;
        rom_valid_q  <= 1'b1;
        step_valid_q <= rom_valid_q;
        step_last_q  <= rom_last | ~rom_valid_q;
      end
      if (issue) begin
        first_q <= step_last_q;
        if (step_last_q) begin
          pass_q <= step_end_q ? {PassBits{1'b0}} : pass_q + 1'b1;
        end
      end
      if (advance_i) begin
        valid_o <= issue;
      end
    end
  end

  always @(posedge clk_i) begin
    if (fetch) begin
      rom_end_q    <= at_end;
      step_end_q   <= rom_end_q;
      step_codes_q <= rom_data_i[0+:CodesBits];
      step_index_q <= index[IndexBits:1];
    end
    if (advance_i) begin
      first_o <= first_q;
      last_o  <= step_last_q;
      codes_o <= step_codes_q;
    end
  end
endmodule

`default_nettype wire
