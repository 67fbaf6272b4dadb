// Joins 2 carry-save pairs, each at its weight, into one.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_join_w16l0_w16l0 (
  input  wire [15:0] sum0_i,    // sum word, weight 1
  input  wire [14:0] carry0_i,  // carry word, weight 2
  input  wire [15:0] sum1_i,    // sum word, weight 1
  input  wire [14:0] carry1_i,  // carry word, weight 2
  output wire [16:0] sum_o,     // sum word
  output wire [15:0] carry_o    // carry word, weight 2
);

  wire tree0a_s = sum0_i[1] ^ carry0_i[0];
  wire tree0a_c = sum0_i[1] & carry0_i[0];
  wire [13:0] tree0b_s = sum0_i[15:2] ^ carry0_i[14:1] ^ sum1_i[15:2];
  wire [13:0] tree0b_c = (sum0_i[15:2] & carry0_i[14:1]) | (sum0_i[15:2] & sum1_i[15:2]) |
      (carry0_i[14:1] & sum1_i[15:2]);
  wire tree1a_s = sum0_i[0] ^ sum1_i[0];
  wire tree1a_c = sum0_i[0] & sum1_i[0];
  wire [14:0] tree1b_y = {tree0b_c[12:0], tree0a_c, sum1_i[1]};
  wire [14:0] tree1b_z = {tree0b_s, tree0a_s};
  wire [14:0] tree1b_s = carry1_i ^ tree1b_y ^ tree1b_z;
  wire [14:0] tree1b_c = (carry1_i & tree1b_y) | (carry1_i & tree1b_z) | (tree1b_y & tree1b_z);
  assign sum_o = {tree0b_c[13], tree1b_s[14:1], tree1a_c, tree1a_s};
  assign carry_o = {tree1b_c, tree1b_s[0]};

endmodule
