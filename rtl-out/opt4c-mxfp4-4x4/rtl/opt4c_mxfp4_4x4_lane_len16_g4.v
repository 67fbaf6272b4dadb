// Lane: takes the digits of its group that are not 0, one a cycle, each with the row of B it asks
// for.
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
module opt4c_mxfp4_4x4_lane_len16_g4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,  // 0 freezes the array
  input  wire [31:0] a_data_i,   // a group of operands
  input  wire        b_valid_i,  // the row of B is offered
  input  wire        accept_i,   // a group enters
  input  wire [3:0]  weight_i,   // its bit weight, one-hot
  input  wire [15:0] held_i,     // where the group in the register begins
  output wire        b_ready_o,  // the lane asks for a row of B
  output wire [17:0] b_index_o,  // which one: its operand of the pass
  output wire        take_o,     // it is taken, with its digit
  output wire [2:0]  digit_o,    // the digit, one edge later
  output wire        valid_o,    // there is one
  output wire        done_o,     // nothing is left of the group after this cycle, if advance_i is 1
  output wire        empty_o     // the offered group has no digit that is not 0
);

  wire empty;
  wire asks;
  wire last;
  wire take;
  wire [2:0] digit;
  wire valid;
  wire [3:0] pick;

  opt4c_mxfp4_4x4_sequencer_en_t_w8_g4 u_sequencer (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .advance_i (advance_i),
    .accept_i  (accept_i),
    .weight_i  (weight_i),
    .a_i       (a_data_i),
    .take_i    (take),
    .asks_o    (asks),
    .empty_o   (empty),
    .last_o    (last),
    .pick_o    (pick),
    .digit_o   (digit),
    .valid_o   (valid)
  );

  wire wants_b = asks & advance_i;
  wire takes = wants_b & b_valid_i;
  wire idle = ~asks;
  wire worked = idle | b_valid_i;
  wire finishes = worked & last;
  wire position_1 = pick[2] | pick[3];
  wire position_0 = pick[1] | pick[3];
  assign take = takes;
  wire group_done = finishes;
  assign b_ready_o = wants_b;
  assign b_index_o = {held_i, position_1, position_0};
  assign take_o = takes;
  assign digit_o = digit;
  assign valid_o = valid;
  assign done_o = group_done;
  assign empty_o = empty;

  // Bits that this module has no use for.
  wire unused_pick = pick[0];

endmodule
