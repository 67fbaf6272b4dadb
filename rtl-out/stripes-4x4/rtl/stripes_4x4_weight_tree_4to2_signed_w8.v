// Reduction of one bit weight: 4 partial products, unshifted, become a carry-save pair,
// sum + 2 * carry, with an offset that makes each of them positive.
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_weight_tree_4to2_signed_w8 (
  input  wire [31:0] pp_i,     // partial products, complemented if negative
  input  wire [3:0]  neg_i,    // completes the negation, a bit a lane
  output wire [10:0] sum_o,    // sum word
  output wire [9:0]  carry_o   // carry word, weight 2
);

  wire [3:0] signs_n = ~{pp_i[31], pp_i[23], pp_i[15], pp_i[7]};
  wire tree0a_s = pp_i[0] ^ neg_i[0] ^ pp_i[8];
  wire tree0a_c = (pp_i[0] & neg_i[0]) | (pp_i[0] & pp_i[8]) | (neg_i[0] & pp_i[8]);
  wire [1:0] tree1a_x = {pp_i[1], neg_i[1]};
  wire [1:0] tree1a_y = {pp_i[9], neg_i[2]};
  wire [1:0] tree1a_z = {pp_i[17], neg_i[3]};
  wire [1:0] tree1a_s = tree1a_x ^ tree1a_y ^ tree1a_z;
  wire [1:0] tree1a_c = (tree1a_x & tree1a_y) | (tree1a_x & tree1a_z) | (tree1a_y & tree1a_z);
  wire [5:0] tree1b_x = {signs_n[0], pp_i[6:2]};
  wire [5:0] tree1b_y = {signs_n[1], pp_i[14:10]};
  wire [5:0] tree1b_s = tree1b_x ^ tree1b_y;
  wire [5:0] tree1b_c = tree1b_x & tree1b_y;
  wire tree2a_s = pp_i[16] ^ pp_i[24];
  wire tree2a_c = pp_i[16] & pp_i[24];
  wire [6:0] tree2b_x = {signs_n[2], pp_i[22:18], tree0a_c};
  wire [6:0] tree2b_y = {signs_n[3], pp_i[30:25]};
  wire [6:0] tree2b_z = {tree1b_s[5:1], tree1a_c[1], tree1a_s[1]};
  wire [6:0] tree2b_s = tree2b_x ^ tree2b_y ^ tree2b_z;
  wire [6:0] tree2b_c = (tree2b_x & tree2b_y) | (tree2b_x & tree2b_z) | (tree2b_y & tree2b_z);
  wire [7:0] tree3a_x = {tree1b_c[4:0], tree1b_s[0], tree1a_c[0], tree0a_s};
  wire [7:0] tree3a_y = {tree2b_c[5:0], tree2a_c, tree1a_s[0]};
  wire [7:0] tree3a_z = {tree2b_s, tree2a_s};
  wire [7:0] tree3a_s = tree3a_x ^ tree3a_y ^ tree3a_z;
  wire [7:0] tree3a_c = (tree3a_x & tree3a_y) | (tree3a_x & tree3a_z) | (tree3a_y & tree3a_z);
  wire tree3b_s = tree1b_c[5] ^ tree2b_c[6];
  wire tree3b_c = tree1b_c[5] & tree2b_c[6];
  assign sum_o = {1'b0, tree3b_c, tree3a_c[7], tree3a_s};
  assign carry_o = {2'd0, tree3b_s, tree3a_c[6:0]};

endmodule
