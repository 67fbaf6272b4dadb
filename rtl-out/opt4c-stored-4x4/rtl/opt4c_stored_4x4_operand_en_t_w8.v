// One operand of a group: its digit of the bit weight at hand is registered, and shown while
// it is picked. A digit is a bit for each magnitude, and its sign.
// Design opt4c-stored-4x4 (hash 32522be6ef6946ca), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4c-stored-4x4
// A int8, B int8, two's complement; A becomes digits, en-t; its stream carries select lines.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: 4 passes over groups of 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4c_stored_4x4_operand_en_t_w8 (
  input  wire        clk_i,
  input  wire        accept_i,   // loads the register
  input  wire [3:0]  weight_i,   // the bit weight, one-hot
  input  wire [11:0] a_i,        // select lines of the operand
  output wire        nonzero_o,  // the digit of a_i is not 0
  input  wire        pick_i,     // shows the digit
  output wire [2:0]  digit_o     // the registered digit, or 0
);

  wire [3:0] one_at_weight = a_i[3:0] & weight_i;
  wire one_none = one_at_weight == 4'd0;
  wire one = ~one_none;
  wire [3:0] two_at_weight = a_i[7:4] & weight_i;
  wire two_none = two_at_weight == 4'd0;
  wire two = ~two_none;
  wire [3:0] neg_at_weight = a_i[11:8] & weight_i;
  wire neg_none = neg_at_weight == 4'd0;
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
