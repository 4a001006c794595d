// What AXI4-Stream asks of a source (ARM IHI 0051A, 2.2 and 2.8): an offered beat stays and stays as it is until it is taken,
// nothing is offered in reset, and handshakes are never unknown. And of this design: valid does not hang on ready.
`default_nettype none

module stream_checker #(
  parameter Name = "stream",
  parameter integer Bits = 33
) (
  input wire            clk_i,
  input wire            rst_ni,
  input wire            valid_i,
  input wire            ready_i,
  input wire [Bits-1:0] payload_i,
  input wire            known_i // payload must be known while it is offered
);
  integer errors = 0;
  reg            waiting_q = 1'b0;
  reg [Bits-1:0] payload_q;
  reg [1:0]      reset_q = 2'd0; // clock edges in reset, up to two

  always @(posedge clk_i) begin
    reset_q   <= rst_ni ? 2'd0 : (reset_q == 2'd2) ? 2'd2 : reset_q + 2'd1;
    waiting_q <= rst_ni & valid_i & ~ready_i;
    payload_q <= payload_i;
    if (rst_ni) begin
      if ((valid_i ^ valid_i) !== 1'b0 || (ready_i ^ ready_i) !== 1'b0) begin
        $display("protocol: %0s: handshake is unknown at %0t", Name, $time);
        errors = errors + 1;
      end
      if (waiting_q && valid_i !== 1'b1) begin
        $display("protocol: %0s: a beat was taken back at %0t", Name, $time);
        errors = errors + 1;
      end
      if (waiting_q && valid_i === 1'b1 && payload_i !== payload_q) begin
        $display("protocol: %0s: a waiting beat changed at %0t", Name, $time);
        errors = errors + 1;
      end
      if (known_i && valid_i === 1'b1 && (^payload_i) === 1'bx) begin
        $display("protocol: %0s: an offered beat is unknown at %0t", Name, $time);
        errors = errors + 1;
      end
    end else if (reset_q != 2'd0 && valid_i !== 1'b0) begin
      $display("protocol: %0s: something is offered in reset at %0t", Name, $time);
      errors = errors + 1;
    end
  end

  // ready is changed in the middle of a cycle: valid and payload must not follow
  reg            before_valid;
  reg [Bits-1:0] before_payload;
  always @(negedge clk_i) begin
    before_valid   = valid_i;
    before_payload = payload_i;
    #2;
    if (rst_ni && (valid_i !== before_valid || (valid_i === 1'b1 && payload_i !== before_payload))) begin
      $display("protocol: %0s: valid or payload hangs on ready at %0t", Name, $time);
      errors = errors + 1;
    end
  end
endmodule

`default_nettype wire
