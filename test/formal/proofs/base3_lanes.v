// Four words in a row give themselves, and then their fifth digits, the first word's for the first lane.
module proof (
  input wire       clk,
  input wire       move,
  input wire [7:0] word
);
  reg [2:0] step    = 3'd0; // of five
  reg [7:0] waiting;        // fifth digits of the words of this group, as a table
  wire      waits   = step == 3'd4;
  wire [7:0] codes;
  wire [9:0] trits;

  bitsim_base3_decode reference (
    .code_i (word),
    .trits_o(trits)
  );

  bitsim_base3_lanes #(.Lanes(4)) dut (
    .clk_i    (clk),
    .take_i   (move & ~waits),
    .waiting_i(waits),
    .word_i   (word),
    .codes_o  (codes)
  );

  always @(posedge clk) begin
    if (move) begin
      step <= waits ? 3'd0 : step + 3'd1;
      if (!waits) waiting[2*step+:2] <= trits[9:8];
    end
  end

  always @* begin
    assert (step <= 3'd4);
    assert (codes == (waits ? waiting : trits[7:0]));
  end
endmodule
