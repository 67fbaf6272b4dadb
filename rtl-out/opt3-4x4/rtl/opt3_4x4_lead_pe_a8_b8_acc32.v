// Processing element: the digits of a slot times their rows of B join the carry-save pair.
// Between two bit weights the pair is multiplied by the radix (Horner's rule).
// The first PE of a row: it tells the row what its digit sequencer does, and so what all do.
// Design opt3-4x4 (hash 5d24d44365e486cf), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt3-4x4
// A int8, B int8, two's complement; A becomes digits, en-t.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: 4 passes over groups of 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt3_4x4_lead_pe_a8_b8_acc32 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        first_i,        // first slot of a tile: the pair starts at 0
  input  wire        raise_i,        // first slot of a pass: the pair is multiplied by the radix
  input  wire        take_i,         // digit and word of B are taken
  input  wire [7:0]  b0_i,           // word of B
  input  wire        accept_i,       // a group enters
  input  wire [31:0] a_data_i,       // its operands
  input  wire [3:0]  weight_i,       // its bit weight, one-hot
  output wire        asks_o,         // a digit is picked
  output wire        last_o,         // nothing is left after the picked digit
  output wire [3:0]  pick_o,         // its position, one-hot
  input  wire        capture_i,      // the result is finished
  input  wire        drain_load_i,   // moves the drain chain, or captures
  input  wire [31:0] drain_sum_i,    // drain chain, from the north
  output wire [31:0] drain_sum_o,    // drain chain, to the south
  input  wire [30:0] drain_carry_i,  // drain chain, from the north
  output wire [30:0] drain_carry_o   // drain chain, to the south
);

  wire [2:0] digit;
  wire valid;
  wire asks;
  assign asks_o = asks;
  wire last;
  assign last_o = last;
  wire [3:0] pick;
  assign pick_o = pick;

  opt3_4x4_sequencer_en_t_w8_g4 u_sequencer (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .advance_i (advance_i),
    .accept_i  (accept_i),
    .weight_i  (weight_i),
    .a_i       (a_data_i),
    .take_i    (take_i),
    .asks_o    (asks),
    .last_o    (last),
    .pick_o    (pick),
    .digit_o   (digit),
    .valid_o   (valid)
  );

  wire step = valid | first_i | raise_i;
  reg [7:0] b0_q;

  always @(posedge clk_i) begin
    if (take_i) begin
      b0_q <= b0_i;
    end
  end

  wire [7:0] b = b0_q;
  wire [8:0] pp;
  wire one = digit[0];
  wire two = digit[1];
  wire neg = digit[2];

  opt3_4x4_partial_products_w8_r1x1 u_partial_product (
    .y_i   (b),
    .one_i (one),
    .two_i (two),
    .neg_i (neg),
    .pp0_o (pp)
  );

  wire keep = ~first_i;
  reg [31:0] sum_q;
  wire [31:0] sum_raised = raise_i ? {sum_q[29:0], 2'd0} : sum_q;
  wire [31:0] sum_kept = sum_raised & {{31{keep}}, keep};
  reg [30:0] carry_q;
  wire [30:0] carry_raised = raise_i ? {carry_q[28:0], 2'd0} : carry_q;
  wire [30:0] carry_kept = carry_raised & {{30{keep}}, keep};
  wire [31:0] sum_d;
  wire [30:0] carry_d;

  opt3_4x4_compressor_3to2_w32 u_compressor (
    .pp0_i   (pp),
    .neg_i   (digit[2]),
    .sum_i   (sum_kept),
    .carry_i (carry_kept),
    .sum_o   (sum_d),
    .carry_o (carry_d)
  );

  wire go = step & advance_i;

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
