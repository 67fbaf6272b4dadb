// Compressor: a narrow carry-save pair is added to the carried one, and its offset taken away.
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_compressor_4to2_w32_from18 (
  input  wire [17:0] low_sum_i,     // sum word of the narrow pair
  input  wire [16:0] low_carry_i,   // carry word of the narrow pair, weight 2
  input  wire [31:0] sum_i,         // sum word of the carried pair
  input  wire [30:0] carry_i,       // carry word of the carried pair, weight 2
  input  wire [31:0] correction_i,  // minus the offset of the narrow pair
  output wire [31:0] sum_o,         // sum word
  output wire [30:0] carry_o        // carry word, weight 2
);

  wire tree0a_s = sum_i[1] ^ carry_i[0];
  wire tree0a_c = sum_i[1] & carry_i[0];
  wire [15:0] tree0b_s = sum_i[17:2] ^ carry_i[16:1] ^ low_sum_i[17:2];
  wire [15:0] tree0b_c = (sum_i[17:2] & carry_i[16:1]) | (sum_i[17:2] & low_sum_i[17:2]) |
      (carry_i[16:1] & low_sum_i[17:2]);
  wire tree1a_s = low_sum_i[1] ^ low_carry_i[0];
  wire tree1a_c = low_sum_i[1] & low_carry_i[0];
  wire [16:0] tree1b_y = {sum_i[18], low_carry_i[16:1]};
  wire [16:0] tree1b_z = {carry_i[17], tree0b_s[15:1], tree0a_c};
  wire [16:0] tree1b_s = correction_i[18:2] ^ tree1b_y ^ tree1b_z;
  wire [16:0] tree1b_c = (correction_i[18:2] & tree1b_y) | (correction_i[18:2] & tree1b_z) |
      (tree1b_y & tree1b_z);
  wire [11:0] tree1c_s = correction_i[30:19] ^ sum_i[30:19];
  wire [11:0] tree1c_c = correction_i[30:19] & sum_i[30:19];
  wire tree1d_s = correction_i[31] ^ sum_i[31];
  wire [30:0] tree2a_x = {carry_i[29:18], tree0b_c, tree0b_s[0], tree0a_s, low_sum_i[0]};
  wire [30:0] tree2a_y = {tree1c_c[10:0], tree1b_c, tree1a_c, tree1a_s, sum_i[0]};
  wire [30:0] tree2a_z = {tree1c_s, tree1b_s, correction_i[1:0]};
  wire [30:0] tree2a_s = tree2a_x ^ tree2a_y ^ tree2a_z;
  wire [30:0] tree2a_c = (tree2a_x & tree2a_y) | (tree2a_x & tree2a_z) | (tree2a_y & tree2a_z);
  wire tree2b_s = carry_i[30] ^ tree1c_c[11] ^ tree1d_s;
  assign sum_o = {tree2a_c[30], tree2a_s};
  assign carry_o = {tree2b_s, tree2a_c[29:0]};

endmodule
