// Row control: what the drain chain needs to know about a row.
// Its drain bit is 1 while the row holds a result that has to leave.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_row_control (
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
