// Compressor tree: 1 partial products of one bit weight and a carry-save pair become one
// carry-save pair, sum + 2 * carry, without carry propagation.
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
module opt4c_mxfp4_4x4_compressor_3to2_w32 (
  input  wire [8:0]  pp0_i,    // partial product, complemented if negative
  input  wire        neg_i,    // completes the negation of each partial product
  input  wire [31:0] sum_i,    // sum word of the carried pair
  input  wire [30:0] carry_i,  // carry word of the carried pair, weight 2
  output wire [31:0] sum_o,    // sum word
  output wire [30:0] carry_o   // carry word, weight 2
);

  wire signs_n = ~pp0_i[8];
  wire [22:0] tree0a_n = sum_i[30:8] ^ carry_i[29:7];
  wire [22:0] tree0a_s = ~tree0a_n;
  wire [22:0] tree0a_c = sum_i[30:8] | carry_i[29:7];
  wire tree0b_n = sum_i[31] ^ carry_i[30];
  wire tree0b_s = ~tree0b_n;
  wire [7:0] tree1a_x = {carry_i[6:0], neg_i};
  wire [7:0] tree1a_s = tree1a_x ^ sum_i[7:0] ^ pp0_i[7:0];
  wire [7:0] tree1a_c = (tree1a_x & sum_i[7:0]) | (tree1a_x & pp0_i[7:0]) | (sum_i[7:0] &
      pp0_i[7:0]);
  wire [22:0] tree1b_x = {tree0a_c[21:0], signs_n};
  wire [22:0] tree1b_s = tree1b_x ^ tree0a_s;
  wire [22:0] tree1b_c = tree1b_x & tree0a_s;
  wire tree1c_s = tree0a_c[22] ^ tree0b_s;
  assign sum_o = {tree1b_c[22], tree1b_s[22:1], tree1a_c[7], tree1a_s};
  assign carry_o = {tree1c_s, tree1b_c[21:0], tree1b_s[0], tree1a_c[6:0]};

endmodule
