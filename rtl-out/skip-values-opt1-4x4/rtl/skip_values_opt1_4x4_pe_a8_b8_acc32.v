// Processing element: the value of a slot times its word of B joins the sum.
// The sum is kept as a carry-save pair: no carry propagates inside the loop over K (OPT1).
// Design skip-values-opt1-4x4 (hash ab164f8ef0a54ab8), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-opt1-4x4
// A int8, B int8, two's complement; A becomes digits, en-t.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_opt1_4x4_pe_a8_b8_acc32 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        first_i,        // first slot of a tile: the sum starts at 0
  input  wire        step_i,         // the slot has a value, or begins a tile
  input  wire        take_i,         // value and word of B are taken
  input  wire [7:0]  a_i,            // the value, or 0
  input  wire [7:0]  b0_i,           // word of B
  input  wire        capture_i,      // the result is finished
  input  wire        drain_load_i,   // moves the drain chain, or captures
  input  wire [31:0] drain_sum_i,    // drain chain, from the north
  output wire [31:0] drain_sum_o,    // drain chain, to the south
  input  wire [30:0] drain_carry_i,  // drain chain, from the north
  output wire [30:0] drain_carry_o   // drain chain, to the south
);

  // A tile without a value multiplies 0 by what is here, which has to be a word from the start.
  reg [7:0] b_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      b_q <= 8'd0;
    end else if (take_i) begin
      b_q <= b0_i;
    end
  end

  wire keep = ~first_i;
  reg [31:0] sum_q;
  wire [31:0] sum_kept = sum_q & {{31{keep}}, keep};
  reg [30:0] carry_q;
  wire [30:0] carry_kept = carry_q & {{30{keep}}, keep};
  wire [3:0] digit_one;
  wire [3:0] digit_two;
  wire [3:0] digit_neg;

  skip_values_opt1_4x4_encoder_en_t_w8 u_encoder (
    .x_i   (a_i),
    .one_o (digit_one),
    .two_o (digit_two),
    .neg_o (digit_neg)
  );

  wire [8:0] pp0;
  wire [8:0] pp1;
  wire [8:0] pp2;
  wire [8:0] pp3;

  skip_values_opt1_4x4_partial_products_w8_r4x4 u_partial_products (
    .y_i   (b_q),
    .one_i (digit_one),
    .two_i (digit_two),
    .neg_i (digit_neg),
    .pp0_o (pp0),
    .pp1_o (pp1),
    .pp2_o (pp2),
    .pp3_o (pp3)
  );

  wire [31:0] sum_d;
  wire [30:0] carry_d;

  skip_values_opt1_4x4_compressor_6to2_w32 u_compressor (
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

  wire go = step_i & advance_i;

  always @(posedge clk_i) begin
    if (go) begin
      sum_q <= sum_d;
      carry_q <= carry_d;
    end
  end

  // The finished result is captured beside the next tile's accumulation, and leaves southwards.
  wire [31:0] drain_sum_d = capture_i ? sum_q : drain_sum_i;
  reg [31:0] drain_sum_q;
  assign drain_sum_o = drain_sum_q;
  wire [30:0] drain_carry_d = capture_i ? carry_q : drain_carry_i;
  reg [30:0] drain_carry_q;

  always @(posedge clk_i) begin
    if (drain_load_i) begin
      drain_sum_q <= drain_sum_d;
      drain_carry_q <= drain_carry_d;
    end
  end

  assign drain_carry_o = drain_carry_q;

endmodule
