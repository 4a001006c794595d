// Plays a script of beats and resets into an emitted design, and holds what comes out against the expected frames. The script
// is a file of lines `op last data`: 0 a beat; 1 wait until `data` frame errors were counted since the last reset and no more;
// 2 reset in whatever is going on, then go on with expected beat number `data`; 3 the end.
`default_nettype none

module tb;
  integer stall, seed, limit, fd, i, errors, taken, idle;
  reg [3:0] op;
  reg       op_last;
  reg [`IN_BITS+63:0] op_data;

  reg aclk = 1'b0;
  always #5 aclk = ~aclk;

  reg aresetn = 1'b0;
  reg s_tvalid = 1'b0;
  reg s_tlast = `IDLE;
  reg [`IN_BITS-1:0] s_tdata = {`IN_BITS{`IDLE}};
  wire s_tready, m_tvalid, m_tlast, frame_error;
  wire [31:0] m_tdata;
  reg m_tready = 1'b0;

  `TOP u_dut (
    .aclk(aclk), .aresetn(aresetn),
    .s_axis_tvalid(s_tvalid), .s_axis_tready(s_tready), .s_axis_tlast(s_tlast), .s_axis_tdata(s_tdata),
    .m_axis_tvalid(m_tvalid), .m_axis_tready(m_tready), .m_axis_tlast(m_tlast), .m_axis_tdata(m_tdata),
    .frame_error(frame_error)
  );

  // expected beats: {the value matters, last, data}
  reg [33:0] expected [0:`EXPECTED];
  integer want;
  wire care = expected[want][33];

  stream_checker #(.Name("s_axis"), .Bits(1)) u_in (
    .clk_i(aclk), .rst_ni(aresetn), .valid_i(s_tvalid), .ready_i(s_tready), .payload_i(s_tlast), .known_i(1'b1)
  );
  stream_checker #(.Name("m_axis"), .Bits(33)) u_out (
    .clk_i(aclk), .rst_ni(aresetn), .valid_i(m_tvalid), .ready_i(m_tready), .payload_i({m_tlast, m_tdata}), .known_i(care)
  );

  always @(negedge aclk) begin
    #1 m_tready = ~m_tready; // seen by the checker in the middle of the cycle
    #2 m_tready = (stall == 0) | ($random(seed) & 32'd3) != 32'd0;
  end

  // what comes out
  always @(posedge aclk) begin
    if (aresetn && frame_error === 1'b1) taken = taken + 1;
    if (aresetn && frame_error !== 1'b0 && frame_error !== 1'b1) begin
      $display("protocol: frame_error is unknown at %0t", $time);
      errors = errors + 1;
    end
    idle = (aresetn && ((m_tvalid && m_tready) || (s_tvalid && s_tready))) ? 0 : idle + 1;
    if (aresetn && m_tvalid === 1'b1 && m_tready) begin
      if (want >= limit) begin
        $display("protocol: more comes out than went in at %0t", $time);
        errors = errors + 1;
      end else if (m_tlast !== expected[want][32] || (care && m_tdata !== expected[want][31:0])) begin
        $display("protocol: output beat %0d is %h %b, not %h %b", want, m_tdata, m_tlast, expected[want][31:0],
                 expected[want][32]);
        errors = errors + 1;
      end
      want = want + 1;
    end
    if (idle > `PATIENCE) begin
      $display("protocol: nothing moves at output beat %0d of %0d", want, limit);
      $display("protocol: FAIL");
      $finish;
    end
  end

  task beat;
    begin
      while (stall != 0 && ($random(seed) & 32'd3) == 32'd0) @(posedge aclk) #1;
      s_tvalid = 1'b1;
      s_tlast  = op_last;
      s_tdata  = op_data[`IN_BITS-1:0];
      @(posedge aclk);
      while (s_tready !== 1'b1) @(posedge aclk);
      #1 s_tvalid = 1'b0;
      s_tlast = `IDLE; // what is not offered must not be looked at
      s_tdata = {`IN_BITS{`IDLE}};
    end
  endtask

  initial begin
    stall  = 1;
    seed   = 1;
    errors = 0;
    taken  = 0;
    idle   = 0;
    want   = 0;
    if (!$value$plusargs("stall=%d", stall)) stall = 1;
    if (!$value$plusargs("seed=%d", seed)) seed = 1;
    $readmemh("expected.hex", expected);
    fd = $fopen("script.txt", "r");
    if ($fscanf(fd, "%d %b %h\n", op, op_last, op_data) != 3) $finish;
    limit = op_data; // the first line: how many expected beats the first segment has
    repeat (3) @(posedge aclk);
    #1 aresetn = 1'b1;
    op = 4'd0;
    while (op != 4'd3) begin
      if ($fscanf(fd, "%d %b %h\n", op, op_last, op_data) != 3) op = 4'd3;
      if (op == 4'd0) beat;
      if (op == 4'd1) begin
        repeat (3) @(posedge aclk);
        if (taken != op_data) begin
          $display("protocol: %0d frame errors, not %0d", taken, op_data);
          errors = errors + 1;
        end
      end
      if (op == 4'd2) begin
        repeat ($random(seed) & 32'd31) @(posedge aclk);
        #1 aresetn = 1'b0;
        repeat (1 + ($random(seed) & 32'd3)) @(posedge aclk);
        #1 want = op_data[31:0];
        limit = op_data[63:32];
        taken = 0;
        aresetn = 1'b1;
      end
    end
    while (want < limit) @(posedge aclk);
    repeat (200) @(posedge aclk);
    if (errors + u_in.errors + u_out.errors == 0 && want == limit) $display("protocol: PASS beats=%0d", want);
    else $display("protocol: FAIL");
    $finish;
  end
endmodule

`default_nettype wire
