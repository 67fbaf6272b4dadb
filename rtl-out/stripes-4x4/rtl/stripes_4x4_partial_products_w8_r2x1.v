// Partial products: each digit selects a multiple of y_i; a negative digit complements it
// (the 1 that completes the negation is the digit's neg line, added by the compressor).
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_partial_products_w8_r2x1 (
  input  wire [7:0] y_i,    // multiplicand, two's complement
  input  wire       one_i,  // digit select lines, from the encoder
  input  wire       neg_i,  // digit select lines, from the encoder
  output wire [7:0] pp0_o   // weight 1
);

  wire [7:0] pp0_one = y_i & {{7{one_i}}, one_i};
  wire [7:0] pp0 = pp0_one ^ {{7{neg_i}}, neg_i};
  assign pp0_o = pp0;

endmodule
