// Row control: what the drain chain needs to know about a row.
// Its drain bit is 1 while the row holds a result that has to leave.
// Design opt4c-mxfp4-4x4 (hash b8a8fa3149bf1016), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4c-mxfp4-4x4
// A mxfp4 (elements are 4 bits, decoded to words of 8), B mxfp4 (elements are 4 bits, decoded to
// words of 8), two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: 4 passes over groups of 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, a group without any is dropped, but the first of a pass takes 1. Rows meet
// at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4c_mxfp4_4x4_row_control (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire advance_i,    // moves everything; 0 freezes the array
  input  wire start_i,      // every PE has captured its result
  input  wire shift_i,      // one row of results leaves
  input  wire full_i,       // drain bit of the row above
  output wire full_o,       // drain bit
  output wire row_shift_o   // moves the drain chain in this row
);

  reg full_q;
  wire moved = shift_i ? full_i : full_q;
  wire full_d = start_i | moved;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q <= 1'b0;
    end else if (advance_i) begin
      full_q <= full_d;
    end
  end

  assign full_o = full_q;
  wire row_shift = shift_i & full_q;
  assign row_shift_o = row_shift;

endmodule
