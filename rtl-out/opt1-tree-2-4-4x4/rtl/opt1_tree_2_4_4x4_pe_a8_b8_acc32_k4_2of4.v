// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// An element of b selects the word of a that it is multiplied by, one of 4 of its group.
// The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).
// Operands come from the edge; 4 products a cycle, accumulated 4 edges later.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_pe_a8_b8_acc32_k4_2of4 (
  input  wire        clk_i,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        valid_i,        // products are those of a step of a tile
  input  wire        first_i,        // of its first step: the sum starts at 0
  input  wire        capture_i,      // the sum is complete
  input  wire [63:0] a_i,            // of this row
  input  wire [31:0] b_i,            // of this column
  input  wire [7:0]  b_index_i,      // places of the weights in their groups
  input  wire        shift_i,        // moves the drain chain
  input  wire [31:0] drain_sum_i,    // drain chain, from the north
  input  wire [30:0] drain_carry_i,  // drain chain, from the north
  output wire [31:0] drain_sum_o,    // drain chain, to the south
  output wire [30:0] drain_carry_o   // drain chain, to the south
);

  genvar group;
  genvar k;
  genvar lane;

  wire step = valid_i & advance_i;
  wire keep = ~first_i;
  reg [31:0] sum_q;
  wire [31:0] sum_kept = sum_q & {{31{keep}}, keep};
  reg [30:0] carry_q;
  wire [30:0] carry_kept = carry_q & {{30{keep}}, keep};
  wire [31:0] a_selected;

  generate
    for (group = 0; group < 2; group = group + 1) begin : gen_group
      opt1_tree_2_4_4x4_select_2of4_w8 u_select (
        .x_i     (a_i[group*32 +: 32]),
        .index_i (b_index_i[group*4 +: 4]),
        .y_o     (a_selected[group*16 +: 16])
      );
    end
  endgenerate

  wire [15:0] digit_one;
  wire [15:0] digit_two;
  wire [15:0] digit_neg;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_encoder_k
      opt1_tree_2_4_4x4_encoder_booth_4_w8 u_encoder (
        .x_i   (a_selected[k*8 +: 8]),
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
      opt1_tree_2_4_4x4_partial_products_w8_r4x4 u_partial_products (
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

  wire [63:0] lane_sums;
  wire [59:0] lane_carries;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_lane_compressor_k
      opt1_tree_2_4_4x4_compressor_4to2_w16 u_lane_compressor (
        .pp0_i   (pp0[k*9 +: 9]),
        .pp1_i   (pp1[k*9 +: 9]),
        .pp2_i   (pp2[k*9 +: 9]),
        .pp3_i   (pp3[k*9 +: 9]),
        .neg_i   (digit_neg[k*4 +: 4]),
        .sum_o   (lane_sums[k*16 +: 16]),
        .carry_o (lane_carries[k*15 +: 15])
      );
    end
  endgenerate

  wire [63:0] lane_sums_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_lane_sums_q_line
      reg [1*16-1:0] lane_sums_q_line_q;
      wire [2*16-1:0] lane_sums_q_line = {lane_sums_q_line_q, lane_sums[lane*16 +: 16]};
      always @(posedge clk_i) begin
        if (advance_i) begin
          lane_sums_q_line_q <= lane_sums_q_line[1*16-1:0];
        end
      end
      assign lane_sums_q[lane*16 +: 16] = lane_sums_q_line[1*16 +: 16];
    end
  endgenerate

  wire [59:0] lane_carries_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_lane_carries_q_line
      reg [1*15-1:0] lane_carries_q_line_q;
      wire [2*15-1:0] lane_carries_q_line = {lane_carries_q_line_q, lane_carries[lane*15 +: 15]};
      always @(posedge clk_i) begin
        if (advance_i) begin
          lane_carries_q_line_q <= lane_carries_q_line[1*15-1:0];
        end
      end
      assign lane_carries_q[lane*15 +: 15] = lane_carries_q_line[1*15 +: 15];
    end
  endgenerate

  wire [16:0] join1_0_sum;
  wire [15:0] join1_0_carry;

  opt1_tree_2_4_4x4_join_w16l0_w16l0 u_join1_0_tree (
    .sum0_i   (lane_sums_q[0*16 +: 16]),
    .carry0_i (lane_carries_q[0*15 +: 15]),
    .sum1_i   (lane_sums_q[1*16 +: 16]),
    .carry1_i (lane_carries_q[1*15 +: 15]),
    .sum_o    (join1_0_sum),
    .carry_o  (join1_0_carry)
  );

  reg [16:0] join1_0_sum_q;
  reg [15:0] join1_0_carry_q;
  wire [16:0] join1_1_sum;
  wire [15:0] join1_1_carry;

  opt1_tree_2_4_4x4_join_w16l0_w16l0 u_join1_1_tree (
    .sum0_i   (lane_sums_q[2*16 +: 16]),
    .carry0_i (lane_carries_q[2*15 +: 15]),
    .sum1_i   (lane_sums_q[3*16 +: 16]),
    .carry1_i (lane_carries_q[3*15 +: 15]),
    .sum_o    (join1_1_sum),
    .carry_o  (join1_1_carry)
  );

  reg [16:0] join1_1_sum_q;
  reg [15:0] join1_1_carry_q;
  wire [17:0] join2_0_sum;
  wire [16:0] join2_0_carry;

  opt1_tree_2_4_4x4_join_w17l0_w17l0 u_join2_0_tree (
    .sum0_i   (join1_0_sum_q),
    .carry0_i (join1_0_carry_q),
    .sum1_i   (join1_1_sum_q),
    .carry1_i (join1_1_carry_q),
    .sum_o    (join2_0_sum),
    .carry_o  (join2_0_carry)
  );

  reg [17:0] join2_0_sum_q;
  reg [16:0] join2_0_carry_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      join1_0_sum_q <= join1_0_sum;
      join1_0_carry_q <= join1_0_carry;
      join1_1_sum_q <= join1_1_sum;
      join1_1_carry_q <= join1_1_carry;
      join2_0_sum_q <= join2_0_sum;
      join2_0_carry_q <= join2_0_carry;
    end
  end

  wire [31:0] sum_d;
  wire [30:0] carry_d;

  opt1_tree_2_4_4x4_compressor_4to2_w32_from18 u_compressor (
    .low_sum_i   (join2_0_sum_q),
    .low_carry_i (join2_0_carry_q),
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
