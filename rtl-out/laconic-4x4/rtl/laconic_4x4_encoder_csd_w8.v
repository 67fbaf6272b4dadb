// csd encoder: an 8-bit two's complement operand becomes 8 digits
// of radix 2; bit i of a port belongs to the i-th slot that has such a line.
// Design laconic-4x4 (hash 46d3773cd337236a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit laconic-4x4
// A int8, B int8, two's complement; A and B become digits, csd.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: the cycles of its steps and 7 more, first operand to last result.
// Rate: a step takes 4 places of k, and as many cycles as the slowest lane of the array has pairs
// of
// terms, at least 1; the last step of a tile is accepted at least 3 cycles after the end of the
// tile before.
module laconic_4x4_encoder_csd_w8 (
  input  wire [7:0] x_i,    // operand, two's complement
  output wire [7:0] one_o,  // digit is 1 or -1
  output wire [7:0] neg_o   // digit is negative
);

  wire [7:0] half = {x_i[7], x_i[7:1]};
  wire [7:0] triple_half = x_i + half;
  wire [7:0] triple_half_n = ~triple_half;
  wire [7:0] negative = half & triple_half_n;
  wire [7:0] nonzero = half ^ triple_half;
  assign one_o = nonzero;
  assign neg_o = negative;

endmodule
