// Multiplier of one lane: the product, its carries resolved.
// Design ent-tree-4x4 (hash c4f3fc9e15c1cad8), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit ent-tree-4x4
// A int8, B int8, two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 9 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 4) cycles.
module ent_tree_4x4_multiplier_w8x8 (
  input  wire [11:0] x_i,        // select lines of the multiplier
  input  wire [7:0]  y_i,        // multiplicand
  output wire [15:0] product_o   // product, two's complement
);

  wire [8:0] pp0;
  wire [8:0] pp1;
  wire [8:0] pp2;
  wire [8:0] pp3;

  ent_tree_4x4_partial_products_w8_r4x4 u_partial_products (
    .y_i   (y_i),
    .one_i (x_i[3:0]),
    .two_i (x_i[7:4]),
    .neg_i (x_i[11:8]),
    .pp0_o (pp0),
    .pp1_o (pp1),
    .pp2_o (pp2),
    .pp3_o (pp3)
  );

  wire [15:0] sum_d;
  wire [14:0] carry_d;

  ent_tree_4x4_compressor_4to2_w16 u_compressor (
    .pp0_i   (pp0),
    .pp1_i   (pp1),
    .pp2_i   (pp2),
    .pp3_i   (pp3),
    .neg_i   (x_i[11:8]),
    .sum_o   (sum_d),
    .carry_o (carry_d)
  );

  wire [15:0] product = sum_d + {carry_d, 1'b0};
  assign product_o = product;

endmodule
