// One operand of a group: it is registered, and shown while it is picked.
// Design skip-values-both-4x4 (hash 535f1cab09555052), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-both-4x4
// A int8, B int8, two's complement; not encoded: the * operator.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, a group without any is dropped, but the first of a tile takes
// 1. Rows meet at the end of a tile.
// Latency of a tile: W + 7 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_both_4x4_operand_value_w8 (
  input  wire       clk_i,
  input  wire       accept_i,   // loads the register
  input  wire [7:0] a_i,        // operand
  output wire       nonzero_o,  // a_i is not 0
  input  wire       pick_i,     // shows the value
  output wire [7:0] value_o     // the registered value, or 0
);

  wire nonzero_none = a_i == 8'd0;
  wire nonzero = ~nonzero_none;
  reg [7:0] a_q;

  always @(posedge clk_i) begin
    if (accept_i) begin
      a_q <= a_i;
    end
  end

  assign nonzero_o = nonzero;
  wire [7:0] shown = a_q & {{7{pick_i}}, pick_i};
  assign value_o = shown;

endmodule
