// Compressor tree: the 4 partial products of a lane become a carry-save pair,
// sum + 2 * carry, with an offset that makes each of them positive.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_compressor_4to2_w16 (
  input  wire [8:0]  pp0_i,    // partial product of each lane, complemented if negative
  input  wire [8:0]  pp1_i,    // partial product of each lane, complemented if negative
  input  wire [8:0]  pp2_i,    // partial product of each lane, complemented if negative
  input  wire [8:0]  pp3_i,    // partial product of each lane, complemented if negative
  input  wire [3:0]  neg_i,    // completes the negation of each partial product
  output wire [15:0] sum_o,    // sum word
  output wire [14:0] carry_o   // carry word, weight 2
);

  wire [3:0] signs_n = ~{pp3_i[8], pp2_i[8], pp1_i[8], pp0_i[8]};
  wire [2:0] tree0a_x = {signs_n[0], pp0_i[7:6]};
  wire [2:0] tree0a_s = tree0a_x ^ pp1_i[6:4];
  wire [2:0] tree0a_c = tree0a_x & pp1_i[6:4];
  wire [1:0] tree1a_s = pp0_i[5:4] ^ pp1_i[3:2];
  wire [1:0] tree1a_c = pp0_i[5:4] & pp1_i[3:2];
  wire [3:0] tree1b_z = {pp1_i[7], tree0a_s[2:1], neg_i[3]};
  wire [3:0] tree1b_s = pp2_i[5:2] ^ pp3_i[3:0] ^ tree1b_z;
  wire [3:0] tree1b_c = (pp2_i[5:2] & pp3_i[3:0]) | (pp2_i[5:2] & tree1b_z) | (pp3_i[3:0] &
      tree1b_z);
  wire tree1c_s = pp2_i[6] ^ pp3_i[4];
  wire tree1c_c = pp2_i[6] & pp3_i[4];
  wire tree2a_s = pp0_i[0] ^ neg_i[0];
  wire tree2a_c = pp0_i[0] & neg_i[0];
  wire [1:0] tree2b_s = pp0_i[3:2] ^ pp1_i[1:0];
  wire [1:0] tree2b_c = pp0_i[3:2] & pp1_i[1:0];
  wire [7:0] tree2c_x = {pp2_i[7], signs_n[1], tree0a_c, tree0a_s[0], pp2_i[1:0]};
  wire [7:0] tree2c_y = {pp3_i[5], tree1b_c, tree1a_c, neg_i[2]};
  wire [7:0] tree2c_z = {tree1c_c, tree1c_s, tree1b_s, tree1a_s};
  wire [7:0] tree2c_s = tree2c_x ^ tree2c_y ^ tree2c_z;
  wire [7:0] tree2c_c = (tree2c_x & tree2c_y) | (tree2c_x & tree2c_z) | (tree2c_y & tree2c_z);
  wire tree2d_s = signs_n[2] ^ pp3_i[6];
  wire tree2d_c = signs_n[2] & pp3_i[6];
  assign sum_o = {1'b0, signs_n[3], pp3_i[7], tree2c_c[7], tree2c_s[7:1], tree2b_c[1], tree2b_s[1],
      neg_i[1], pp0_i[1], tree2a_s};
  assign carry_o = {2'd0, tree2d_c, tree2d_s, tree2c_c[6:0], tree2c_s[0], tree2b_c[0], tree2b_s[0],
      tree2a_c};

endmodule
