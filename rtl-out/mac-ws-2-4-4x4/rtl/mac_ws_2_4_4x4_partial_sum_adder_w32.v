// Partial sum adder: adds the result of earlier tiles of K to a column's result.
// Latency 1, rate 1.
// Design mac-ws-2-4-4x4 (hash e518c2017fe2ffc3), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-ws-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: M + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(M, 10) cycles.
module mac_ws_2_4_4x4_partial_sum_adder_w32 (
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
