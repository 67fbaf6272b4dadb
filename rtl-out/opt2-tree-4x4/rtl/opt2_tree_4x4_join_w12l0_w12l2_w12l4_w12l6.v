// Joins 4 carry-save pairs, each at its weight, into one.
// Design opt2-tree-4x4 (hash 39987e6596b7c13a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt2-tree-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 9 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 4) cycles.
module opt2_tree_4x4_join_w12l0_w12l2_w12l4_w12l6 (
  input  wire [11:0] sum0_i,    // sum word, weight 1
  input  wire [10:0] carry0_i,  // carry word, weight 2
  input  wire [11:0] sum1_i,    // sum word, weight 4
  input  wire [10:0] carry1_i,  // carry word, weight 8
  input  wire [11:0] sum2_i,    // sum word, weight 16
  input  wire [10:0] carry2_i,  // carry word, weight 32
  input  wire [11:0] sum3_i,    // sum word, weight 64
  input  wire [10:0] carry3_i,  // carry word, weight 128
  output wire [17:0] sum_o,     // sum word
  output wire [16:0] carry_o    // carry word, weight 2
);

  wire tree0a_s = sum0_i[6] ^ carry0_i[5];
  wire tree0a_c = sum0_i[6] & carry0_i[5];
  wire [5:0] tree0b_x = {carry1_i[9], sum0_i[11:7]};
  wire [5:0] tree0b_y = {sum2_i[8], carry0_i[10:6]};
  wire [5:0] tree0b_s = tree0b_x ^ tree0b_y ^ sum1_i[10:5];
  wire [5:0] tree0b_c = (tree0b_x & tree0b_y) | (tree0b_x & sum1_i[10:5]) | (tree0b_y &
      sum1_i[10:5]);
  wire tree0c_s = carry1_i[10] ^ sum2_i[9];
  wire tree0c_c = carry1_i[10] & sum2_i[9];
  wire tree0d_s = carry1_i[4] ^ sum2_i[3];
  wire tree0d_c = carry1_i[4] & sum2_i[3];
  wire [3:0] tree0e_s = carry1_i[8:5] ^ sum2_i[7:4] ^ carry2_i[6:3];
  wire [3:0] tree0e_c = (carry1_i[8:5] & sum2_i[7:4]) | (carry1_i[8:5] & carry2_i[6:3]) |
      (sum2_i[7:4] & carry2_i[6:3]);
  wire tree1a_s = sum0_i[4] ^ carry0_i[3];
  wire tree1a_c = sum0_i[4] & carry0_i[3];
  wire [10:0] tree1b_x = {sum2_i[11:10], sum1_i[11], tree0b_s[5:1], carry2_i[2], carry1_i[3],
      sum0_i[5]};
  wire [10:0] tree1b_y = {sum3_i[9:1], sum2_i[2], carry0_i[4]};
  wire [10:0] tree1b_z = {carry3_i[8:0], sum1_i[4:3]};
  wire [10:0] tree1b_s = tree1b_x ^ tree1b_y ^ tree1b_z;
  wire [10:0] tree1b_c = (tree1b_x & tree1b_y) | (tree1b_x & tree1b_z) | (tree1b_y & tree1b_z);
  wire tree1c_s = carry1_i[2] ^ sum2_i[1];
  wire tree1c_c = carry1_i[2] & sum2_i[1];
  wire [7:0] tree1d_x = {tree0b_c, tree0a_c, carry2_i[1]};
  wire [7:0] tree1d_y = {tree0c_s, tree0e_c, tree0d_c, tree0b_s[0], sum3_i[0]};
  wire [7:0] tree1d_z = {carry2_i[8:7], tree0e_s, tree0d_s, tree0a_s};
  wire [7:0] tree1d_s = tree1d_x ^ tree1d_y ^ tree1d_z;
  wire [7:0] tree1d_c = (tree1d_x & tree1d_y) | (tree1d_x & tree1d_z) | (tree1d_y & tree1d_z);
  wire tree1e_s = carry2_i[9] ^ tree0c_c;
  wire tree1e_c = carry2_i[9] & tree0c_c;
  wire tree2a_s = sum0_i[3] ^ carry0_i[2];
  wire tree2a_c = sum0_i[3] & carry0_i[2];
  wire [11:0] tree2b_x = {tree1b_c[9:0], carry2_i[0], sum1_i[2]};
  wire [11:0] tree2b_y = {carry2_i[10], tree1d_c[7], tree1d_s[7:1], tree1c_c, tree1a_c,
      carry1_i[1]};
  wire [11:0] tree2b_z = {tree1b_s, sum2_i[0]};
  wire [11:0] tree2b_s = tree2b_x ^ tree2b_y ^ tree2b_z;
  wire [11:0] tree2b_c = (tree2b_x & tree2b_y) | (tree2b_x & tree2b_z) | (tree2b_y & tree2b_z);
  wire tree2c_s = tree1b_c[10] ^ sum3_i[10];
  wire tree2c_c = tree1b_c[10] & sum3_i[10];
  wire tree3a_s = sum0_i[2] ^ carry0_i[1];
  wire tree3a_c = sum0_i[2] & carry0_i[1];
  wire [13:0] tree3b_x = {carry3_i[9], tree1e_c, tree1e_s, tree1d_c[6:0], tree1d_s[0], tree1c_s,
      tree1a_s, sum1_i[1]};
  wire [13:0] tree3b_y = {tree2b_c, tree2a_c, carry1_i[0]};
  wire [13:0] tree3b_z = {tree2c_s, tree2b_s, tree2a_s};
  wire [13:0] tree3b_s = tree3b_x ^ tree3b_y ^ tree3b_z;
  wire [13:0] tree3b_c = (tree3b_x & tree3b_y) | (tree3b_x & tree3b_z) | (tree3b_y & tree3b_z);
  wire tree3c_s = carry3_i[10] ^ sum3_i[11] ^ tree2c_c;
  assign sum_o = {tree3b_c[13], tree3b_s[13:1], tree3a_c, sum1_i[0], sum0_i[1:0]};
  assign carry_o = {tree3c_s, tree3b_c[12:0], tree3b_s[0], tree3a_s, carry0_i[0]};

endmodule
