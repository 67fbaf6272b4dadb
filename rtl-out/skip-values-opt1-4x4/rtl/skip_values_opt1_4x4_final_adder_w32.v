// Final adder: resolves the carry-save pair of a result, shared by a whole column.
// Latency 1, rate 1.
// Design skip-values-opt1-4x4 (hash ab164f8ef0a54ab8), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-opt1-4x4
// A int8, B int8, two's complement; A becomes digits, en-t.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_opt1_4x4_final_adder_w32 (
  input  wire        clk_i,
  input  wire        advance_i,  // loads the register
  input  wire [31:0] sum_i,      // sum word
  input  wire [30:0] carry_i,    // carry word, weight 2
  output wire [31:0] result_o    // sum + 2 * carry, one edge later
);

  wire [31:0] result = sum_i + {carry_i, 1'b0};
  reg [31:0] result_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      result_q <= result;
    end
  end

  assign result_o = result_q;

endmodule
