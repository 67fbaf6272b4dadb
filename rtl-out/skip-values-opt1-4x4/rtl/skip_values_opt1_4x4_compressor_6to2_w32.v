// Compressor tree: 4 partial products and a carry-save pair
// become one carry-save pair, sum + 2 * carry, without carry propagation. Sign extension is
// one constant, folded into the columns where it falls (Dadda's heights).
// Design skip-values-opt1-4x4 (hash ab164f8ef0a54ab8), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-opt1-4x4
// A int8, B int8, two's complement; A becomes digits, en-t.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_opt1_4x4_compressor_6to2_w32 (
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
  wire [1:0] tree0a_n = sum_i[9:8] ^ carry_i[8:7];
  wire [1:0] tree0a_s = ~tree0a_n;
  wire [1:0] tree0a_c = sum_i[9:8] | carry_i[8:7];
  wire tree1a_s = sum_i[6] ^ carry_i[5] ^ neg_i[3];
  wire tree1a_c = (sum_i[6] & carry_i[5]) | (sum_i[6] & neg_i[3]) | (carry_i[5] & neg_i[3]);
  wire tree2a_s = sum_i[7] ^ carry_i[6];
  wire tree2a_c = sum_i[7] & carry_i[6];
  wire [1:0] tree3a_s = sum_i[3:2] ^ carry_i[2:1];
  wire [1:0] tree3a_c = sum_i[3:2] & carry_i[2:1];
  wire [8:0] tree3b_x = {sum_i[12:10], pp1_i[7:4], sum_i[5:4]};
  wire [8:0] tree3b_y = {pp3_i[6], pp2_i[7:2], carry_i[4:3]};
  wire [8:0] tree3b_z = {carry_i[11:9], tree0a_s, pp0_i[7:5], neg_i[2]};
  wire [8:0] tree3b_s = tree3b_x ^ tree3b_y ^ tree3b_z;
  wire [8:0] tree3b_c = (tree3b_x & tree3b_y) | (tree3b_x & tree3b_z) | (tree3b_y & tree3b_z);
  wire tree3c_s = sum_i[13] ^ pp3_i[7];
  wire tree3c_c = sum_i[13] & pp3_i[7];
  wire [2:0] tree3d_x = {pp3_i[0], pp2_i[1], pp0_i[4]};
  wire [2:0] tree3d_y = {tree1a_s, pp1_i[3:2]};
  wire [2:0] tree3d_s = tree3d_x ^ tree3d_y;
  wire [2:0] tree3d_c = tree3d_x & tree3d_y;
  wire [1:0] tree3e_y = {signs_n[0], tree1a_c};
  wire [1:0] tree3e_z = {tree2a_c, tree2a_s};
  wire [1:0] tree3e_s = pp3_i[2:1] ^ tree3e_y ^ tree3e_z;
  wire [1:0] tree3e_c = (pp3_i[2:1] & tree3e_y) | (pp3_i[2:1] & tree3e_z) | (tree3e_y & tree3e_z);
  wire tree3f_s = pp3_i[3] ^ tree0a_c[0];
  wire tree3f_c = pp3_i[3] & tree0a_c[0];
  wire tree3g_s = pp3_i[4] ^ tree0a_c[1] ^ signs_n[1];
  wire tree3g_c = (pp3_i[4] & tree0a_c[1]) | (pp3_i[4] & signs_n[1]) | (tree0a_c[1] & signs_n[1]);
  wire tree3h_s = ~pp3_i[5];
  wire tree4a_s = neg_i[1] ^ pp0_i[2];
  wire tree4a_c = neg_i[1] & pp0_i[2];
  wire [9:0] tree4b_x = {tree3b_c[7:0], pp2_i[0], pp1_i[1]};
  wire [9:0] tree4b_y = {signs_n[2], tree3g_c, tree3f_c, tree3e_c[1], tree3e_s[1], tree3d_c[2],
      tree3d_s[2:1], tree3a_c[1], pp0_i[3]};
  wire [9:0] tree4b_z = {tree3b_s, tree3a_s[1]};
  wire [9:0] tree4b_s = tree4b_x ^ tree4b_y ^ tree4b_z;
  wire [9:0] tree4b_c = (tree4b_x & tree4b_y) | (tree4b_x & tree4b_z) | (tree4b_y & tree4b_z);
  wire tree4c_n = tree3b_c[8] ^ carry_i[12];
  wire tree4c_s = ~tree4c_n;
  wire tree4c_c = tree3b_c[8] | carry_i[12];
  wire tree4d_s = sum_i[14] ^ signs_n[3] ^ carry_i[13];
  wire tree4d_c = (sum_i[14] & signs_n[3]) | (sum_i[14] & carry_i[13]) | (signs_n[3] & carry_i[13]);
  wire [15:0] tree4e_s = ~sum_i[30:15];
  wire tree4f_s = ~sum_i[31];
  wire [30:0] tree5a_x = {carry_i[29:14], tree3c_c, tree3c_s, pp3_i[5], tree3h_s, tree3g_s,
      tree3f_s, tree3e_c[0], tree3e_s[0], tree3d_c[1:0], tree3d_s[0], tree3a_c[0], pp1_i[0],
      sum_i[1:0]};
  wire [30:0] tree5a_y = {sum_i[29:15], tree4d_c, tree4c_c, tree4b_c, tree4a_c, tree3a_s[0],
      carry_i[0], neg_i[0]};
  wire [30:0] tree5a_z = {tree4e_s, tree4d_s, tree4c_s, tree4b_s, tree4a_s, pp0_i[1:0]};
  wire [30:0] tree5a_s = tree5a_x ^ tree5a_y ^ tree5a_z;
  wire [30:0] tree5a_c = (tree5a_x & tree5a_y) | (tree5a_x & tree5a_z) | (tree5a_y & tree5a_z);
  wire tree5b_s = carry_i[30] ^ sum_i[30] ^ tree4f_s;
  assign sum_o = {tree5a_c[30], tree5a_s};
  assign carry_o = {tree5b_s, tree5a_c[29:0]};

endmodule
