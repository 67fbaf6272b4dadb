// Shifter: a narrow carry-save pair is moved to its bit weight, which is one-hot.
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_shifter_w11_8x1 (
  input  wire [7:0]  weight_i,  // bit weight, one-hot
  input  wire [10:0] sum_i,     // sum word
  output wire [17:0] sum_o,     // sum word at its weight
  input  wire [9:0]  carry_i,   // carry word
  output wire [16:0] carry_o    // carry word at its weight
);

  wire [10:0] sum_at0 = sum_i & {{10{weight_i[0]}}, weight_i[0]};
  wire [10:0] sum_at1 = sum_i & {{10{weight_i[1]}}, weight_i[1]};
  wire [10:0] sum_at2 = sum_i & {{10{weight_i[2]}}, weight_i[2]};
  wire [10:0] sum_at3 = sum_i & {{10{weight_i[3]}}, weight_i[3]};
  wire [10:0] sum_at4 = sum_i & {{10{weight_i[4]}}, weight_i[4]};
  wire [10:0] sum_at5 = sum_i & {{10{weight_i[5]}}, weight_i[5]};
  wire [10:0] sum_at6 = sum_i & {{10{weight_i[6]}}, weight_i[6]};
  wire [10:0] sum_at7 = sum_i & {{10{weight_i[7]}}, weight_i[7]};
  wire [17:0] sum_shifted = {7'd0, sum_at0} | {6'd0, sum_at1, 1'b0} | {5'd0, sum_at2, 2'd0} | {4'd0,
      sum_at3, 3'd0} | {3'd0, sum_at4, 4'd0} | {2'd0, sum_at5, 5'd0} | {1'b0, sum_at6, 6'd0} |
      {sum_at7, 7'd0};
  assign sum_o = sum_shifted;
  wire [9:0] carry_at0 = carry_i & {{9{weight_i[0]}}, weight_i[0]};
  wire [9:0] carry_at1 = carry_i & {{9{weight_i[1]}}, weight_i[1]};
  wire [9:0] carry_at2 = carry_i & {{9{weight_i[2]}}, weight_i[2]};
  wire [9:0] carry_at3 = carry_i & {{9{weight_i[3]}}, weight_i[3]};
  wire [9:0] carry_at4 = carry_i & {{9{weight_i[4]}}, weight_i[4]};
  wire [9:0] carry_at5 = carry_i & {{9{weight_i[5]}}, weight_i[5]};
  wire [9:0] carry_at6 = carry_i & {{9{weight_i[6]}}, weight_i[6]};
  wire [9:0] carry_at7 = carry_i & {{9{weight_i[7]}}, weight_i[7]};
  wire [16:0] carry_shifted = {7'd0, carry_at0} | {6'd0, carry_at1, 1'b0} | {5'd0, carry_at2, 2'd0}
      | {4'd0, carry_at3, 3'd0} | {3'd0, carry_at4, 4'd0} | {2'd0, carry_at5, 5'd0} | {1'b0,
      carry_at6, 6'd0} | {carry_at7, 7'd0};
  assign carry_o = carry_shifted;

endmodule
