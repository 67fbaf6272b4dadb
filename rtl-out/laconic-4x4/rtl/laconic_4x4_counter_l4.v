// Histogram counter: ones of plus_i less ones of minus_i, 4 lanes.
// Design laconic-4x4 (hash 46d3773cd337236a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit laconic-4x4
// A int8, B int8, two's complement; A and B become digits, csd.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: the cycles of its steps and 7 more, first operand to last result.
// Rate: a step takes 4 places of k, and as many cycles as the slowest lane of the array has pairs
// of
// terms, at least 1; the last step of a tile is accepted at least 3 cycles after the end of the
// tile before.
module laconic_4x4_counter_l4 (
  input  wire [3:0] plus_i,   // a bit for each lane that adds this power of two
  input  wire [3:0] minus_i,  // a bit for each lane that subtracts it
  output wire [3:0] count_o   // difference, two's complement
);

  wire [3:0] minus_n = ~minus_i;
  wire tree0a_s = plus_i[0] ^ minus_n[0] ^ plus_i[1];
  wire tree0a_c = (plus_i[0] & minus_n[0]) | (plus_i[0] & plus_i[1]) | (minus_n[0] & plus_i[1]);
  wire tree1a_s = plus_i[2] ^ plus_i[3] ^ minus_n[1];
  wire tree1a_c = (plus_i[2] & plus_i[3]) | (plus_i[2] & minus_n[1]) | (plus_i[3] & minus_n[1]);
  wire tree2a_s = minus_n[2] ^ minus_n[3];
  wire tree2a_c = minus_n[2] & minus_n[3];
  wire [1:0] tree3a_x = {tree0a_c, tree0a_s};
  wire [1:0] tree3a_y = {tree1a_c, tree1a_s};
  wire [1:0] tree3a_z = {tree2a_c, tree2a_s};
  wire [1:0] tree3a_s = tree3a_x ^ tree3a_y ^ tree3a_z;
  wire [1:0] tree3a_c = (tree3a_x & tree3a_y) | (tree3a_x & tree3a_z) | (tree3a_y & tree3a_z);
  wire [3:0] count = {2'd3, tree3a_s} + {1'b0, tree3a_c, 1'b0};
  assign count_o = count;

endmodule
