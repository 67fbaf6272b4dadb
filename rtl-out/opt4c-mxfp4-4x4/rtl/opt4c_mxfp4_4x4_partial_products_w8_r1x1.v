// Partial products: each digit selects a multiple of y_i; a negative digit complements it
// (the 1 that completes the negation is the digit's neg line, added by the compressor).
// Design opt4c-mxfp4-4x4 (hash b8a8fa3149bf1016), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4c-mxfp4-4x4
// A mxfp4 (elements are 4 bits, decoded to words of 8), B mxfp4 (elements are 4 bits, decoded to
// words of 8), two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: 4 passes over groups of 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, a group without any is dropped, but the first of a pass takes 1. Rows meet
// at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4c_mxfp4_4x4_partial_products_w8_r1x1 (
  input  wire [7:0] y_i,    // multiplicand, two's complement
  input  wire       one_i,  // digit select lines, from the encoder
  input  wire       two_i,  // digit select lines, from the encoder
  input  wire       neg_i,  // digit select lines, from the encoder
  output wire [8:0] pp0_o   // weight 1
);

  wire [8:0] pp0_one = {y_i[7], y_i} & {{8{one_i}}, one_i};
  wire [8:0] pp0_two = {y_i, 1'b0} & {{8{two_i}}, two_i};
  wire [8:0] pp0_abs = pp0_one | pp0_two;
  wire [8:0] pp0 = pp0_abs ^ {{8{neg_i}}, neg_i};
  assign pp0_o = pp0;

endmodule
