// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Passes Classes logits on as they come and then sends one more beat: the index of the largest, the lowest index
// winning a tie. Every beat is sign-extended to 32 bits; the class beat carries last.
// A logit is compared while it is in the output register, so where it comes from and the comparison are two paths. It stays there
// until the next logit comes, and comparing it again changes nothing: the comparison hangs on no handshake.
// The trick: a > b is the carry out of a + ~b. Logits are kept with the sign bit turned, which orders them like unsigned numbers, and
// the largest is kept inverted: the comparison is a carry chain straight from registers.
// Parameters: Classes >= 1, AccBits 2..32. Latency: 1 cycle (output register), Classes + 1 beats a frame.
`default_nettype none

module bitsim_argmax #(
  parameter integer Classes = 10,
  parameter integer AccBits = 18
) (
  input  wire               clk_i,
  input  wire               rst_ni,
  input  wire               in_valid_i,
  output wire               in_ready_o,
  input  wire [AccBits-1:0] in_data_i,
  output wire               out_valid_o,
  input  wire               out_ready_i,
  output wire               out_last_o,
  output wire [31:0]        out_data_o
);
  localparam integer IndexBits = $clog2(Classes + 1);
  localparam integer LastInt = Classes - 1;
  localparam [IndexBits-1:0] Last = LastInt[IndexBits-1:0];

  reg [IndexBits-1:0]      index_q;       // of the logit that comes next
  reg                      at_end_q;      // none comes: the class is next
  reg [IndexBits-1:0]      logit_index_q; // of the one in the output register
  reg                      logit_first_q;
  reg [AccBits-1:0]        logit_q;       // sign bit turned
  reg [IndexBits-1:0]      best_index_q;
  reg [AccBits-1:0]        best_inv_q;    // the same of the largest, inverted
  reg                      out_valid_q;
  reg                      out_last_q;

  wire slot   = ~out_valid_q | out_ready_i;
  wire take   = in_valid_i & in_ready_o;
  wire [AccBits:0] carries = {1'b0, logit_q} + {1'b0, best_inv_q};
  wire better = logit_first_q | carries[AccBits];
  wire unused_sum = &{1'b0, carries[AccBits-1:0]};

  wire [31:0] logit_wide = {{(32 - AccBits + 1) {~logit_q[AccBits-1]}}, logit_q[AccBits-2:0]};
  wire [31:0] class_wide = {{(32 - IndexBits) {1'b0}}, best_index_q};

  assign in_ready_o  = slot & ~at_end_q;
  assign out_valid_o = out_valid_q;
  assign out_last_o  = out_last_q;
  assign out_data_o  = out_last_q ? class_wide : logit_wide;

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      index_q     <= {IndexBits{1'b0}};
      at_end_q    <= 1'b0;
      out_valid_q <= 1'b0;
      out_last_q  <= 1'b0;
    end else if (slot) begin
      out_valid_q <= at_end_q | in_valid_i;
      out_last_q  <= at_end_q;
      if (at_end_q) begin
        index_q  <= {IndexBits{1'b0}};
        at_end_q <= 1'b0;
      end else if (in_valid_i) begin
        index_q  <= index_q + 1'b1;
        at_end_q <= (index_q == Last);
      end
    end
  end

  always @(posedge clk_i) begin
    if (take) begin
      logit_q       <= {~in_data_i[AccBits-1], in_data_i[AccBits-2:0]};
      logit_index_q <= index_q;
      logit_first_q <= (index_q == {IndexBits{1'b0}});
    end
    if (better) begin
      best_inv_q   <= ~logit_q;
      best_index_q <= logit_index_q;
    end
  end
endmodule

`default_nettype wire
