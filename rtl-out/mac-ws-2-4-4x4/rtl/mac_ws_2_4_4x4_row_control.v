// Row control: passes the control bits of a step to its row at once and to the next row one
// edge later.
// Design mac-ws-2-4-4x4 (hash e518c2017fe2ffc3), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-ws-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: M + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(M, 10) cycles.
module mac_ws_2_4_4x4_row_control (
  input  wire clk_i,
  input  wire rst_ni,
  input  wire advance_i,   // moves everything; 0 freezes the array
  input  wire swap_i,      // from the row above
  output wire swap_o,      // to the row below
  output wire row_swap_o   // to the first PE of this row
);

  reg swap_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      swap_q <= 1'b0;
    end else if (advance_i) begin
      swap_q <= swap_i;
    end
  end

  assign swap_o = swap_q;
  assign row_swap_o = swap_i;

endmodule
