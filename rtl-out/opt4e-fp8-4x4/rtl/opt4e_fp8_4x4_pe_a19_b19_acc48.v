// Processing element: the digits of a slot times their rows of B join the carry-save pair.
// Between two bit weights the pair is multiplied by the radix (Horner's rule).
// Design opt4e-fp8-4x4 (hash 587eb6d3579f686d), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4e-fp8-4x4
// A fp8-e4m3 (elements are 8 bits, decoded to words of 19), B fp8-e4m3 (elements are 8 bits,
// decoded to words of 19), two's complement; A becomes digits, naf-4, at the edge of the array.
// Results int48, two's complement, modulo 2^48.
// Cycles follow the data: 10 passes over groups of 4 x 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, a group without any is dropped, but the first of a pass takes 1. Rows meet
// at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4e_fp8_4x4_pe_a19_b19_acc48 (
  input  wire        clk_i,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        first_i,        // first slot of a tile: the pair starts at 0
  input  wire        raise_i,        // first slot of a pass: the pair is multiplied by the radix
  input  wire [3:0]  take_i,         // digit and word of B are taken
  input  wire [18:0] b0_i,           // word of B
  input  wire [18:0] b1_i,           // word of B
  input  wire [18:0] b2_i,           // word of B
  input  wire [18:0] b3_i,           // word of B
  input  wire [11:0] digit_i,        // a digit, or 0
  input  wire        step_i,         // the slot has a digit, begins a tile or a pass
  input  wire        capture_i,      // the result is finished
  input  wire        drain_load_i,   // moves the drain chain, or captures
  input  wire [47:0] drain_sum_i,    // drain chain, from the north
  output wire [47:0] drain_sum_o,    // drain chain, to the south
  input  wire [46:0] drain_carry_i,  // drain chain, from the north
  output wire [46:0] drain_carry_o   // drain chain, to the south
);

  genvar lane;

  reg [18:0] b0_q;

  always @(posedge clk_i) begin
    if (take_i[0]) begin
      b0_q <= b0_i;
    end
  end

  reg [18:0] b1_q;

  always @(posedge clk_i) begin
    if (take_i[1]) begin
      b1_q <= b1_i;
    end
  end

  reg [18:0] b2_q;

  always @(posedge clk_i) begin
    if (take_i[2]) begin
      b2_q <= b2_i;
    end
  end

  reg [18:0] b3_q;

  always @(posedge clk_i) begin
    if (take_i[3]) begin
      b3_q <= b3_i;
    end
  end

  wire [75:0] b = {b3_q, b2_q, b1_q, b0_q};
  wire [79:0] pp;
  wire [3:0] one = {digit_i[9], digit_i[6], digit_i[3], digit_i[0]};
  wire [3:0] two = {digit_i[10], digit_i[7], digit_i[4], digit_i[1]};
  wire [3:0] neg = {digit_i[11], digit_i[8], digit_i[5], digit_i[2]};

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_lane
      opt4e_fp8_4x4_partial_products_w19_r1x1 u_partial_product (
        .y_i   (b[lane*19 +: 19]),
        .one_i (one[lane]),
        .two_i (two[lane]),
        .neg_i (neg[lane]),
        .pp0_o (pp[lane*20 +: 20])
      );
    end
  endgenerate

  wire keep = ~first_i;
  reg [47:0] sum_q;
  wire [47:0] sum_raised = raise_i ? {sum_q[45:0], 2'd0} : sum_q;
  wire [47:0] sum_kept = sum_raised & {{47{keep}}, keep};
  reg [46:0] carry_q;
  wire [46:0] carry_raised = raise_i ? {carry_q[44:0], 2'd0} : carry_q;
  wire [46:0] carry_kept = carry_raised & {{46{keep}}, keep};
  wire [47:0] sum_d;
  wire [46:0] carry_d;

  opt4e_fp8_4x4_compressor_6to2_w48 u_compressor (
    .pp0_i   (pp[0*20 +: 20]),
    .pp1_i   (pp[1*20 +: 20]),
    .pp2_i   (pp[2*20 +: 20]),
    .pp3_i   (pp[3*20 +: 20]),
    .neg_i   ({digit_i[11], digit_i[8], digit_i[5], digit_i[2]}),
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
  wire [47:0] drain_sum_d = capture_i ? sum_q : drain_sum_i;
  reg [47:0] drain_sum_q;
  assign drain_sum_o = drain_sum_q;
  wire [46:0] drain_carry_d = capture_i ? carry_q : drain_carry_i;
  reg [46:0] drain_carry_q;

  always @(posedge clk_i) begin
    if (drain_load_i) begin
      drain_sum_q <= drain_sum_d;
      drain_carry_q <= drain_carry_d;
    end
  end

  assign drain_carry_o = drain_carry_q;

endmodule
