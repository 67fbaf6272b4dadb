// Multiplier of one lane: the product, its carries resolved.
// Design mac-cube-4x4 (hash ae6df5e6bb0cc8d6), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-cube-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 7) cycles.
module mac_cube_4x4_multiplier_w8x8 (
  input  wire [7:0]  x_i,        // multiplier
  input  wire [7:0]  y_i,        // multiplicand
  output wire [15:0] product_o   // product, two's complement
);

  wire [3:0] digit_one;
  wire [3:0] digit_two;
  wire [3:0] digit_neg;

  mac_cube_4x4_encoder_booth_4_w8 u_encoder (
    .x_i   (x_i),
    .one_o (digit_one),
    .two_o (digit_two),
    .neg_o (digit_neg)
  );

  wire [8:0] pp0;
  wire [8:0] pp1;
  wire [8:0] pp2;
  wire [8:0] pp3;

  mac_cube_4x4_partial_products_w8_r4x4 u_partial_products (
    .y_i   (y_i),
    .one_i (digit_one),
    .two_i (digit_two),
    .neg_i (digit_neg),
    .pp0_o (pp0),
    .pp1_o (pp1),
    .pp2_o (pp2),
    .pp3_o (pp3)
  );

  wire [15:0] sum_d;
  wire [14:0] carry_d;

  mac_cube_4x4_compressor_4to2_w16 u_compressor (
    .pp0_i   (pp0),
    .pp1_i   (pp1),
    .pp2_i   (pp2),
    .pp3_i   (pp3),
    .neg_i   (digit_neg),
    .sum_o   (sum_d),
    .carry_o (carry_d)
  );

  wire [15:0] product = sum_d + {carry_d, 1'b0};
  assign product_o = product;

endmodule
