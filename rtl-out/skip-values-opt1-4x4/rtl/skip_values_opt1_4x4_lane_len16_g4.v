// Lane: takes the values of its group that are not 0, one a cycle, each with the row of B it asks
// for.
// Design skip-values-opt1-4x4 (hash ab164f8ef0a54ab8), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-opt1-4x4
// A int8, B int8, two's complement; A becomes digits, en-t.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_opt1_4x4_lane_len16_g4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,  // 0 freezes the array
  input  wire [31:0] a_data_i,   // a group of operands
  input  wire        b_valid_i,  // the row of B is offered
  input  wire        accept_i,   // a group enters
  input  wire [15:0] held_i,     // where the group in the register begins
  output wire        b_ready_o,  // the lane asks for a row of B
  output wire [17:0] b_index_o,  // which one: its operand of the pass
  output wire        take_o,     // it is taken, with its value
  output wire [7:0]  value_o,    // the value, one edge later
  output wire        valid_o,    // there is one
  output wire        done_o      // nothing is left of the group after this cycle, if advance_i is 1
);

  wire asks;
  wire last;
  wire take;
  wire [7:0] value;
  wire valid;
  wire [3:0] pick;

  skip_values_opt1_4x4_sequencer_value_w8_g4 u_sequencer (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .advance_i (advance_i),
    .accept_i  (accept_i),
    .a_i       (a_data_i),
    .take_i    (take),
    .asks_o    (asks),
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

  // Bits that this module has no use for.
  wire unused_pick = pick[0];

endmodule
