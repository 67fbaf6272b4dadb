// Row control: what the drain chain needs to know about a row.
// Its drain bit is 1 while the row holds a result that has to leave.
// Design skip-values-4x4 (hash 69a941f8f927e274), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-4x4
// A int8, B int8, two's complement; not encoded: the * operator.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 7 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_4x4_row_control (
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
