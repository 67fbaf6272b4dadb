// Final adder: resolves the carry-save pair of a result, shared by a whole column.
// Latency 1, rate 1.
// Design opt4e-fp8-4x4 (hash 587eb6d3579f686d), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4e-fp8-4x4
// A fp8-e4m3 (elements are 8 bits, decoded to words of 19), B fp8-e4m3 (elements are 8 bits,
// decoded to words of 19), two's complement; A becomes digits, naf-4, at the edge of the array.
// Results int48, two's complement, modulo 2^48.
// Cycles follow the data: 10 passes over groups of 4 x 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, a group without any is dropped, but the first of a pass takes 1. Rows meet
// at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4e_fp8_4x4_final_adder_w48 (
  input  wire        clk_i,
  input  wire        advance_i,  // loads the register
  input  wire [47:0] sum_i,      // sum word
  input  wire [46:0] carry_i,    // carry word, weight 2
  output wire [47:0] result_o    // sum + 2 * carry, one edge later
);

  wire [47:0] result = sum_i + {carry_i, 1'b0};
  reg [47:0] result_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      result_q <= result;
    end
  end

  assign result_o = result_q;

endmodule
