// Compressor tree: 4 partial products of one bit weight and a carry-save pair become one
// carry-save pair, sum + 2 * carry, without carry propagation.
// Design opt4e-4x4 (hash f83087cf8d10a51c), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4e-4x4
// A int8, B int8, two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: 4 passes over groups of 4 x 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4e_4x4_compressor_6to2_w32 (
  input  wire [8:0]  pp0_i,    // partial product, complemented if negative
  input  wire [8:0]  pp1_i,    // partial product, complemented if negative
  input  wire [8:0]  pp2_i,    // partial product, complemented if negative
  input  wire [8:0]  pp3_i,    // partial product, complemented if negative
  input  wire [3:0]  neg_i,    // completes the negation of each partial product
  input  wire [31:0] sum_i,    // sum word of the carried pair
  input  wire [30:0] carry_i,  // carry word of the carried pair, weight 2
  output wire [31:0] sum_o,    // sum word
  output wire [30:0] carry_o   // carry word, weight 2
);

  wire [3:0] signs_n = ~{pp3_i[8], pp2_i[8], pp1_i[8], pp0_i[8]};
  wire tree0a_s = sum_i[0] ^ neg_i[0] ^ neg_i[1];
  wire tree0a_c = (sum_i[0] & neg_i[0]) | (sum_i[0] & neg_i[1]) | (neg_i[0] & neg_i[1]);
  wire tree1a_s = neg_i[2] ^ neg_i[3];
  wire tree1a_c = neg_i[2] & neg_i[3];
  wire tree1b_s = sum_i[1] ^ carry_i[0] ^ pp0_i[1];
  wire tree1b_c = (sum_i[1] & carry_i[0]) | (sum_i[1] & pp0_i[1]) | (carry_i[0] & pp0_i[1]);
  wire [6:0] tree1c_s = sum_i[8:2] ^ carry_i[7:1];
  wire [6:0] tree1c_c = sum_i[8:2] & carry_i[7:1];
  wire [8:0] tree2a_x = {signs_n[0], pp3_i[7:1], pp0_i[0]};
  wire [8:0] tree2a_y = {signs_n[1], pp1_i[7:0]};
  wire [8:0] tree2a_z = {signs_n[2], pp2_i[7:0]};
  wire [8:0] tree2a_s = tree2a_x ^ tree2a_y ^ tree2a_z;
  wire [8:0] tree2a_c = (tree2a_x & tree2a_y) | (tree2a_x & tree2a_z) | (tree2a_y & tree2a_z);
  wire tree2b_s = sum_i[9] ^ carry_i[8];
  wire tree2b_c = sum_i[9] & carry_i[8];
  wire tree2c_s = tree0a_c ^ tree1a_c;
  wire tree2c_c = tree0a_c & tree1a_c;
  wire [6:0] tree2d_x = {signs_n[3], pp0_i[7:2]};
  wire [6:0] tree2d_y = {tree1c_c[5:0], tree1b_c};
  wire [6:0] tree2d_s = tree2d_x ^ tree2d_y ^ tree1c_s;
  wire [6:0] tree2d_c = (tree2d_x & tree2d_y) | (tree2d_x & tree1c_s) | (tree2d_y & tree1c_s);
  wire tree3a_s = pp3_i[0] ^ tree0a_s;
  wire tree3a_c = pp3_i[0] & tree0a_s;
  wire [8:0] tree3b_x = {tree1c_c[6], tree2d_s[6:1], tree2c_c, tree1b_s};
  wire [8:0] tree3b_y = {tree2b_s, tree2a_s[8:1]};
  wire [8:0] tree3b_s = tree3b_x ^ tree3b_y ^ tree2a_c;
  wire [8:0] tree3b_c = (tree3b_x & tree3b_y) | (tree3b_x & tree2a_c) | (tree3b_y & tree2a_c);
  wire tree3c_n = sum_i[10] ^ carry_i[9];
  wire tree3c_s = ~tree3c_n;
  wire tree3c_c = sum_i[10] | carry_i[9];
  wire [19:0] tree3d_s = ~sum_i[30:11];
  wire tree3e_s = ~sum_i[31];
  wire [30:0] tree4a_x = {carry_i[29:10], tree2b_c, tree2d_c, tree2d_s[0], tree2c_s, tree1a_s};
  wire [30:0] tree4a_y = {sum_i[29:11], tree3c_c, tree3b_c, tree3a_c, tree2a_s[0]};
  wire [30:0] tree4a_z = {tree3d_s, tree3c_s, tree3b_s, tree3a_s};
  wire [30:0] tree4a_s = tree4a_x ^ tree4a_y ^ tree4a_z;
  wire [30:0] tree4a_c = (tree4a_x & tree4a_y) | (tree4a_x & tree4a_z) | (tree4a_y & tree4a_z);
  wire tree4b_s = carry_i[30] ^ sum_i[30] ^ tree3e_s;
  assign sum_o = {tree4a_c[30], tree4a_s};
  assign carry_o = {tree4b_s, tree4a_c[29:0]};

endmodule
