// Digit of one bit weight: a bit for each magnitude, and its sign.
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_digit_select_w8 (
  input  wire [8:0] x_i,       // multiplier
  input  wire [7:0] weight_i,  // bit weight, one-hot
  output wire [1:0] digit_o    // digit
);

  wire [7:0] one_at_weight = x_i[7:0] & weight_i;
  wire one_none = one_at_weight == 8'd0;
  wire one = ~one_none;
  wire neg_at_weight = x_i[8] & weight_i[7];
  assign digit_o = {neg_at_weight, one};

endmodule
