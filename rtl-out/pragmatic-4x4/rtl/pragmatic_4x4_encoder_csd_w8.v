// csd encoder: an 8-bit two's complement operand becomes 8 digits
// of radix 2; bit i of a port belongs to the i-th slot that has such a line.
// Design pragmatic-4x4 (hash d76c076a67f55e32), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit pragmatic-4x4
// A int8, B int8, two's complement; A becomes digits, csd, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there until no
// term is left, at least 1 cycle; a cycle takes terms less than 4 places above the lowest.
// Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module pragmatic_4x4_encoder_csd_w8 (
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
