// Encoder at the edge: all select lines of an operand as one word, a kind of line after the other,
// from the lowest bit: one, neg.
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_edge_encoder_twos_complement_w8 (
  input  wire [7:0] x_i,       // operand, two's complement
  output wire [8:0] digits_o   // select lines
);

  wire [7:0] all_one;
  wire all_neg;

  stripes_4x4_encoder_twos_complement_w8 u_encoder (
    .x_i   (x_i),
    .one_o (all_one),
    .neg_o (all_neg)
  );

  assign digits_o = {all_neg, all_one};

endmodule
