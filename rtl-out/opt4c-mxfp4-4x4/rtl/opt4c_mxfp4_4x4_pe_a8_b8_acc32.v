// Processing element: the digits of a slot times their rows of B join the carry-save pair.
// Between two bit weights the pair is multiplied by the radix (Horner's rule).
// Design opt4c-mxfp4-4x4 (hash b8a8fa3149bf1016), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4c-mxfp4-4x4
// A mxfp4 (elements are 4 bits, decoded to words of 8), B mxfp4 (elements are 4 bits, decoded to
// words of 8), two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: 4 passes over groups of 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, a group without any is dropped, but the first of a pass takes 1. Rows meet
// at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4c_mxfp4_4x4_pe_a8_b8_acc32 (
  input  wire        clk_i,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        first_i,        // first slot of a tile: the pair starts at 0
  input  wire        raise_i,        // first slot of a pass: the pair is multiplied by the radix
  input  wire        take_i,         // digit and word of B are taken
  input  wire [7:0]  b0_i,           // word of B
  input  wire [2:0]  digit_i,        // a digit, or 0
  input  wire        step_i,         // the slot has a digit, begins a tile or a pass
  input  wire        capture_i,      // the result is finished
  input  wire        drain_load_i,   // moves the drain chain, or captures
  input  wire [31:0] drain_sum_i,    // drain chain, from the north
  output wire [31:0] drain_sum_o,    // drain chain, to the south
  input  wire [30:0] drain_carry_i,  // drain chain, from the north
  output wire [30:0] drain_carry_o   // drain chain, to the south
);

  reg [7:0] b0_q;

  always @(posedge clk_i) begin
    if (take_i) begin
      b0_q <= b0_i;
    end
  end

  wire [7:0] b = b0_q;
  wire [8:0] pp;
  wire one = digit_i[0];
  wire two = digit_i[1];
  wire neg = digit_i[2];

  opt4c_mxfp4_4x4_partial_products_w8_r1x1 u_partial_product (
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

  opt4c_mxfp4_4x4_compressor_3to2_w32 u_compressor (
    .pp0_i   (pp),
    .neg_i   (digit_i[2]),
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
