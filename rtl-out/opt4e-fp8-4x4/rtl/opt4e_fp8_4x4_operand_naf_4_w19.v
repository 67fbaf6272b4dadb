// One operand of a group: its digit of the bit weight at hand is registered, and shown while
// it is picked. A digit is a bit for each magnitude, and its sign.
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
module opt4e_fp8_4x4_operand_naf_4_w19 (
  input  wire        clk_i,
  input  wire        accept_i,   // loads the register
  input  wire [9:0]  weight_i,   // the bit weight, one-hot
  input  wire [18:0] a_i,        // operand
  output wire        nonzero_o,  // the digit of a_i is not 0
  input  wire        pick_i,     // shows the digit
  output wire [2:0]  digit_o     // the registered digit, or 0
);

  wire [9:0] all_one;
  wire [8:0] all_two;
  wire [9:0] all_neg;

  opt4e_fp8_4x4_encoder_naf_4_w19 u_encoder (
    .x_i   (a_i),
    .one_o (all_one),
    .two_o (all_two),
    .neg_o (all_neg)
  );

  wire [9:0] one_at_weight = all_one & weight_i;
  wire one_none = one_at_weight == 10'd0;
  wire one = ~one_none;
  wire [8:0] two_at_weight = all_two & weight_i[8:0];
  wire two_none = two_at_weight == 9'd0;
  wire two = ~two_none;
  wire [9:0] neg_at_weight = all_neg & weight_i;
  wire neg_none = neg_at_weight == 10'd0;
  wire neg = ~neg_none;
  wire nonzero = one | two;
  reg [2:0] digit_q;

  always @(posedge clk_i) begin
    if (accept_i) begin
      digit_q <= {neg, two, one};
    end
  end

  assign nonzero_o = nonzero;
  wire [2:0] shown = digit_q & {{2{pick_i}}, pick_i};
  assign digit_o = shown;

endmodule
