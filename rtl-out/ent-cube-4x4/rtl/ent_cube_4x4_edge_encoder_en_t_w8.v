// Encoder at the edge: all select lines of an operand as one word, a kind of line after the other,
// from the lowest bit: one, two, neg.
// Design ent-cube-4x4 (hash 26ffc099ad7464bf), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit ent-cube-4x4
// A int8, B int8, two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 7) cycles.
module ent_cube_4x4_edge_encoder_en_t_w8 (
  input  wire [7:0]  x_i,       // operand, two's complement
  output wire [11:0] digits_o   // select lines
);

  wire [3:0] all_one;
  wire [3:0] all_two;
  wire [3:0] all_neg;

  ent_cube_4x4_encoder_en_t_w8 u_encoder (
    .x_i   (x_i),
    .one_o (all_one),
    .two_o (all_two),
    .neg_o (all_neg)
  );

  assign digits_o = {all_neg, all_two, all_one};

endmodule
