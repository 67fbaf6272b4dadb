// Shifter: a narrow carry-save pair is moved to its bit weight, which is one-hot.
// Design opt2-cube-temporal-4x4 (hash c81cdecfdbe949d7), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt2-cube-temporal-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 4 * ceil(K/4) + 13 cycles, first operand to last result.
// Rate: a step every 4 cycles; a tile every max(4 * ceil(K/4), 7) cycles.
module opt2_cube_temporal_4x4_shifter_w12_4x2 (
  input  wire [3:0]  weight_i,  // bit weight, one-hot
  input  wire [11:0] sum_i,     // sum word
  output wire [17:0] sum_o,     // sum word at its weight
  input  wire [10:0] carry_i,   // carry word
  output wire [16:0] carry_o    // carry word at its weight
);

  wire [11:0] sum_at0 = sum_i & {{11{weight_i[0]}}, weight_i[0]};
  wire [11:0] sum_at1 = sum_i & {{11{weight_i[1]}}, weight_i[1]};
  wire [11:0] sum_at2 = sum_i & {{11{weight_i[2]}}, weight_i[2]};
  wire [11:0] sum_at3 = sum_i & {{11{weight_i[3]}}, weight_i[3]};
  wire [17:0] sum_shifted = {6'd0, sum_at0} | {4'd0, sum_at1, 2'd0} | {2'd0, sum_at2, 4'd0} |
      {sum_at3, 6'd0};
  assign sum_o = sum_shifted;
  wire [10:0] carry_at0 = carry_i & {{10{weight_i[0]}}, weight_i[0]};
  wire [10:0] carry_at1 = carry_i & {{10{weight_i[1]}}, weight_i[1]};
  wire [10:0] carry_at2 = carry_i & {{10{weight_i[2]}}, weight_i[2]};
  wire [10:0] carry_at3 = carry_i & {{10{weight_i[3]}}, weight_i[3]};
  wire [16:0] carry_shifted = {6'd0, carry_at0} | {4'd0, carry_at1, 2'd0} | {2'd0, carry_at2, 4'd0}
      | {carry_at3, 6'd0};
  assign carry_o = carry_shifted;

endmodule
