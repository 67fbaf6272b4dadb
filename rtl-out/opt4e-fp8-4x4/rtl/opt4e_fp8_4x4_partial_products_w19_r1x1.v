// Partial products: each digit selects a multiple of y_i; a negative digit complements it
// (the 1 that completes the negation is the digit's neg line, added by the compressor).
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
module opt4e_fp8_4x4_partial_products_w19_r1x1 (
  input  wire [18:0] y_i,    // multiplicand, two's complement
  input  wire        one_i,  // digit select lines, from the encoder
  input  wire        two_i,  // digit select lines, from the encoder
  input  wire        neg_i,  // digit select lines, from the encoder
  output wire [19:0] pp0_o   // weight 1
);

  wire [19:0] pp0_one = {y_i[18], y_i} & {{19{one_i}}, one_i};
  wire [19:0] pp0_two = {y_i, 1'b0} & {{19{two_i}}, two_i};
  wire [19:0] pp0_abs = pp0_one | pp0_two;
  wire [19:0] pp0 = pp0_abs ^ {{19{neg_i}}, neg_i};
  assign pp0_o = pp0;

endmodule
