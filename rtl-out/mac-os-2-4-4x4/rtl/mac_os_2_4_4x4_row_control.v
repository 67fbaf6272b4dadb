// Row control: passes the control bits of a step to its row at once and to the next row one
// edge later.
// Its drain bit is 1 while the row holds a result that has to leave.
// Design mac-os-2-4-4x4 (hash dda8098d246dde80), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-os-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: 2 * ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(2 * ceil(K/4), 7) cycles.
module mac_os_2_4_4x4_row_control (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire advance_i,    // moves everything; 0 freezes the array
  input  wire valid_i,      // from the row above
  input  wire first_i,      // from the row above
  input  wire last_i,       // from the row above
  input  wire group_i,      // from the row above
  input  wire start_i,      // every PE has captured its result
  input  wire shift_i,      // one row of results leaves
  input  wire full_i,       // drain bit of the row above
  output wire full_o,       // drain bit
  output wire row_shift_o,  // moves the drain chain in this row
  output wire valid_o,      // to the row below
  output wire row_valid_o,  // to the first PE of this row
  output wire first_o,      // to the row below
  output wire row_first_o,  // to the first PE of this row
  output wire last_o,       // to the row below
  output wire row_last_o,   // to the first PE of this row
  output wire group_o,      // to the row below
  output wire row_group_o   // to the first PE of this row
);

  reg full_q;
  wire moved = shift_i ? full_i : full_q;
  wire full_d = start_i | moved;
  assign full_o = full_q;
  wire row_shift = shift_i & full_q;
  assign row_shift_o = row_shift;
  reg valid_q;
  assign valid_o = valid_q;
  assign row_valid_o = valid_i;
  reg first_q;
  assign first_o = first_q;
  assign row_first_o = first_i;
  reg last_q;
  assign last_o = last_q;
  assign row_last_o = last_i;
  reg group_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q <= 1'b0;
      valid_q <= 1'b0;
      first_q <= 1'b0;
      last_q <= 1'b0;
      group_q <= 1'b0;
    end else if (advance_i) begin
      full_q <= full_d;
      valid_q <= valid_i;
      first_q <= first_i;
      last_q <= last_i;
      group_q <= group_i;
    end
  end

  assign group_o = group_q;
  assign row_group_o = group_i;

endmodule
