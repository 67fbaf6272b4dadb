// Row control: passes the control bits of a step to its row at once and to the next row one
// edge later.
// Design ent-is-4x4 (hash a16f283cfc602a15), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit ent-is-4x4
// A int8, B int8, two's complement; B becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: N + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(N, 10) cycles.
module ent_is_4x4_row_control (
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
