// Final adder: resolves the carry-save pair of a result, shared by a whole column.
// Latency 1, rate 1.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_final_adder_w32 (
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
