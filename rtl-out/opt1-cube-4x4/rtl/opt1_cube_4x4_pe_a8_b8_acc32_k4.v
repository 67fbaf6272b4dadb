// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).
// Operands are registered; 4 products a cycle, accumulated 1 edge later.
// Design opt1-cube-4x4 (hash 1375c53c03ae60fa), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-cube-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 7) cycles.
module opt1_cube_4x4_pe_a8_b8_acc32_k4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        valid_i,        // operands are a step of a tile
  input  wire        first_i,        // first step of a tile: the sum starts at 0
  input  wire        last_i,         // last step of a tile
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
  output wire [31:0] b_o             // to the south
);

  genvar lane;
  genvar k;

  reg valid_q;
  reg first_q;
  reg last_q;
  wire [31:0] a_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_a_q_line
      reg [1*8-1:0] a_q_line_q;
      wire [2*8-1:0] a_q_line = {a_q_line_q, a_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance_i) begin
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
        if (advance_i) begin
          b_q_line_q <= b_q_line[1*8-1:0];
        end
      end
      assign b_q[lane*8 +: 8] = b_q_line[1*8 +: 8];
    end
  endgenerate

  wire step = valid_q & advance_i;
  wire keep = ~first_q;
  reg [31:0] sum_q;
  wire [31:0] sum_kept = sum_q & {{31{keep}}, keep};
  reg [30:0] carry_q;
  wire [30:0] carry_kept = carry_q & {{30{keep}}, keep};
  wire [15:0] digit_one;
  wire [15:0] digit_two;
  wire [15:0] digit_neg;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_encoder_k
      opt1_cube_4x4_encoder_booth_4_w8 u_encoder (
        .x_i   (a_q[k*8 +: 8]),
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
      opt1_cube_4x4_partial_products_w8_r4x4 u_partial_products (
        .y_i   (b_q[k*8 +: 8]),
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

  wire [31:0] sum_d;
  wire [30:0] carry_d;

  opt1_cube_4x4_compressor_18to2_w32 u_compressor (
    .pp0_i   (pp0),
    .pp1_i   (pp1),
    .pp2_i   (pp2),
    .pp3_i   (pp3),
    .neg_i   (digit_neg),
    .sum_i   (sum_kept),
    .carry_i (carry_kept),
    .sum_o   (sum_d),
    .carry_o (carry_d)
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
      capture_q <= 1'b0;
    end else if (advance_i) begin
      valid_q <= valid_i;
      first_q <= first_i;
      last_q <= last_i;
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

endmodule
