// Digit of one bit weight: a bit for each magnitude, and its sign.
// Design opt2-cube-temporal-4x4 (hash c81cdecfdbe949d7), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt2-cube-temporal-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 4 * ceil(K/4) + 13 cycles, first operand to last result.
// Rate: a step every 4 cycles; a tile every max(4 * ceil(K/4), 7) cycles.
module opt2_cube_temporal_4x4_digit_select_w8 (
  input  wire [7:0] x_i,       // multiplier
  input  wire [3:0] weight_i,  // bit weight, one-hot
  output wire [2:0] digit_o    // digit
);

  wire [3:0] all_one;
  wire [3:0] all_two;
  wire [3:0] all_neg;

  opt2_cube_temporal_4x4_encoder_booth_4_w8 u_encoder (
    .x_i   (x_i),
    .one_o (all_one),
    .two_o (all_two),
    .neg_o (all_neg)
  );

  wire [3:0] one_at_weight = all_one & weight_i;
  wire one_none = one_at_weight == 4'd0;
  wire one = ~one_none;
  wire [3:0] two_at_weight = all_two & weight_i;
  wire two_none = two_at_weight == 4'd0;
  wire two = ~two_none;
  wire [3:0] neg_at_weight = all_neg & weight_i;
  wire neg_none = neg_at_weight == 4'd0;
  wire neg = ~neg_none;
  assign digit_o = {neg, two, one};

endmodule
