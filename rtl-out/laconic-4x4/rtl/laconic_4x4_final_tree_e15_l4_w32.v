// Final tree: the accumulator plus every count at its power of two.
// Design laconic-4x4 (hash 46d3773cd337236a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit laconic-4x4
// A int8, B int8, two's complement; A and B become digits, csd.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: the cycles of its steps and 7 more, first operand to last result.
// Rate: a step takes 4 places of k, and as many cycles as the slowest lane of the array has pairs
// of
// terms, at least 1; the last step of a tile is accepted at least 3 cycles after the end of the
// tile before.
module laconic_4x4_final_tree_e15_l4_w32 (
  input  wire [31:0] acc_i,    // accumulator
  input  wire [59:0] count_i,  // counts, lane e at 2^e
  output wire [31:0] acc_o     // sum
);

  wire [14:0] signs_n = ~{count_i[59], count_i[55], count_i[51], count_i[47], count_i[43],
      count_i[39], count_i[35], count_i[31], count_i[27], count_i[23], count_i[19], count_i[15],
      count_i[11], count_i[7], count_i[3]};
  wire tree0a_n = acc_i[3] ^ signs_n[0];
  wire tree0a_s = ~tree0a_n;
  wire tree0a_c = acc_i[3] | signs_n[0];
  wire [10:0] tree0b_x = {count_i[50], count_i[46], count_i[42], count_i[38], count_i[34],
      count_i[30], count_i[26], count_i[22], count_i[18], count_i[14], count_i[10]};
  wire [10:0] tree0b_s = tree0b_x ^ acc_i[14:4] ^ signs_n[11:1];
  wire [10:0] tree0b_c = (tree0b_x & acc_i[14:4]) | (tree0b_x & signs_n[11:1]) | (acc_i[14:4] &
      signs_n[11:1]);
  wire tree0c_s = signs_n[12] ^ acc_i[15];
  wire tree0c_c = signs_n[12] & acc_i[15];
  wire tree1a_s = acc_i[2] ^ count_i[2];
  wire tree1a_c = acc_i[2] & count_i[2];
  wire [13:0] tree1b_x = {count_i[58:56], count_i[49:48], count_i[41:40], count_i[33:32],
      count_i[25:24], count_i[17:16], count_i[6]};
  wire [13:0] tree1b_y = {acc_i[16], count_i[54:52], count_i[45:44], count_i[37:36], count_i[29:28],
      count_i[21:20], tree0a_c, count_i[9]};
  wire [13:0] tree1b_z = {signs_n[13], tree0b_c[10], tree0b_s[10:1], count_i[13:12]};
  wire [13:0] tree1b_s = tree1b_x ^ tree1b_y ^ tree1b_z;
  wire [13:0] tree1b_c = (tree1b_x & tree1b_y) | (tree1b_x & tree1b_z) | (tree1b_y & tree1b_z);
  wire tree2a_s = acc_i[0] ^ count_i[0];
  wire tree2a_c = acc_i[0] & count_i[0];
  wire [16:0] tree2b_x = {acc_i[17], tree0c_c, tree0c_s, tree0b_c[9:0], tree0b_s[0], tree0a_s,
      count_i[8], acc_i[1]};
  wire [16:0] tree2b_y = {tree1b_c, tree1a_c, tree1a_s, count_i[1]};
  wire [16:0] tree2b_z = {signs_n[14], tree1b_s, count_i[5:4]};
  wire [16:0] tree2b_s = tree2b_x ^ tree2b_y ^ tree2b_z;
  wire [16:0] tree2b_c = (tree2b_x & tree2b_y) | (tree2b_x & tree2b_z) | (tree2b_y & tree2b_z);
  wire [12:0] tree2c_s = ~acc_i[30:18];
  wire tree2d_s = ~acc_i[31];
  wire [31:0] total = {acc_i[30:18], tree2b_c[16], tree2b_s[16:1], tree2a_c, tree2a_s} + {tree2d_s,
      tree2c_s, tree2b_c[15:0], tree2b_s[0], 1'b0};
  assign acc_o = total;

endmodule
