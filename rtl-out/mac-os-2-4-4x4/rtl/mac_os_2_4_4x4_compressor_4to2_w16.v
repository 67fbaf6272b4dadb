// Compressor tree: 4 partial products
// become one carry-save pair, sum + 2 * carry, without carry propagation. Sign extension is
// one constant, folded into the columns where it falls (Dadda's heights).
// Design mac-os-2-4-4x4 (hash dda8098d246dde80), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-os-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: 2 * ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(2 * ceil(K/4), 7) cycles.
module mac_os_2_4_4x4_compressor_4to2_w16 (
  input  wire [8:0]  pp0_i,    // partial product, complemented if negative
  input  wire [8:0]  pp1_i,    // partial product, complemented if negative
  input  wire [8:0]  pp2_i,    // partial product, complemented if negative
  input  wire [8:0]  pp3_i,    // partial product, complemented if negative
  input  wire [3:0]  neg_i,    // completes the negation of each partial product
  output wire [15:0] sum_o,    // sum word
  output wire [14:0] carry_o   // carry word, weight 2
);

  wire [3:0] signs_n = ~{pp3_i[8], pp2_i[8], pp1_i[8], pp0_i[8]};
  wire [1:0] tree2a_x = {pp1_i[5], neg_i[3]};
  wire [1:0] tree2a_s = tree2a_x ^ pp0_i[7:6];
  wire [1:0] tree2a_c = tree2a_x & pp0_i[7:6];
  wire tree2b_n = pp1_i[6] ^ pp2_i[4];
  wire tree2b_s = ~tree2b_n;
  wire tree2b_c = pp1_i[6] | pp2_i[4];
  wire tree2c_s = ~pp1_i[7];
  wire [1:0] tree3a_x = {pp1_i[3], neg_i[2]};
  wire [1:0] tree3a_s = tree3a_x ^ pp0_i[5:4];
  wire [1:0] tree3a_c = tree3a_x & pp0_i[5:4];
  wire [4:0] tree3b_x = {pp2_i[6:5], signs_n[0], tree2a_s[1], pp1_i[4]};
  wire [4:0] tree3b_y = {signs_n[1], tree2b_c, tree2a_c[1], pp2_i[3:2]};
  wire [4:0] tree3b_s = tree3b_x ^ tree3b_y ^ pp3_i[4:0];
  wire [4:0] tree3b_c = (tree3b_x & tree3b_y) | (tree3b_x & pp3_i[4:0]) | (tree3b_y & pp3_i[4:0]);
  wire tree3c_s = ~pp2_i[7];
  wire tree4a_s = neg_i[0] ^ pp0_i[0];
  wire tree4a_c = neg_i[0] & pp0_i[0];
  wire [1:0] tree4b_x = {pp1_i[1], neg_i[1]};
  wire [1:0] tree4b_s = tree4b_x ^ pp0_i[3:2];
  wire [1:0] tree4b_c = tree4b_x & pp0_i[3:2];
  wire [8:0] tree4c_x = {pp3_i[6:5], pp1_i[7], tree2c_s, tree2b_s, tree2a_c[0], tree3a_c, pp1_i[2]};
  wire [8:0] tree4c_y = {signs_n[2], tree3b_c, tree2a_s[0], pp2_i[1:0]};
  wire [8:0] tree4c_z = {pp2_i[7], tree3c_s, tree3b_s, tree3a_s};
  wire [8:0] tree4c_s = tree4c_x ^ tree4c_y ^ tree4c_z;
  wire [8:0] tree4c_c = (tree4c_x & tree4c_y) | (tree4c_x & tree4c_z) | (tree4c_y & tree4c_z);
  wire tree4d_s = ~pp3_i[7];
  assign sum_o = {1'b1, signs_n[3], tree4c_c[8], tree4c_s[8:1], tree4b_c[1], tree4b_s[1], pp1_i[0],
      pp0_i[1], tree4a_s};
  assign carry_o = {1'b0, pp3_i[7], tree4d_s, tree4c_c[7:0], tree4c_s[0], tree4b_c[0], tree4b_s[0],
      tree4a_c};

endmodule
