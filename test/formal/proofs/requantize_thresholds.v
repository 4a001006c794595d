// The binary search against counting, for thresholds that ascend; the ROM address runs ahead by the words that left.
module proof #(
  parameter integer Lanes = 2,
  parameter integer AccBits = 5,
  parameter integer OutBits = 2,
  parameter integer FrameWords = 3
) (
  input wire                     clk,
  input wire                     take,
  input wire [Lanes*AccBits-1:0] acc
);
  localparam integer Levels   = (1 << OutBits) - 1;
  localparam integer AddrBits = (FrameWords > 1) ? $clog2(FrameWords) : 1;
  localparam integer Width    = Lanes * Levels * AccBits;

  reg started = 1'b0;
  always @(posedge clk) started <= 1'b1;

  // any ROM
  (* anyconst *) wire [FrameWords*Width-1:0] rom;
  wire [AddrBits-1:0]      addr;
  reg  [Width-1:0]         data;
  wire [Lanes*OutBits-1:0] code;

  bitsim_requantize_thresholds #(
    .Lanes(Lanes), .AccBits(AccBits), .OutBits(OutBits), .FrameWords(FrameWords), .AddrBits(AddrBits), .Levels(Levels)
  ) dut (
    .clk_i     (clk),
    .rst_ni    (started),
    .take_i    (take),
    .acc_i     (acc),
    .rom_addr_o(addr),
    .rom_data_i(data),
    .code_o    (code)
  );

  integer w;
  always @(posedge clk) begin
    for (w = 0; w < FrameWords; w = w + 1) if (addr == w) data <= rom[w*Width+:Width];
  end

  reg [3:0] word = 4'd0; // words of the frame that have left
  always @(posedge clk) if (started && take) word <= (word == FrameWords - 1) ? 4'd0 : word + 4'd1;

  integer l;
  integer k;
  reg [3:0]         reached;
  reg [Width-1:0]   own;
  always @* begin
    own = 0;
    for (w = 0; w < FrameWords; w = w + 1) if (word == w) own = rom[w*Width+:Width];
    for (l = 0; l < Lanes; l = l + 1) begin
      reached = 4'd0;
      for (k = 0; k < Levels; k = k + 1) begin
        if ($signed(acc[l*AccBits+:AccBits]) >= $signed(own[(l*Levels+k)*AccBits+:AccBits])) reached = reached + 4'd1;
        if (k > 0)
          assume ($signed(own[(l*Levels+k)*AccBits+:AccBits]) >= $signed(own[(l*Levels+k-1)*AccBits+:AccBits]));
      end
      if (started) assert (code[l*OutBits+:OutBits] == reached);
    end
  end
endmodule
