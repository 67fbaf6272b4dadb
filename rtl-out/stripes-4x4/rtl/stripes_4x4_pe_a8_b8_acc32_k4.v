// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// The product is resolved and added by carry-propagate adders inside the loop over K.
// Operands come from the edge; 4 products every 8 cycles, accumulated 3 edges later.
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_pe_a8_b8_acc32_k4 (
  input  wire        clk_i,
  input  wire        advance_i,       // moves everything; 0 freezes the array
  input  wire        valid_i,         // products are those of a step of a tile
  input  wire        first_i,         // of its first step: the sum starts at 0
  input  wire        capture_i,       // the sum is complete
  input  wire [7:0]  shift_weight_i,  // bit weight of the narrow sum
  input  wire [7:0]  sum_weight_i,    // bit weight of the shifted sum
  input  wire [7:0]  a_i,             // of this row
  input  wire [31:0] b_i,             // of this column
  input  wire        shift_i,         // moves the drain chain
  input  wire [31:0] drain_acc_i,     // drain chain, from the north
  output wire [31:0] drain_acc_o      // drain chain, to the south
);

  genvar k;

  wire step = valid_i & advance_i;
  wire keep = ~first_i;
  reg [31:0] acc_q;
  wire [31:0] acc_kept = acc_q & {{31{keep}}, keep};
  wire [3:0] digit_one = {a_i[6], a_i[4], a_i[2], a_i[0]};
  wire [3:0] digit_neg = {a_i[7], a_i[5], a_i[3], a_i[1]};
  wire [31:0] pp0;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_k
      stripes_4x4_partial_products_w8_r2x1 u_partial_products (
        .y_i   (b_i[k*8 +: 8]),
        .one_i (digit_one[k]),
        .neg_i (digit_neg[k]),
        .pp0_o (pp0[k*8 +: 8])
      );
    end
  endgenerate

  wire [10:0] weight0_sum;
  wire [9:0] weight0_carry;

  stripes_4x4_weight_tree_4to2_signed_w8 u_weight_tree0 (
    .pp_i    (pp0),
    .neg_i   (digit_neg),
    .sum_o   (weight0_sum),
    .carry_o (weight0_carry)
  );

  reg [10:0] narrow_sum_q;
  reg [9:0] narrow_carry_q;
  wire [17:0] shifted_sum;
  wire [16:0] shifted_carry;

  stripes_4x4_shifter_w11_8x1 u_shifter (
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
  wire offset15 = sum_weight_i[0] | sum_weight_i[1] | sum_weight_i[2] | sum_weight_i[3] |
      sum_weight_i[4] | sum_weight_i[5] | sum_weight_i[6];
  wire offset14 = sum_weight_i[0] | sum_weight_i[1] | sum_weight_i[2] | sum_weight_i[3] |
      sum_weight_i[4] | sum_weight_i[5];
  wire offset13 = sum_weight_i[0] | sum_weight_i[1] | sum_weight_i[2] | sum_weight_i[3] |
      sum_weight_i[4];
  wire offset12 = sum_weight_i[0] | sum_weight_i[1] | sum_weight_i[2] | sum_weight_i[3];
  wire offset11 = sum_weight_i[0] | sum_weight_i[1] | sum_weight_i[2];
  wire offset10 = sum_weight_i[0] | sum_weight_i[1];
  wire [31:0] sum_d;
  wire [30:0] carry_d;

  stripes_4x4_compressor_4to2_w32_from18 u_compressor (
    .low_sum_i    (shifted_sum_q),
    .low_carry_i  (shifted_carry_q),
    .sum_i        (acc_kept),
    .carry_i      (31'd0),
    .correction_i ({16'hffff, offset15, offset14, offset13, offset12, offset11, offset10,
        sum_weight_i[0], 9'd0}),
    .sum_o        (sum_d),
    .carry_o      (carry_d)
  );

  wire [31:0] acc_d = sum_d + {carry_d, 1'b0};

  always @(posedge clk_i) begin
    if (step) begin
      acc_q <= acc_d;
    end
  end

  // The finished sum is captured beside the next tile's accumulation, and leaves southwards.
  wire capture = capture_i & advance_i;
  wire drain_load = capture | shift_i;
  wire [31:0] drain_acc_d = capture_i ? acc_q : drain_acc_i;
  reg [31:0] drain_acc_q;

  always @(posedge clk_i) begin
    if (drain_load) begin
      drain_acc_q <= drain_acc_d;
    end
  end

  assign drain_acc_o = drain_acc_q;

  // Bits that this module has no use for.
  wire unused_sum_weight_i = sum_weight_i[7];

endmodule
