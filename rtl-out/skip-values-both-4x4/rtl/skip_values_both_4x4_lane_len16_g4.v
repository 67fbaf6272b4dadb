// Lane: takes the values of its group that are not 0, one a cycle, each with the row of B it asks
// for.
// Design skip-values-both-4x4 (hash 535f1cab09555052), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-both-4x4
// A int8, B int8, two's complement; not encoded: the * operator.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, a group without any is dropped, but the first of a tile takes
// 1. Rows meet at the end of a tile.
// Latency of a tile: W + 7 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_both_4x4_lane_len16_g4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,  // 0 freezes the array
  input  wire [31:0] a_data_i,   // a group of operands
  input  wire        b_valid_i,  // the row of B is offered
  input  wire        accept_i,   // a group enters
  input  wire [15:0] held_i,     // where the group in the register begins
  // which rows of B, of the group's operands, have a value that is not 0 in the tile
  input  wire [3:0]  a_match_i,
  output wire        b_ready_o,  // the lane asks for a row of B
  output wire [17:0] b_index_o,  // which one: its operand of the pass
  output wire        take_o,     // it is taken, with its value
  output wire [7:0]  value_o,    // the value, one edge later
  output wire        valid_o,    // there is one
  output wire        done_o,     // nothing is left of the group after this cycle, if advance_i is 1
  output wire        empty_o     // the offered group has no value that is not 0
);

  wire empty;
  wire asks;
  wire last;
  wire take;
  wire [7:0] value;
  wire valid;
  wire [3:0] pick;

  skip_values_both_4x4_sequencer_value_w8_g4 u_sequencer (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .advance_i (advance_i),
    .accept_i  (accept_i),
    .a_i       (a_data_i),
    .take_i    (take),
    .match_i   (a_match_i),
    .asks_o    (asks),
    .empty_o   (empty),
    .last_o    (last),
    .pick_o    (pick),
    .value_o   (value),
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
  assign value_o = value;
  assign valid_o = valid;
  assign done_o = group_done;
  assign empty_o = empty;

  // Bits that this module has no use for.
  wire unused_pick = pick[0];

endmodule
