// Partial products: each digit selects a multiple of y_i; a negative digit complements it
// (the 1 that completes the negation is the digit's neg line, added by the compressor).
// Design pragmatic-4x4 (hash d76c076a67f55e32), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit pragmatic-4x4
// A int8, B int8, two's complement; A becomes digits, csd, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there until no
// term is left, at least 1 cycle; a cycle takes terms less than 4 places above the lowest.
// Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module pragmatic_4x4_partial_products_w8_r1x1 (
  input  wire [7:0]  y_i,    // multiplicand, two's complement
  input  wire        by0_i,  // digit select lines, from the encoder
  input  wire        by1_i,  // digit select lines, from the encoder
  input  wire        by2_i,  // digit select lines, from the encoder
  input  wire        by3_i,  // digit select lines, from the encoder
  input  wire        neg_i,  // digit select lines, from the encoder
  output wire [10:0] pp0_o   // weight 1
);

  wire [10:0] pp0_by0 = {{3{y_i[7]}}, y_i} & {{10{by0_i}}, by0_i};
  wire [10:0] pp0_by1 = {{2{y_i[7]}}, y_i, 1'b0} & {{10{by1_i}}, by1_i};
  wire [10:0] pp0_by2 = {y_i[7], y_i, 2'd0} & {{10{by2_i}}, by2_i};
  wire [10:0] pp0_by3 = {y_i, 3'd0} & {{10{by3_i}}, by3_i};
  wire [10:0] pp0_abs = pp0_by0 | pp0_by1 | pp0_by2 | pp0_by3;
  wire [10:0] pp0 = pp0_abs ^ {{10{neg_i}}, neg_i};
  assign pp0_o = pp0;

endmodule
