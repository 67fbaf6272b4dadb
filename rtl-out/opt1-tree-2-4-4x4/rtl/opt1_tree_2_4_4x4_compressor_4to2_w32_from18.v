// Compressor: a narrow carry-save pair is added to the carried one, and its offset taken away.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_compressor_4to2_w32_from18 (
  input  wire [17:0] low_sum_i,    // sum word of the narrow pair
  input  wire [16:0] low_carry_i,  // carry word of the narrow pair, weight 2
  input  wire [31:0] sum_i,        // sum word of the carried pair
  input  wire [30:0] carry_i,      // carry word of the carried pair, weight 2
  output wire [31:0] sum_o,        // sum word
  output wire [30:0] carry_o       // carry word, weight 2
);

  wire tree0a_s = ~sum_i[10];
  wire tree0b_n = sum_i[11] ^ carry_i[10];
  wire tree0b_s = ~tree0b_n;
  wire tree0b_c = sum_i[11] | carry_i[10];
  wire tree0c_s = carry_i[11] ^ sum_i[12];
  wire tree0c_c = carry_i[11] & sum_i[12];
  wire tree0d_n = carry_i[12] ^ sum_i[13];
  wire tree0d_s = ~tree0d_n;
  wire tree0d_c = carry_i[12] | sum_i[13];
  wire tree0e_s = carry_i[13] ^ sum_i[14];
  wire tree0e_c = carry_i[13] & sum_i[14];
  wire tree0f_n = carry_i[14] ^ sum_i[15];
  wire tree0f_s = ~tree0f_n;
  wire tree0f_c = carry_i[14] | sum_i[15];
  wire tree0g_s = carry_i[15] ^ sum_i[16];
  wire tree0g_c = carry_i[15] & sum_i[16];
  wire tree0h_n = carry_i[16] ^ sum_i[17];
  wire tree0h_s = ~tree0h_n;
  wire tree0h_c = carry_i[16] | sum_i[17];
  wire tree1a_s = low_sum_i[1] ^ low_carry_i[0];
  wire tree1a_c = low_sum_i[1] & low_carry_i[0];
  wire [15:0] tree1b_z = {tree0g_c, tree0f_c, tree0e_c, tree0d_c, tree0c_c, tree0b_c, sum_i[10],
      carry_i[9], sum_i[9:2]};
  wire [15:0] tree1b_s = low_sum_i[17:2] ^ low_carry_i[16:1] ^ tree1b_z;
  wire [15:0] tree1b_c = (low_sum_i[17:2] & low_carry_i[16:1]) | (low_sum_i[17:2] & tree1b_z) |
      (low_carry_i[16:1] & tree1b_z);
  wire tree1c_n = sum_i[18] ^ carry_i[17];
  wire tree1c_s = ~tree1c_n;
  wire tree1c_c = sum_i[18] | carry_i[17];
  wire [11:0] tree1d_s = ~sum_i[30:19];
  wire tree1e_s = ~sum_i[31];
  wire tree2a_s = low_sum_i[0] ^ sum_i[0];
  wire tree2a_c = low_sum_i[0] & sum_i[0];
  wire [29:0] tree2b_x = {carry_i[29:18], tree0h_c, tree0h_s, tree0g_s, tree0f_s, tree0e_s,
      tree0d_s, tree0c_s, tree0b_s, tree0a_s, carry_i[8:0]};
  wire [29:0] tree2b_y = {sum_i[29:19], tree1c_c, tree1b_c, tree1a_c, sum_i[1]};
  wire [29:0] tree2b_z = {tree1d_s, tree1c_s, tree1b_s, tree1a_s};
  wire [29:0] tree2b_s = tree2b_x ^ tree2b_y ^ tree2b_z;
  wire [29:0] tree2b_c = (tree2b_x & tree2b_y) | (tree2b_x & tree2b_z) | (tree2b_y & tree2b_z);
  wire tree2c_s = carry_i[30] ^ sum_i[30] ^ tree1e_s;
  assign sum_o = {tree2b_c[29], tree2b_s[29:1], tree2a_c, tree2a_s};
  assign carry_o = {tree2c_s, tree2b_c[28:0], tree2b_s[0]};

endmodule
