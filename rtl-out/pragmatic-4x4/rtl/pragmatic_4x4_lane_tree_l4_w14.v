// Tree: the shifted words of 4 lanes become one word.
// Design pragmatic-4x4 (hash d76c076a67f55e32), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit pragmatic-4x4
// A int8, B int8, two's complement; A becomes digits, csd, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there until no
// term is left, at least 1 cycle; a cycle takes terms less than 4 places above the lowest.
// Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module pragmatic_4x4_lane_tree_l4_w14 (
  input  wire [10:0] pp0_i,    // shifted word, complemented if negative
  input  wire [10:0] pp1_i,    // shifted word, complemented if negative
  input  wire [10:0] pp2_i,    // shifted word, complemented if negative
  input  wire [10:0] pp3_i,    // shifted word, complemented if negative
  input  wire [3:0]  neg_i,    // completes the negation of each word
  output wire [13:0] total_o   // their sum, two's complement
);

  wire [3:0] signs_n = ~{pp3_i[10], pp2_i[10], pp1_i[10], pp0_i[10]};
  wire tree0a_s = neg_i[0] ^ neg_i[1] ^ neg_i[2];
  wire tree0a_c = (neg_i[0] & neg_i[1]) | (neg_i[0] & neg_i[2]) | (neg_i[1] & neg_i[2]);
  wire [1:0] tree1a_x = {pp2_i[1], neg_i[3]};
  wire [1:0] tree1a_s = tree1a_x ^ pp0_i[1:0] ^ pp1_i[1:0];
  wire [1:0] tree1a_c = (tree1a_x & pp0_i[1:0]) | (tree1a_x & pp1_i[1:0]) | (pp0_i[1:0] &
      pp1_i[1:0]);
  wire [8:0] tree1b_x = {signs_n[0], pp2_i[9:2]};
  wire [8:0] tree1b_y = {signs_n[1], pp0_i[9:2]};
  wire [8:0] tree1b_s = tree1b_x ^ tree1b_y;
  wire [8:0] tree1b_c = tree1b_x & tree1b_y;
  wire tree2a_s = pp2_i[0] ^ pp3_i[0];
  wire tree2a_c = pp2_i[0] & pp3_i[0];
  wire [9:0] tree2b_x = {signs_n[2], pp1_i[9:2], tree0a_c};
  wire [9:0] tree2b_y = {signs_n[3], pp3_i[9:1]};
  wire [9:0] tree2b_z = {tree1b_s[8:1], tree1a_c[1], tree1a_s[1]};
  wire [9:0] tree2b_s = tree2b_x ^ tree2b_y ^ tree2b_z;
  wire [9:0] tree2b_c = (tree2b_x & tree2b_y) | (tree2b_x & tree2b_z) | (tree2b_y & tree2b_z);
  wire [10:0] tree3a_x = {tree1b_c[7:0], tree1b_s[0], tree1a_c[0], tree0a_s};
  wire [10:0] tree3a_y = {tree2b_c[8:0], tree2a_c, tree1a_s[0]};
  wire [10:0] tree3a_z = {tree2b_s, tree2a_s};
  wire [10:0] tree3a_s = tree3a_x ^ tree3a_y ^ tree3a_z;
  wire [10:0] tree3a_c = (tree3a_x & tree3a_y) | (tree3a_x & tree3a_z) | (tree3a_y & tree3a_z);
  wire tree3b_s = tree1b_c[8] ^ tree2b_c[9];
  wire tree3b_c = tree1b_c[8] & tree2b_c[9];
  wire [13:0] total = {2'd3, tree3a_c[10], tree3a_s} + {1'b0, tree3b_c, tree3b_s, tree3a_c[9:0],
      1'b0};
  assign total_o = total;

endmodule
