// A row of 4 PEs: takes the values of its row of A that are not 0 at its own pace, one a cycle.
// Design skip-values-4x4 (hash 69a941f8f927e274), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-4x4
// A int8, B int8, two's complement; not encoded: the * operator.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 7 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_4x4_row_a8_b8_acc32x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         advance_i,     // moves everything; 0 freezes the array
  input  wire [15:0]  last_group_i,  // number of the last group of a pass
  input  wire         single_i,      // the next tile has one group a pass
  input  wire         start_i,       // a tile starts; 0 while advance_i is 0
  input  wire         a_valid_i,     // a group is offered
  input  wire [31:0]  a_data_i,      // its operands
  input  wire         b_valid_i,     // the row of B that is asked for is offered
  input  wire [31:0]  b_data_i,      // its words
  output wire         row_done_o,    // the row is at the end of the tile
  input  wire         capture_i,     // every PE captures its result; 0 while advance_i is 0
  input  wire         shift_i,       // one row of results leaves; 0 while advance_i is 0
  input  wire         full_i,        // drain bit of the row above
  output wire         full_o,        // drain bit
  input  wire [127:0] drain_acc_i,   // drain chain, from the north
  output wire [127:0] drain_acc_o,   // drain chain, to the south
  output wire         a_ready_o,     // a group is taken
  output wire         b_ready_o,     // a row of B is asked for
  output wire [17:0]  b_index_o      // which one: the operand of the lane's pass
);

  genvar col;

  wire take;
  wire b_ready;
  wire [7:0] value;
  wire valid;
  wire [17:0] b_index;
  wire turns;
  wire accept;
  wire group_ready;
  wire [15:0] held;
  wire group_done;
  wire met;

  skip_values_4x4_group_port_len16 u_group_port (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .advance_i    (advance_i),
    .valid_i      (a_valid_i),
    .last_group_i (last_group_i),
    .single_i     (single_i),
    .turn_i       (turns),
    .done_i       (group_done),
    .held_o       (held),
    .ready_o      (group_ready),
    .accept_o     (accept),
    .met_o        (met)
  );

  wire a_ready = group_ready;

  skip_values_4x4_lane_len16_g4 u_lane (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .advance_i (advance_i),
    .a_data_i  (a_data_i),
    .b_valid_i (b_valid_i),
    .accept_i  (accept),
    .held_i    (held),
    .b_ready_o (b_ready),
    .b_index_o (b_index),
    .take_o    (take),
    .value_o   (value),
    .valid_o   (valid),
    .done_o    (group_done)
  );

  // The end of a stretch, and the turn to the next one.
  assign row_done_o = met;
  assign turns = start_i;

  // The first slot of a tile, and of a pass, goes with what is taken in the cycle after the turn.
  reg first_cycle_q;
  reg first_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_cycle_q <= 1'b0;
      first_q <= 1'b0;
    end else if (advance_i) begin
      first_cycle_q <= start_i;
      first_q <= first_cycle_q;
    end
  end

  wire full;
  wire row_shift;

  skip_values_4x4_row_control u_row_control (
    .clk_i       (clk_i),
    .rst_ni      (rst_ni),
    .advance_i   (advance_i),
    .start_i     (capture_i),
    .shift_i     (shift_i),
    .full_i      (full_i),
    .full_o      (full),
    .row_shift_o (row_shift)
  );

  assign full_o = full;
  wire drain_load = capture_i | row_shift;
  wire step_none = {first_q, valid} == 2'd0;
  wire step = ~step_none;

  generate
    for (col = 0; col < 4; col = col + 1) begin : gen_col
      skip_values_4x4_pe_a8_b8_acc32 u_pe (
        .clk_i        (clk_i),
        .rst_ni       (rst_ni),
        .advance_i    (advance_i),
        .first_i      (first_q),
        .step_i       (step),
        .take_i       (take),
        .a_i          (value),
        .b0_i         (b_data_i[col*8 +: 8]),
        .capture_i    (capture_i),
        .drain_load_i (drain_load),
        .drain_acc_i  (drain_acc_i[col*32 +: 32]),
        .drain_acc_o  (drain_acc_o[col*32 +: 32])
      );
    end
  endgenerate

  assign a_ready_o = a_ready;
  assign b_ready_o = b_ready;
  assign b_index_o = b_index;

endmodule
