// Partial products: each digit selects a multiple of y_i; a negative digit complements it
// (the 1 that completes the negation is the digit's neg line, added by the compressor).
// Design mac-os-2-4-4x4 (hash dda8098d246dde80), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-os-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: 2 * ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(2 * ceil(K/4), 7) cycles.
module mac_os_2_4_4x4_partial_products_w8_r4x4 (
  input  wire [7:0] y_i,    // multiplicand, two's complement
  input  wire [3:0] one_i,  // digit select lines, from the encoder
  input  wire [3:0] two_i,  // digit select lines, from the encoder
  input  wire [3:0] neg_i,  // digit select lines, from the encoder
  output wire [8:0] pp0_o,  // weight 1
  output wire [8:0] pp1_o,  // weight 4
  output wire [8:0] pp2_o,  // weight 16
  output wire [8:0] pp3_o   // weight 64
);

  wire [8:0] pp0_one = {y_i[7], y_i} & {{8{one_i[0]}}, one_i[0]};
  wire [8:0] pp0_two = {y_i, 1'b0} & {{8{two_i[0]}}, two_i[0]};
  wire [8:0] pp0_abs = pp0_one | pp0_two;
  wire [8:0] pp0 = pp0_abs ^ {{8{neg_i[0]}}, neg_i[0]};
  assign pp0_o = pp0;
  wire [8:0] pp1_one = {y_i[7], y_i} & {{8{one_i[1]}}, one_i[1]};
  wire [8:0] pp1_two = {y_i, 1'b0} & {{8{two_i[1]}}, two_i[1]};
  wire [8:0] pp1_abs = pp1_one | pp1_two;
  wire [8:0] pp1 = pp1_abs ^ {{8{neg_i[1]}}, neg_i[1]};
  assign pp1_o = pp1;
  wire [8:0] pp2_one = {y_i[7], y_i} & {{8{one_i[2]}}, one_i[2]};
  wire [8:0] pp2_two = {y_i, 1'b0} & {{8{two_i[2]}}, two_i[2]};
  wire [8:0] pp2_abs = pp2_one | pp2_two;
  wire [8:0] pp2 = pp2_abs ^ {{8{neg_i[2]}}, neg_i[2]};
  assign pp2_o = pp2;
  wire [8:0] pp3_one = {y_i[7], y_i} & {{8{one_i[3]}}, one_i[3]};
  wire [8:0] pp3_two = {y_i, 1'b0} & {{8{two_i[3]}}, two_i[3]};
  wire [8:0] pp3_abs = pp3_one | pp3_two;
  wire [8:0] pp3 = pp3_abs ^ {{8{neg_i[3]}}, neg_i[3]};
  assign pp3_o = pp3;

endmodule
