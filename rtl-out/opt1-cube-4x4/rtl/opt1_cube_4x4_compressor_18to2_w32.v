// Compressor tree: 4 partial products of each of 4 lanes and a carry-save pair
// become one carry-save pair, sum + 2 * carry, without carry propagation.
// Design opt1-cube-4x4 (hash 1375c53c03ae60fa), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-cube-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 7) cycles.
module opt1_cube_4x4_compressor_18to2_w32 (
  input  wire [35:0] pp0_i,    // partial product of each lane, complemented if negative
  input  wire [35:0] pp1_i,    // partial product of each lane, complemented if negative
  input  wire [35:0] pp2_i,    // partial product of each lane, complemented if negative
  input  wire [35:0] pp3_i,    // partial product of each lane, complemented if negative
  input  wire [15:0] neg_i,    // completes the negation of each partial product
  input  wire [31:0] sum_i,    // sum word of the carried pair
  input  wire [30:0] carry_i,  // carry word of the carried pair, weight 2
  output wire [31:0] sum_o,    // sum word
  output wire [30:0] carry_o   // carry word, weight 2
);

  wire [3:0] signs0_n = ~{pp3_i[8], pp2_i[8], pp1_i[8], pp0_i[8]};
  wire [3:0] signs1_n = ~{pp3_i[17], pp2_i[17], pp1_i[17], pp0_i[17]};
  wire [3:0] signs2_n = ~{pp3_i[26], pp2_i[26], pp1_i[26], pp0_i[26]};
  wire [3:0] signs3_n = ~{pp3_i[35], pp2_i[35], pp1_i[35], pp0_i[35]};
  wire tree0a_s = sum_i[6] ^ carry_i[5] ^ pp0_i[6];
  wire tree0a_c = (sum_i[6] & carry_i[5]) | (sum_i[6] & pp0_i[6]) | (carry_i[5] & pp0_i[6]);
  wire tree0b_s = sum_i[7] ^ carry_i[6];
  wire tree0b_c = sum_i[7] & carry_i[6];
  wire tree0c_s = pp1_i[4] ^ pp2_i[2];
  wire tree0c_c = pp1_i[4] & pp2_i[2];
  wire tree1a_s = sum_i[2] ^ carry_i[1];
  wire tree1a_c = sum_i[2] & carry_i[1];
  wire [6:0] tree1b_x = {pp3_i[4:0], sum_i[5:4]};
  wire [6:0] tree1b_y = {sum_i[10:8], pp0_i[7], neg_i[3], carry_i[4:3]};
  wire [6:0] tree1b_z = {carry_i[9:7], pp0_i[16:15], pp0_i[5:4]};
  wire [6:0] tree1b_s = tree1b_x ^ tree1b_y ^ tree1b_z;
  wire [6:0] tree1b_c = (tree1b_x & tree1b_y) | (tree1b_x & tree1b_z) | (tree1b_y & tree1b_z);
  wire tree1c_s = pp3_i[5] ^ sum_i[11];
  wire tree1c_c = pp3_i[5] & sum_i[11];
  wire [5:0] tree1d_x = {pp1_i[16:13], pp1_i[3:2]};
  wire [5:0] tree1d_y = {pp2_i[14:11], pp2_i[1:0]};
  wire [5:0] tree1d_z = {pp3_i[12:9], pp0_i[14], neg_i[2]};
  wire [5:0] tree1d_s = tree1d_x ^ tree1d_y ^ tree1d_z;
  wire [5:0] tree1d_c = (tree1d_x & tree1d_y) | (tree1d_x & tree1d_z) | (tree1d_y & tree1d_z);
  wire tree1e_n = pp2_i[15] ^ pp3_i[13];
  wire tree1e_s = ~tree1e_n;
  wire tree1e_c = pp2_i[15] | pp3_i[13];
  wire tree1f_s = pp0_i[13] ^ pp1_i[11];
  wire tree1f_c = pp0_i[13] & pp1_i[11];
  wire [4:0] tree1g_x = {signs0_n[1], pp1_i[7:5], neg_i[7]};
  wire [4:0] tree1g_y = {pp2_i[6:4], pp0_i[25:24]};
  wire [4:0] tree1g_z = {signs1_n[1], pp1_i[25:22]};
  wire [4:0] tree1g_s = tree1g_x ^ tree1g_y ^ tree1g_z;
  wire [4:0] tree1g_c = (tree1g_x & tree1g_y) | (tree1g_x & tree1g_z) | (tree1g_y & tree1g_z);
  wire [2:0] tree1h_z = {signs0_n[0], pp2_i[3], neg_i[11]};
  wire [2:0] tree1h_s = pp2_i[22:20] ^ pp3_i[20:18] ^ tree1h_z;
  wire [2:0] tree1h_c = (pp2_i[22:20] & pp3_i[20:18]) | (pp2_i[22:20] & tree1h_z) | (pp3_i[20:18] &
      tree1h_z);
  wire tree1i_s = pp2_i[23] ^ pp3_i[21];
  wire tree1i_c = pp2_i[23] & pp3_i[21];
  wire [1:0] tree1j_x = {signs1_n[0], pp0_i[34]};
  wire [1:0] tree1j_s = tree1j_x ^ pp1_i[33:32] ^ pp2_i[31:30];
  wire [1:0] tree1j_c = (tree1j_x & pp1_i[33:32]) | (tree1j_x & pp2_i[31:30]) | (pp1_i[33:32] &
      pp2_i[31:30]);
  wire tree1k_s = signs2_n[0] ^ pp3_i[29];
  wire tree1k_c = signs2_n[0] & pp3_i[29];
  wire [8:0] tree2a_x = {pp2_i[24], pp1_i[34], signs3_n[0], pp3_i[28], pp0_i[33], pp2_i[10:9],
      pp0_i[3:2]};
  wire [8:0] tree2a_y = {pp2_i[33:32], tree0b_c, tree0a_c, pp1_i[31], pp1_i[12], neg_i[6],
      pp1_i[1:0]};
  wire [8:0] tree2a_z = {tree1b_s[6:4], tree0b_s, pp2_i[29], pp0_i[23:22], sum_i[3], neg_i[1]};
  wire [8:0] tree2a_s = tree2a_x ^ tree2a_y ^ tree2a_z;
  wire [8:0] tree2a_c = (tree2a_x & tree2a_y) | (tree2a_x & tree2a_z) | (tree2a_y & tree2a_z);
  wire tree2b_n = pp2_i[25] ^ pp2_i[34];
  wire tree2b_s = ~tree2b_n;
  wire tree2b_c = pp2_i[25] | pp2_i[34];
  wire tree2c_s = sum_i[12] ^ carry_i[11] ^ pp3_i[6];
  wire tree2c_c = (sum_i[12] & carry_i[11]) | (sum_i[12] & pp3_i[6]) | (carry_i[11] & pp3_i[6]);
  wire tree2d_s = sum_i[13] ^ carry_i[12];
  wire tree2d_c = sum_i[13] & carry_i[12];
  wire [10:0] tree2e_x = {pp3_i[24:22], tree1d_s[5:4], tree0c_c, pp3_i[27], pp1_i[21:20],
      pp0_i[12:11]};
  wire [10:0] tree2e_y = {signs0_n[2], carry_i[10], tree1d_c[5:3], tree1b_s[3], neg_i[15],
      pp2_i[19:18], pp1_i[10:9]};
  wire [10:0] tree2e_z = {pp3_i[15], tree1b_c[6:2], tree0a_s, pp0_i[32], neg_i[10], carry_i[2],
      neg_i[5]};
  wire [10:0] tree2e_s = tree2e_x ^ tree2e_y ^ tree2e_z;
  wire [10:0] tree2e_c = (tree2e_x & tree2e_y) | (tree2e_x & tree2e_z) | (tree2e_y & tree2e_z);
  wire [8:0] tree2f_x = {signs1_n[2], tree1g_c[4:1], tree1d_s[3], tree1b_s[2:1], pp0_i[31]};
  wire [8:0] tree2f_y = {pp3_i[33:30], tree1h_s[2], tree1d_c[2], tree0c_s, pp1_i[30:29]};
  wire [8:0] tree2f_z = {signs2_n[2], pp2_i[7], tree1g_s[4:1], tree1b_c[1], pp2_i[28:27]};
  wire [8:0] tree2f_s = tree2f_x ^ tree2f_y ^ tree2f_z;
  wire [8:0] tree2f_c = (tree2f_x & tree2f_y) | (tree2f_x & tree2f_z) | (tree2f_y & tree2f_z);
  wire tree2g_s = tree1b_c[0] ^ tree1d_s[1];
  wire tree2g_c = tree1b_c[0] & tree1d_s[1];
  wire [5:0] tree2h_x = {pp2_i[16], signs2_n[1], tree1i_s, tree1j_s[1], tree1g_c[0], tree1d_c[1]};
  wire [5:0] tree2h_y = {pp3_i[14], signs3_n[1], tree1j_c, tree1h_s[1], tree1d_s[2]};
  wire [5:0] tree2h_z = {tree1c_s, tree1e_s, tree1h_c, tree1g_s[0]};
  wire [5:0] tree2h_s = tree2h_x ^ tree2h_y ^ tree2h_z;
  wire [5:0] tree2h_c = (tree2h_x & tree2h_y) | (tree2h_x & tree2h_z) | (tree2h_y & tree2h_z);
  wire [12:0] tree3a_x = {signs3_n[2], tree1e_c, tree1i_c, tree1k_c, tree1k_s, tree1j_s[0],
      tree1h_s[0], tree1d_c[0], neg_i[14], pp0_i[21:20], sum_i[1:0]};
  wire [12:0] tree3a_y = {tree1c_c, tree2a_c[8:3], tree1f_c, tree1b_s[0], pp1_i[19:18], pp0_i[1:0]};
  wire [12:0] tree3a_z = {tree2b_c, tree2b_s, tree2a_s[8:3], tree1d_s[0], pp0_i[30], neg_i[9],
      carry_i[0], neg_i[0]};
  wire [12:0] tree3a_s = tree3a_x ^ tree3a_y ^ tree3a_z;
  wire [12:0] tree3a_c = (tree3a_x & tree3a_y) | (tree3a_x & tree3a_z) | (tree3a_y & tree3a_z);
  wire tree3b_n = pp3_i[7] ^ pp3_i[16];
  wire tree3b_s = ~tree3b_n;
  wire tree3b_c = pp3_i[7] | pp3_i[16];
  wire tree3c_s = sum_i[14] ^ carry_i[13] ^ signs0_n[3];
  wire tree3c_c = (sum_i[14] & carry_i[13]) | (sum_i[14] & signs0_n[3]) | (carry_i[13] &
      signs0_n[3]);
  wire tree3d_s = pp0_i[9] ^ neg_i[4];
  wire tree3d_c = pp0_i[9] & neg_i[4];
  wire [12:0] tree3e_x = {signs1_n[3], pp3_i[25], tree2e_s[10:3], tree1f_s, tree1a_c, pp0_i[29]};
  wire [12:0] tree3e_y = {signs2_n[3], pp3_i[34], tree2f_s[8:2], tree2a_c[2:1], pp1_i[28:27]};
  wire [12:0] tree3e_z = {signs3_n[3], tree2e_c[10:2], tree2a_s[2:1], neg_i[13]};
  wire [12:0] tree3e_s = tree3e_x ^ tree3e_y ^ tree3e_z;
  wire [12:0] tree3e_c = (tree3e_x & tree3e_y) | (tree3e_x & tree3e_z) | (tree3e_y & tree3e_z);
  wire tree3f_s = tree2a_c[0] ^ tree2e_s[1];
  wire tree3f_c = tree2a_c[0] & tree2e_s[1];
  wire [9:0] tree3g_x = {tree2f_c, tree2e_c[1]};
  wire [9:0] tree3g_y = {tree2c_c, tree2h_c, tree2g_c, tree2g_s, tree2e_s[2]};
  wire [9:0] tree3g_z = {tree2d_s, tree2c_s, tree2h_s, tree2f_s[1:0]};
  wire [9:0] tree3g_s = tree3g_x ^ tree3g_y ^ tree3g_z;
  wire [9:0] tree3g_c = (tree3g_x & tree3g_y) | (tree3g_x & tree3g_z) | (tree3g_y & tree3g_z);
  wire [14:0] tree4a_x = {tree3e_s[12:2], tree2e_c[0], tree1a_s, pp0_i[19:18]};
  wire [14:0] tree4a_y = {tree2d_c, tree3b_s, tree3a_s[12:3], tree2a_s[0], pp0_i[10], neg_i[8]};
  wire [14:0] tree4a_z = {tree3b_c, tree3a_c[12:2], tree2e_s[0], pp0_i[28:27]};
  wire [14:0] tree4a_s = tree4a_x ^ tree4a_y ^ tree4a_z;
  wire [14:0] tree4a_c = (tree4a_x & tree4a_y) | (tree4a_x & tree4a_z) | (tree4a_y & tree4a_z);
  wire tree4b_n = sum_i[15] ^ carry_i[14];
  wire tree4b_s = ~tree4b_n;
  wire tree4b_c = sum_i[15] | carry_i[14];
  wire tree4c_s = tree3a_s[1] ^ tree3a_c[0];
  wire tree4c_c = tree3a_s[1] & tree3a_c[0];
  wire [12:0] tree4d_x = {tree3e_c[11:0], tree3a_s[2]};
  wire [12:0] tree4d_y = {tree3g_c, tree3f_c, tree3f_s, tree3a_c[1]};
  wire [12:0] tree4d_z = {tree3c_s, tree3g_s, tree3e_s[1:0]};
  wire [12:0] tree4d_s = tree4d_x ^ tree4d_y ^ tree4d_z;
  wire [12:0] tree4d_c = (tree4d_x & tree4d_y) | (tree4d_x & tree4d_z) | (tree4d_y & tree4d_z);
  wire tree4e_s = tree3e_c[12] ^ tree3c_c;
  wire tree4e_c = tree3e_c[12] & tree3c_c;
  wire tree5a_s = neg_i[12] ^ tree3a_s[0];
  wire tree5a_c = neg_i[12] & tree3a_s[0];
  wire [15:0] tree5b_x = {sum_i[16], tree4b_s, tree4d_s[12:1], tree4c_c, tree3d_c};
  wire [15:0] tree5b_y = {carry_i[15], tree4d_c[12], tree4a_s[14:1]};
  wire [15:0] tree5b_z = {tree4b_c, tree4a_c};
  wire [15:0] tree5b_s = tree5b_x ^ tree5b_y ^ tree5b_z;
  wire [15:0] tree5b_c = (tree5b_x & tree5b_y) | (tree5b_x & tree5b_z) | (tree5b_y & tree5b_z);
  wire [13:0] tree5c_s = sum_i[30:17] ^ carry_i[29:16];
  wire [13:0] tree5c_c = sum_i[30:17] & carry_i[29:16];
  wire tree5d_s = sum_i[31] ^ carry_i[30];
  wire [16:0] tree6a_x = {tree4e_c, tree4e_s, tree4d_c[11:0], tree4d_s[0], tree4c_s, tree3d_s};
  wire [16:0] tree6a_y = {tree5b_c[14:0], tree5a_c, tree4a_s[0]};
  wire [16:0] tree6a_z = {tree5b_s, tree5a_s};
  wire [16:0] tree6a_s = tree6a_x ^ tree6a_y ^ tree6a_z;
  wire [16:0] tree6a_c = (tree6a_x & tree6a_y) | (tree6a_x & tree6a_z) | (tree6a_y & tree6a_z);
  wire [13:0] tree6b_x = {tree5c_c[12:0], tree5b_c[15]};
  wire [13:0] tree6b_n = tree6b_x ^ tree5c_s;
  wire [13:0] tree6b_s = ~tree6b_n;
  wire [13:0] tree6b_c = tree6b_x | tree5c_s;
  wire tree6c_n = tree5c_c[13] ^ tree5d_s;
  wire tree6c_s = ~tree6c_n;
  assign sum_o = {tree6b_c[13], tree6b_s[13:1], tree6a_c[16], tree6a_s};
  assign carry_o = {tree6c_s, tree6b_c[12:0], tree6b_s[0], tree6a_c[15:0]};

endmodule
