// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).
// Operands come from the edge; 4 products a cycle, accumulated 3 edges later.
// Design opt2-tree-4x4 (hash 39987e6596b7c13a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt2-tree-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 9 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 4) cycles.
module opt2_tree_4x4_pe_a8_b8_acc32_k4 (
  input  wire        clk_i,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        valid_i,        // products are those of a step of a tile
  input  wire        first_i,        // of its first step: the sum starts at 0
  input  wire        capture_i,      // the sum is complete
  input  wire [31:0] a_i,            // of this row
  input  wire [31:0] b_i,            // of this column
  input  wire        shift_i,        // moves the drain chain
  input  wire [31:0] drain_sum_i,    // drain chain, from the north
  input  wire [30:0] drain_carry_i,  // drain chain, from the north
  output wire [31:0] drain_sum_o,    // drain chain, to the south
  output wire [30:0] drain_carry_o   // drain chain, to the south
);

  genvar k;

  wire step = valid_i & advance_i;
  wire keep = ~first_i;
  reg [31:0] sum_q;
  wire [31:0] sum_kept = sum_q & {{31{keep}}, keep};
  reg [30:0] carry_q;
  wire [30:0] carry_kept = carry_q & {{30{keep}}, keep};
  wire [15:0] digit_one;
  wire [15:0] digit_two;
  wire [15:0] digit_neg;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_encoder_k
      opt2_tree_4x4_encoder_booth_4_w8 u_encoder (
        .x_i   (a_i[k*8 +: 8]),
        .one_o (digit_one[k*4 +: 4]),
        .two_o (digit_two[k*4 +: 4]),
        .neg_o (digit_neg[k*4 +: 4])
      );
    end
  endgenerate

  wire [35:0] pp0;
  wire [35:0] pp1;
  wire [35:0] pp2;
  wire [35:0] pp3;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_partial_products_k
      opt2_tree_4x4_partial_products_w8_r4x4 u_partial_products (
        .y_i   (b_i[k*8 +: 8]),
        .one_i (digit_one[k*4 +: 4]),
        .two_i (digit_two[k*4 +: 4]),
        .neg_i (digit_neg[k*4 +: 4]),
        .pp0_o (pp0[k*9 +: 9]),
        .pp1_o (pp1[k*9 +: 9]),
        .pp2_o (pp2[k*9 +: 9]),
        .pp3_o (pp3[k*9 +: 9])
      );
    end
  endgenerate

  wire [11:0] weight0_sum;
  wire [10:0] weight0_carry;

  opt2_tree_4x4_weight_tree_4to2_signed_w9 u_weight_tree0 (
    .pp_i    (pp0),
    .neg_i   ({digit_neg[12], digit_neg[8], digit_neg[4], digit_neg[0]}),
    .sum_o   (weight0_sum),
    .carry_o (weight0_carry)
  );

  reg [11:0] weight0_sum_q;
  reg [10:0] weight0_carry_q;
  wire [11:0] weight1_sum;
  wire [10:0] weight1_carry;

  opt2_tree_4x4_weight_tree_4to2_signed_w9 u_weight_tree1 (
    .pp_i    (pp1),
    .neg_i   ({digit_neg[13], digit_neg[9], digit_neg[5], digit_neg[1]}),
    .sum_o   (weight1_sum),
    .carry_o (weight1_carry)
  );

  reg [11:0] weight1_sum_q;
  reg [10:0] weight1_carry_q;
  wire [11:0] weight2_sum;
  wire [10:0] weight2_carry;

  opt2_tree_4x4_weight_tree_4to2_signed_w9 u_weight_tree2 (
    .pp_i    (pp2),
    .neg_i   ({digit_neg[14], digit_neg[10], digit_neg[6], digit_neg[2]}),
    .sum_o   (weight2_sum),
    .carry_o (weight2_carry)
  );

  reg [11:0] weight2_sum_q;
  reg [10:0] weight2_carry_q;
  wire [11:0] weight3_sum;
  wire [10:0] weight3_carry;

  opt2_tree_4x4_weight_tree_4to2_signed_w9 u_weight_tree3 (
    .pp_i    (pp3),
    .neg_i   ({digit_neg[15], digit_neg[11], digit_neg[7], digit_neg[3]}),
    .sum_o   (weight3_sum),
    .carry_o (weight3_carry)
  );

  reg [11:0] weight3_sum_q;
  reg [10:0] weight3_carry_q;
  wire [17:0] aligned_sum;
  wire [16:0] aligned_carry;

  opt2_tree_4x4_join_w12l0_w12l2_w12l4_w12l6 u_aligned_tree (
    .sum0_i   (weight0_sum_q),
    .carry0_i (weight0_carry_q),
    .sum1_i   (weight1_sum_q),
    .carry1_i (weight1_carry_q),
    .sum2_i   (weight2_sum_q),
    .carry2_i (weight2_carry_q),
    .sum3_i   (weight3_sum_q),
    .carry3_i (weight3_carry_q),
    .sum_o    (aligned_sum),
    .carry_o  (aligned_carry)
  );

  reg [17:0] aligned_sum_q;
  reg [16:0] aligned_carry_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      weight0_sum_q <= weight0_sum;
      weight0_carry_q <= weight0_carry;
      weight1_sum_q <= weight1_sum;
      weight1_carry_q <= weight1_carry;
      weight2_sum_q <= weight2_sum;
      weight2_carry_q <= weight2_carry;
      weight3_sum_q <= weight3_sum;
      weight3_carry_q <= weight3_carry;
      aligned_sum_q <= aligned_sum;
      aligned_carry_q <= aligned_carry;
    end
  end

  wire [31:0] sum_d;
  wire [30:0] carry_d;

  opt2_tree_4x4_compressor_4to2_w32_from18 u_compressor (
    .low_sum_i   (aligned_sum_q),
    .low_carry_i (aligned_carry_q),
    .sum_i       (sum_kept),
    .carry_i     (carry_kept),
    .sum_o       (sum_d),
    .carry_o     (carry_d)
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

endmodule
