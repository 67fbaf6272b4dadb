// naf-4 encoder: a 19-bit two's complement operand becomes 10 digits
// of radix 4; bit i of a port belongs to the i-th slot that has such a line.
// Design opt4e-fp8-4x4 (hash 587eb6d3579f686d), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4e-fp8-4x4
// A fp8-e4m3 (elements are 8 bits, decoded to words of 19), B fp8-e4m3 (elements are 8 bits,
// decoded to words of 19), two's complement; A becomes digits, naf-4, at the edge of the array.
// Results int48, two's complement, modulo 2^48.
// Cycles follow the data: 10 passes over groups of 4 x 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, a group without any is dropped, but the first of a pass takes 1. Rows meet
// at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4e_fp8_4x4_encoder_naf_4_w19 (
  input  wire [18:0] x_i,    // operand, two's complement
  output wire [9:0]  one_o,  // digit is 1 or -1
  output wire [8:0]  two_o,  // digit is 2 or -2
  output wire [9:0]  neg_o   // digit is negative
);

  wire [18:0] half = {x_i[18], x_i[18:1]};
  wire [18:0] triple_half = x_i + half;
  wire [18:0] triple_half_n = ~triple_half;
  wire [18:0] negative = half & triple_half_n;
  wire [18:0] nonzero = half ^ triple_half;
  wire [9:0] neg = {negative[18], negative[16], negative[14], negative[12], negative[10],
      negative[8], negative[6], negative[4], negative[2], negative[0]} | {1'b0, negative[17],
      negative[15], negative[13], negative[11], negative[9], negative[7], negative[5], negative[3],
      negative[1]};
  assign one_o = {nonzero[18], nonzero[16], nonzero[14], nonzero[12], nonzero[10], nonzero[8],
      nonzero[6], nonzero[4], nonzero[2], nonzero[0]};
  assign two_o = {nonzero[17], nonzero[15], nonzero[13], nonzero[11], nonzero[9], nonzero[7],
      nonzero[5], nonzero[3], nonzero[1]};
  assign neg_o = neg;

endmodule
