// Final adder: resolves the carry-save pair of a result, shared by a whole column.
// Latency 1, rate 1.
// Design opt4c-stored-4x4 (hash 32522be6ef6946ca), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4c-stored-4x4
// A int8, B int8, two's complement; A becomes digits, en-t; its stream carries select lines.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: 4 passes over groups of 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4c_stored_4x4_final_adder_w32 (
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
