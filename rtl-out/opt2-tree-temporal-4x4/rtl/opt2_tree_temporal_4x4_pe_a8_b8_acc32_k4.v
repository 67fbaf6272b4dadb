// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).
// Operands come from the edge; 4 products every 4 cycles, accumulated 3 edges later.
// Design opt2-tree-temporal-4x4 (hash 40767b8759b5bd67), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt2-tree-temporal-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 4 * ceil(K/4) + 9 cycles, first operand to last result.
// Rate: a step every 4 cycles; a tile every max(4 * ceil(K/4), 4) cycles.
module opt2_tree_temporal_4x4_pe_a8_b8_acc32_k4 (
  input  wire        clk_i,
  input  wire        advance_i,       // moves everything; 0 freezes the array
  input  wire        valid_i,         // products are those of a step of a tile
  input  wire        first_i,         // of its first step: the sum starts at 0
  input  wire        capture_i,       // the sum is complete
  input  wire [3:0]  weight_i,        // bit weight at hand, one-hot
  input  wire [3:0]  shift_weight_i,  // bit weight of the narrow sum
  input  wire [3:0]  sum_weight_i,    // bit weight of the shifted sum
  input  wire [31:0] a_i,             // of this row
  input  wire [31:0] b_i,             // of this column
  input  wire        shift_i,         // moves the drain chain
  input  wire [31:0] drain_sum_i,     // drain chain, from the north
  input  wire [30:0] drain_carry_i,   // drain chain, from the north
  output wire [31:0] drain_sum_o,     // drain chain, to the south
  output wire [30:0] drain_carry_o    // drain chain, to the south
);

  genvar k;

  wire step = valid_i & advance_i;
  wire keep = ~first_i;
  reg [31:0] sum_q;
  wire [31:0] sum_kept = sum_q & {{31{keep}}, keep};
  reg [30:0] carry_q;
  wire [30:0] carry_kept = carry_q & {{30{keep}}, keep};
  wire [11:0] digit;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_digit_select_k
      opt2_tree_temporal_4x4_digit_select_w8 u_digit_select (
        .x_i      (a_i[k*8 +: 8]),
        .weight_i (weight_i),
        .digit_o  (digit[k*3 +: 3])
      );
    end
  endgenerate

  wire [3:0] digit_one = {digit[9], digit[6], digit[3], digit[0]};
  wire [3:0] digit_two = {digit[10], digit[7], digit[4], digit[1]};
  wire [3:0] digit_neg = {digit[11], digit[8], digit[5], digit[2]};
  wire [35:0] pp0;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_partial_products_k
      opt2_tree_temporal_4x4_partial_products_w8_r4x1 u_partial_products (
        .y_i   (b_i[k*8 +: 8]),
        .one_i (digit_one[k]),
        .two_i (digit_two[k]),
        .neg_i (digit_neg[k]),
        .pp0_o (pp0[k*9 +: 9])
      );
    end
  endgenerate

  wire [11:0] weight0_sum;
  wire [10:0] weight0_carry;

  opt2_tree_temporal_4x4_weight_tree_4to2_signed_w9 u_weight_tree0 (
    .pp_i    (pp0),
    .neg_i   (digit_neg),
    .sum_o   (weight0_sum),
    .carry_o (weight0_carry)
  );

  reg [11:0] narrow_sum_q;
  reg [10:0] narrow_carry_q;
  wire [17:0] shifted_sum;
  wire [16:0] shifted_carry;

  opt2_tree_temporal_4x4_shifter_w12_4x2 u_shifter (
    .weight_i (shift_weight_i),
    .sum_i    (narrow_sum_q),
    .sum_o    (shifted_sum),
    .carry_i  (narrow_carry_q),
    .carry_o  (shifted_carry)
  );

  reg [17:0] shifted_sum_q;
  reg [16:0] shifted_carry_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      narrow_sum_q <= weight0_sum;
      narrow_carry_q <= weight0_carry;
      shifted_sum_q <= shifted_sum;
      shifted_carry_q <= shifted_carry;
    end
  end

  // The offset of the narrow sum, at its weight, is taken away.
  wire offset15 = sum_weight_i[0] | sum_weight_i[1] | sum_weight_i[2];
  wire offset14 = sum_weight_i[0] | sum_weight_i[1] | sum_weight_i[2];
  wire offset13 = sum_weight_i[0] | sum_weight_i[1];
  wire offset12 = sum_weight_i[0] | sum_weight_i[1];
  wire [31:0] sum_d;
  wire [30:0] carry_d;

  opt2_tree_temporal_4x4_compressor_4to2_w32_from18 u_compressor (
    .low_sum_i    (shifted_sum_q),
    .low_carry_i  (shifted_carry_q),
    .sum_i        (sum_kept),
    .carry_i      (carry_kept),
    .correction_i ({16'hffff, offset15, offset14, offset13, offset12, sum_weight_i[0],
        sum_weight_i[0], 10'd0}),
    .sum_o        (sum_d),
    .carry_o      (carry_d)
  );

  always @(posedge clk_i) begin
    if (step) begin
      sum_q <= sum_d;
      carry_q <= carry_d;
    end
  end

  // The finished sum is captured beside the next tile's accumulation, and leaves southwards.
  wire capture = capture_i & advance_i;
  wire drain_load = capture | shift_i;
  wire [31:0] drain_sum_d = capture_i ? sum_q : drain_sum_i;
  reg [31:0] drain_sum_q;
  assign drain_sum_o = drain_sum_q;
  wire [30:0] drain_carry_d = capture_i ? carry_q : drain_carry_i;
  reg [30:0] drain_carry_q;

  always @(posedge clk_i) begin
    if (drain_load) begin
      drain_sum_q <= drain_sum_d;
      drain_carry_q <= drain_carry_d;
    end
  end

  assign drain_carry_o = drain_carry_q;

  // Bits that this module has no use for.
  wire unused_sum_weight_i = sum_weight_i[3];

endmodule
