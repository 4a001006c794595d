// SPDX-License-Identifier: LicenseRef-bitsim-output (yours without conditions)
// Raw pixels to input codes with a crop and window sums, one pixel a cycle, by adders only:
//   code = (sum of the PoolRows x PoolCols pixels of a window) >> Shift, for the windows of the crop, in row order
// A window's running sum waits in a small memory, one word per column of windows, while the image goes by row by row.
// Parameters: Rows x Cols image; Top + CropRows <= Rows, Left + CropCols <= Cols; the pool divides the crop;
//   SumBits holds a whole window; 0 <= Shift < SumBits. Latency: 0 cycles from a window's last pixel to its code.
`default_nettype none

module bitsim_input_sum #(
  parameter integer Rows = 28,
  parameter integer Cols = 28,
  parameter integer Top = 0,
  parameter integer Left = 0,
  parameter integer CropRows = 28,
  parameter integer CropCols = 28,
  parameter integer PoolRows = 2,
  parameter integer PoolCols = 2,
  parameter integer PixelBits = 8,
  parameter integer SumBits = 10,
  parameter integer Shift = 3
) (
  input  wire                     clk_i,
  input  wire                     rst_ni,
  input  wire                     in_valid_i,
  output wire                     in_ready_o,
  input  wire [PixelBits-1:0]     in_data_i,
  output wire                     out_valid_o,
  input  wire                     out_ready_i,
  output wire [SumBits-Shift-1:0] out_data_o
);
  localparam integer Windows  = CropCols / PoolCols; // in one row of windows
  localparam integer RowBits  = (Rows > 1) ? $clog2(Rows) : 1;
  localparam integer ColBits  = (Cols > 1) ? $clog2(Cols) : 1;
  localparam integer WinBits  = (Windows > 1) ? $clog2(Windows) : 1;
  localparam integer PRowBits = (PoolRows > 1) ? $clog2(PoolRows) : 1;
  localparam integer PColBits = (PoolCols > 1) ? $clog2(PoolCols) : 1;
  localparam integer LastRowInt = Rows - 1;
  localparam integer LastColInt = Cols - 1;
  localparam integer LastWinInt = Windows - 1;
  localparam integer LastPRowInt = PoolRows - 1;
  localparam integer LastPColInt = PoolCols - 1;
  localparam integer BottomInt = Top + CropRows - 1;
  localparam integer RightInt = Left + CropCols - 1;
  localparam [RowBits-1:0]  LastRow  = LastRowInt[RowBits-1:0];
  localparam [ColBits-1:0]  LastCol  = LastColInt[ColBits-1:0];
  localparam [WinBits-1:0]  LastWin  = LastWinInt[WinBits-1:0];
  localparam [PRowBits-1:0] LastPRow = LastPRowInt[PRowBits-1:0];
  localparam [PColBits-1:0] LastPCol = LastPColInt[PColBits-1:0];
  localparam [RowBits-1:0]  First    = Top[RowBits-1:0];
  localparam [RowBits-1:0]  Bottom   = BottomInt[RowBits-1:0];
  localparam [ColBits-1:0]  Leftmost = Left[ColBits-1:0];
  localparam [ColBits-1:0]  Right    = RightInt[ColBits-1:0];

  reg [RowBits-1:0]  row_q;
  reg [ColBits-1:0]  col_q;
  reg [WinBits-1:0]  win_q;    // window in its row of windows
  reg [PRowBits-1:0] prow_q;   // row and column within the window
  reg [PColBits-1:0] pcol_q;
  reg                rows_q;   // within the crop's rows, and columns
  reg                cols_q;
  reg [SumBits-1:0]  line_q;   // sum of this window's pixels in this row so far

  wire row_end  = (row_q == LastRow);
  wire col_end  = (col_q == LastCol);
  wire win_end  = (win_q == LastWin);
  wire prow_end = (prow_q == LastPRow);
  wire pcol_end = (pcol_q == LastPCol);
  wire in_crop   = rows_q & cols_q;
  wire line_end = in_crop & pcol_end;  // this pixel ends a window's part of the row
  wire complete = line_end & prow_end;
  wire accept   = in_valid_i & in_ready_o;

  wire [SumBits-1:0] above; // sum of the window's rows above
  wire [SumBits-1:0] line = ((pcol_q == {PColBits{1'b0}}) ? {SumBits{1'b0}} : line_q) +
                            {{(SumBits - PixelBits) {1'b0}}, in_data_i};
  wire [SumBits-1:0] sum  = ((prow_q == {PRowBits{1'b0}}) ? {SumBits{1'b0}} : above) + line;

  assign in_ready_o  = ~complete | out_ready_i;
  assign out_valid_o = complete & in_valid_i;
  assign out_data_o  = sum[SumBits-1:Shift];

  generate
    if (Shift > 0) begin : gen_dropped
      wire unused_low = &{1'b0, sum[Shift-1:0]};
    end
    if (PoolRows == 1) begin : gen_no_rows_above
      assign above = {SumBits{1'b0}};
    end else if (Windows == 1) begin : gen_one_window
      reg [SumBits-1:0] above_q;
      always @(posedge clk_i) begin
        if (accept & line_end) begin
          above_q <= sum;
        end
      end
      assign above = above_q;
    end else begin : gen_memory
      // the next window's word is read while this one's is written: they differ, because there are two or more
      reg [SumBits-1:0] mem [0:Windows-1];
      reg [SumBits-1:0] above_q;
      wire [WinBits-1:0] next = win_end ? {WinBits{1'b0}} : win_q + 1'b1;
      wire               move = accept & line_end;
      always @(posedge clk_i) begin
        if (move) begin
          mem[win_q] <= sum;
        end
      end
      always @(posedge clk_i) begin
        if (move) begin
          above_q <= mem[next];
        end
      end
      assign above = above_q;
    end
  endgenerate

  always @(posedge clk_i) begin
    if (!rst_ni) begin
      row_q  <= {RowBits{1'b0}};
      col_q  <= {ColBits{1'b0}};
      win_q  <= {WinBits{1'b0}};
      prow_q <= {PRowBits{1'b0}};
      pcol_q <= {PColBits{1'b0}};
      rows_q <= (Top == 0);
      cols_q <= (Left == 0);
    end else if (accept) begin
      col_q <= col_end ? {ColBits{1'b0}} : col_q + 1'b1;
      if (col_end) begin
        cols_q <= (Left == 0);
      end else if (col_q == Right) begin
        cols_q <= 1'b0;
      end else if (col_q + 1'b1 == Leftmost) begin
        cols_q <= 1'b1;
      end
      if (cols_q) begin
        pcol_q <= pcol_end ? {PColBits{1'b0}} : pcol_q + 1'b1;
        if (pcol_end) begin
          win_q <= win_end ? {WinBits{1'b0}} : win_q + 1'b1;
        end
      end
      if (col_end) begin
        row_q <= row_end ? {RowBits{1'b0}} : row_q + 1'b1;
        if (row_end) begin
          rows_q <= (Top == 0);
        end else if (row_q == Bottom) begin
          rows_q <= 1'b0;
        end else if (row_q + 1'b1 == First) begin
          rows_q <= 1'b1;
        end
        if (rows_q) begin
          prow_q <= prow_end ? {PRowBits{1'b0}} : prow_q + 1'b1;
        end
      end
    end
  end

  always @(posedge clk_i) begin
    if (accept & in_crop) begin
      line_q <= line;
    end
  end
endmodule

`default_nettype wire
