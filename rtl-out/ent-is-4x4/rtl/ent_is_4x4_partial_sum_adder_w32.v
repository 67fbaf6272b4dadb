// Partial sum adder: adds the result of earlier tiles of K to a column's result.
// Latency 1, rate 1.
// Design ent-is-4x4 (hash a16f283cfc602a15), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit ent-is-4x4
// A int8, B int8, two's complement; B becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: N + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(N, 10) cycles.
module ent_is_4x4_partial_sum_adder_w32 (
  input  wire        clk_i,
  input  wire        take_i,        // loads the register
  input  wire        accumulate_i,  // adds the partial sum
  input  wire [31:0] result_i,      // from the array
  input  wire [31:0] partial_i,     // partial sum of earlier tiles
  output wire [31:0] result_o       // the sum, one edge later
);

  wire [31:0] gated = partial_i & {{31{accumulate_i}}, accumulate_i};
  wire [31:0] total = result_i + gated;
  reg [31:0] total_q;

  always @(posedge clk_i) begin
    if (take_i) begin
      total_q <= total;
    end
  end

  assign result_o = total_q;

endmodule
