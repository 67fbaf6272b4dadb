// Compressor tree: 4 partial products of one bit weight and a carry-save pair become one
// carry-save pair, sum + 2 * carry, without carry propagation.
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
module opt4e_fp8_4x4_compressor_6to2_w48 (
  input  wire [19:0] pp0_i,    // partial product, complemented if negative
  input  wire [19:0] pp1_i,    // partial product, complemented if negative
  input  wire [19:0] pp2_i,    // partial product, complemented if negative
  input  wire [19:0] pp3_i,    // partial product, complemented if negative
  input  wire [3:0]  neg_i,    // completes the negation of each partial product
  input  wire [47:0] sum_i,    // sum word of the carried pair
  input  wire [46:0] carry_i,  // carry word of the carried pair, weight 2
  output wire [47:0] sum_o,    // sum word
  output wire [46:0] carry_o   // carry word, weight 2
);

  wire [3:0] signs_n = ~{pp3_i[19], pp2_i[19], pp1_i[19], pp0_i[19]};
  wire tree0a_s = sum_i[0] ^ neg_i[0] ^ neg_i[1];
  wire tree0a_c = (sum_i[0] & neg_i[0]) | (sum_i[0] & neg_i[1]) | (neg_i[0] & neg_i[1]);
  wire tree1a_s = neg_i[2] ^ neg_i[3];
  wire tree1a_c = neg_i[2] & neg_i[3];
  wire tree1b_s = sum_i[1] ^ carry_i[0] ^ pp0_i[1];
  wire tree1b_c = (sum_i[1] & carry_i[0]) | (sum_i[1] & pp0_i[1]) | (carry_i[0] & pp0_i[1]);
  wire [17:0] tree1c_s = sum_i[19:2] ^ carry_i[18:1];
  wire [17:0] tree1c_c = sum_i[19:2] & carry_i[18:1];
  wire [19:0] tree2a_x = {signs_n[0], pp3_i[18:1], pp0_i[0]};
  wire [19:0] tree2a_y = {signs_n[1], pp1_i[18:0]};
  wire [19:0] tree2a_z = {signs_n[2], pp2_i[18:0]};
  wire [19:0] tree2a_s = tree2a_x ^ tree2a_y ^ tree2a_z;
  wire [19:0] tree2a_c = (tree2a_x & tree2a_y) | (tree2a_x & tree2a_z) | (tree2a_y & tree2a_z);
  wire tree2b_s = sum_i[20] ^ carry_i[19];
  wire tree2b_c = sum_i[20] & carry_i[19];
  wire tree2c_s = tree0a_c ^ tree1a_c;
  wire tree2c_c = tree0a_c & tree1a_c;
  wire [17:0] tree2d_x = {signs_n[3], pp0_i[18:2]};
  wire [17:0] tree2d_y = {tree1c_c[16:0], tree1b_c};
  wire [17:0] tree2d_s = tree2d_x ^ tree2d_y ^ tree1c_s;
  wire [17:0] tree2d_c = (tree2d_x & tree2d_y) | (tree2d_x & tree1c_s) | (tree2d_y & tree1c_s);
  wire tree3a_s = pp3_i[0] ^ tree0a_s;
  wire tree3a_c = pp3_i[0] & tree0a_s;
  wire [19:0] tree3b_x = {tree1c_c[17], tree2d_s[17:1], tree2c_c, tree1b_s};
  wire [19:0] tree3b_y = {tree2b_s, tree2a_s[19:1]};
  wire [19:0] tree3b_s = tree3b_x ^ tree3b_y ^ tree2a_c;
  wire [19:0] tree3b_c = (tree3b_x & tree3b_y) | (tree3b_x & tree2a_c) | (tree3b_y & tree2a_c);
  wire tree3c_n = sum_i[21] ^ carry_i[20];
  wire tree3c_s = ~tree3c_n;
  wire tree3c_c = sum_i[21] | carry_i[20];
  wire [24:0] tree3d_s = ~sum_i[46:22];
  wire tree3e_s = ~sum_i[47];
  wire [46:0] tree4a_x = {carry_i[45:21], tree2b_c, tree2d_c, tree2d_s[0], tree2c_s, tree1a_s};
  wire [46:0] tree4a_y = {sum_i[45:22], tree3c_c, tree3b_c, tree3a_c, tree2a_s[0]};
  wire [46:0] tree4a_z = {tree3d_s, tree3c_s, tree3b_s, tree3a_s};
  wire [46:0] tree4a_s = tree4a_x ^ tree4a_y ^ tree4a_z;
  wire [46:0] tree4a_c = (tree4a_x & tree4a_y) | (tree4a_x & tree4a_z) | (tree4a_y & tree4a_z);
  wire tree4b_s = carry_i[46] ^ sum_i[46] ^ tree3e_s;
  assign sum_o = {tree4a_c[46], tree4a_s};
  assign carry_o = {tree4b_s, tree4a_c[45:0]};

endmodule
