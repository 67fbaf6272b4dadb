// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).
// Operands are registered; 4 products every 4 cycles, accumulated 1 edge later.
// Design opt2-cube-temporal-4x4 (hash c81cdecfdbe949d7), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt2-cube-temporal-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 4 * ceil(K/4) + 13 cycles, first operand to last result.
// Rate: a step every 4 cycles; a tile every max(4 * ceil(K/4), 7) cycles.
module opt2_cube_temporal_4x4_pe_a8_b8_acc32_k4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        valid_i,        // operands are a step of a tile
  input  wire        first_i,        // first step of a tile: the sum starts at 0
  input  wire        last_i,         // last step of a tile
  input  wire [3:0]  weight_i,       // bit weight at hand, one-hot
  input  wire [31:0] a_i,            // from the west
  input  wire [31:0] b_i,            // from the north
  input  wire        shift_i,        // moves the drain chain
  input  wire [31:0] drain_sum_i,    // drain chain, from the north
  input  wire [30:0] drain_carry_i,  // drain chain, from the north
  output wire [31:0] drain_sum_o,    // drain chain, to the south
  output wire [30:0] drain_carry_o,  // drain chain, to the south
  output wire        valid_o,        // to the east
  output wire        first_o,        // to the east
  output wire        last_o,         // to the east
  output wire [31:0] a_o,            // to the east
  output wire [31:0] b_o,            // to the south
  output wire [3:0]  weight_o        // to the east
);

  genvar lane;
  genvar k;

  reg valid_q;
  reg first_q;
  reg last_q;
  wire step_begins = weight_i[0] & advance_i;
  wire [31:0] a_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_a_q_line
      reg [1*8-1:0] a_q_line_q;
      wire [2*8-1:0] a_q_line = {a_q_line_q, a_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (step_begins) begin
          a_q_line_q <= a_q_line[1*8-1:0];
        end
      end
      assign a_q[lane*8 +: 8] = a_q_line[1*8 +: 8];
    end
  endgenerate

  wire [31:0] b_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_b_q_line
      reg [1*8-1:0] b_q_line_q;
      wire [2*8-1:0] b_q_line = {b_q_line_q, b_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (step_begins) begin
          b_q_line_q <= b_q_line[1*8-1:0];
        end
      end
      assign b_q[lane*8 +: 8] = b_q_line[1*8 +: 8];
    end
  endgenerate

  reg [3:0] weight_q;
  wire step = valid_q & advance_i;
  wire keep = ~first_q;
  reg [31:0] sum_q;
  wire [31:0] sum_kept = sum_q & {{31{keep}}, keep};
  reg [30:0] carry_q;
  wire [30:0] carry_kept = carry_q & {{30{keep}}, keep};
  wire [11:0] digit;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_digit_select_k
      opt2_cube_temporal_4x4_digit_select_w8 u_digit_select (
        .x_i      (a_q[k*8 +: 8]),
        .weight_i (weight_q),
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
      opt2_cube_temporal_4x4_partial_products_w8_r4x1 u_partial_products (
        .y_i   (b_q[k*8 +: 8]),
        .one_i (digit_one[k]),
        .two_i (digit_two[k]),
        .neg_i (digit_neg[k]),
        .pp0_o (pp0[k*9 +: 9])
      );
    end
  endgenerate

  wire [11:0] weight0_sum;
  wire [10:0] weight0_carry;

  opt2_cube_temporal_4x4_weight_tree_4to2_signed_w9 u_weight_tree0 (
    .pp_i    (pp0),
    .neg_i   (digit_neg),
    .sum_o   (weight0_sum),
    .carry_o (weight0_carry)
  );

  wire [17:0] shifted_sum;
  wire [16:0] shifted_carry;

  opt2_cube_temporal_4x4_shifter_w12_4x2 u_shifter (
    .weight_i (weight_q),
    .sum_i    (weight0_sum),
    .sum_o    (shifted_sum),
    .carry_i  (weight0_carry),
    .carry_o  (shifted_carry)
  );

  // The offset of the narrow sum, at its weight, is taken away.
  wire offset15 = weight_q[0] | weight_q[1] | weight_q[2];
  wire offset14 = weight_q[0] | weight_q[1] | weight_q[2];
  wire offset13 = weight_q[0] | weight_q[1];
  wire offset12 = weight_q[0] | weight_q[1];
  wire [31:0] sum_d;
  wire [30:0] carry_d;

  opt2_cube_temporal_4x4_compressor_4to2_w32_from18 u_compressor (
    .low_sum_i    (shifted_sum),
    .low_carry_i  (shifted_carry),
    .sum_i        (sum_kept),
    .carry_i      (carry_kept),
    .correction_i ({16'hffff, offset15, offset14, offset13, offset12, weight_q[0], weight_q[0],
        10'd0}),
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
  wire finished = valid_q & last_q;
  reg capture_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      first_q <= 1'b0;
      last_q <= 1'b0;
      weight_q <= 4'd0;
      capture_q <= 1'b0;
    end else if (advance_i) begin
      valid_q <= valid_i;
      first_q <= first_i;
      last_q <= last_i;
      weight_q <= weight_i;
      capture_q <= finished;
    end
  end

  wire capture = capture_q & advance_i;
  wire drain_load = capture | shift_i;
  wire [31:0] drain_sum_d = capture_q ? sum_q : drain_sum_i;
  reg [31:0] drain_sum_q;
  assign drain_sum_o = drain_sum_q;
  wire [30:0] drain_carry_d = capture_q ? carry_q : drain_carry_i;
  reg [30:0] drain_carry_q;

  always @(posedge clk_i) begin
    if (drain_load) begin
      drain_sum_q <= drain_sum_d;
      drain_carry_q <= drain_carry_d;
    end
  end

  assign drain_carry_o = drain_carry_q;
  assign valid_o = valid_q;
  assign first_o = first_q;
  assign last_o = last_q;
  assign a_o = a_q;
  assign b_o = b_q;
  assign weight_o = weight_q;

endmodule
