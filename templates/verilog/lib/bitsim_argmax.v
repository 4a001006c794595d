// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Passes Classes logits on as they come and then sends one more beat: the index of the largest, the lowest index
// winning a tie. Every beat is sign-extended to 32 bits; the class beat carries last.
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
  localparam integer DataBits  = (AccBits > IndexBits + 1) ? AccBits : IndexBits + 1;
  localparam [IndexBits-1:0] End = Classes[IndexBits-1:0];

  reg [IndexBits-1:0]      index_q;
  reg [IndexBits-1:0]      best_index_q;
  reg signed [AccBits-1:0] best_q;
  reg                      out_valid_q;
  reg                      out_last_q;
  reg [DataBits-1:0]       out_data_q;

  wire at_end = (index_q == End);
  wire slot   = ~out_valid_q | out_ready_i;
  wire take   = in_valid_i & in_ready_o;
  wire better = (index_q == {IndexBits{1'b0}}) | ($signed(in_data_i) > best_q);

  wire [31:0]         logit_wide = {{(32 - AccBits + 1) {in_data_i[AccBits-1]}}, in_data_i[AccBits-2:0]};
  wire [31:0]         class_wide = {{(32 - IndexBits) {1'b0}}, best_index_q};
  wire [31:0]         data_wide  = at_end ? class_wide : logit_wide;
  wire [DataBits-1:0] data_d     = data_wide[DataBits-1:0];

  assign in_ready_o  = slot & ~at_end;
  assign out_valid_o = out_valid_q;
  assign out_last_o  = out_last_q;
  assign out_data_o  = {{(32 - DataBits + 1) {out_data_q[DataBits-1]}}, out_data_q[DataBits-2:0]};

  generate
    if (DataBits < 32) begin : gen_unused
      wire unused_wide = &{1'b0, data_wide[31:DataBits]};
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      index_q     <= {IndexBits{1'b0}};
      out_valid_q <= 1'b0;
      out_last_q  <= 1'b0;
    end else if (slot) begin
      out_valid_q <= at_end | in_valid_i;
      out_last_q  <= at_end;
      if (at_end) begin
        index_q <= {IndexBits{1'b0}};
      end else if (in_valid_i) begin
        index_q <= index_q + 1'b1;
      end
    end
  end

  always @(posedge clk_i) begin
    if (slot) begin
      out_data_q <= data_d;
    end
    if (take & better) begin
      best_q       <= in_data_i;
      best_index_q <= index_q;
    end
  end
endmodule

`default_nettype wire
