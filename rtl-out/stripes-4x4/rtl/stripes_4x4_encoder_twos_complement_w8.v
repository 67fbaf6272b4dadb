// twos-complement encoder: an 8-bit two's complement operand becomes 8 digits
// of radix 2; bit i of a port belongs to the i-th slot that has such a line.
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_encoder_twos_complement_w8 (
  input  wire [7:0] x_i,    // operand, two's complement
  output wire [7:0] one_o,  // digit is 1 or -1
  output wire       neg_o   // digit is negative
);

  assign one_o = x_i;
  assign neg_o = x_i[7];

endmodule
