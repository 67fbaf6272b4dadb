// A row of 4 PEs: takes the digits of its row of A that are not 0 at its own pace, at most 1
// a cycle.
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
module opt4c_mxfp4_4x4_row_a8_b8_acc32x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         advance_i,      // moves everything; 0 freezes the array
  input  wire [15:0]  last_group_i,   // number of the last group of a pass
  input  wire         single_i,       // the next tile has one group a pass
  input  wire         start_i,        // a tile starts; 0 while advance_i is 0
  input  wire         a_valid_i,      // a group is offered
  input  wire [31:0]  a_data_i,       // its operands
  input  wire         b_valid_i,      // the row of B that is asked for is offered
  input  wire [31:0]  b_data_i,       // its words
  output wire         row_done_o,     // the row is at the end of the tile
  input  wire         capture_i,      // every PE captures its result; 0 while advance_i is 0
  input  wire         shift_i,        // one row of results leaves; 0 while advance_i is 0
  input  wire         full_i,         // drain bit of the row above
  output wire         full_o,         // drain bit
  input  wire [127:0] drain_sum_i,    // drain chain, from the north
  output wire [127:0] drain_sum_o,    // drain chain, to the south
  input  wire [123:0] drain_carry_i,  // drain chain, from the north
  output wire [123:0] drain_carry_o,  // drain chain, to the south
  output wire         a_ready_o,      // a group is taken
  output wire         b_ready_o,      // a row of B is asked for
  output wire [17:0]  b_index_o       // which one: the operand of the lane's pass
);

  genvar col;

  wire take;
  wire b_ready;
  wire [2:0] digit;
  wire valid;
  wire [17:0] b_index;
  wire turns;
  wire accept;
  wire group_ready;
  wire [3:0] weight;
  wire [15:0] held;
  wire group_done;
  wire empty;
  wire met;
  wire at_tile;

  opt4c_mxfp4_4x4_group_port_len16 u_group_port (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .advance_i    (advance_i),
    .valid_i      (a_valid_i),
    .last_group_i (last_group_i),
    .single_i     (single_i),
    .turn_i       (turns),
    .done_i       (group_done),
    .empty_i      (empty),
    .weight_o     (weight),
    .held_o       (held),
    .ready_o      (group_ready),
    .accept_o     (accept),
    .met_o        (met),
    .at_tile_o    (at_tile)
  );

  wire a_ready = group_ready;

  opt4c_mxfp4_4x4_lane_len16_g4 u_lane (
    .clk_i     (clk_i),
    .rst_ni    (rst_ni),
    .advance_i (advance_i),
    .a_data_i  (a_data_i),
    .b_valid_i (b_valid_i),
    .accept_i  (accept),
    .weight_i  (weight),
    .held_i    (held),
    .b_ready_o (b_ready),
    .b_index_o (b_index),
    .take_o    (take),
    .digit_o   (digit),
    .valid_o   (valid),
    .done_o    (group_done),
    .empty_o   (empty)
  );

  // The end of a stretch, and the turn to the next one.
  wire row_done = met & at_tile;
  assign row_done_o = row_done;
  wire not_at_tile = ~at_tile;
  wire may_open_pass = not_at_tile & advance_i;
  wire opens_pass = met & may_open_pass;
  wire either = start_i | opens_pass;
  assign turns = either;

  // The first slot of a tile, and of a pass, goes with what is taken in the cycle after the turn.
  reg first_cycle_q;
  reg first_q;
  reg raise_cycle_q;
  reg raise_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_cycle_q <= 1'b0;
      first_q <= 1'b0;
      raise_cycle_q <= 1'b0;
      raise_q <= 1'b0;
    end else if (advance_i) begin
      first_cycle_q <= start_i;
      first_q <= first_cycle_q;
      raise_cycle_q <= opens_pass;
      raise_q <= raise_cycle_q;
    end
  end

  wire full;
  wire row_shift;

  opt4c_mxfp4_4x4_row_control u_row_control (
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
  wire step_none = {raise_q, first_q, valid} == 3'd0;
  wire step = ~step_none;

  generate
    for (col = 0; col < 4; col = col + 1) begin : gen_col
      opt4c_mxfp4_4x4_pe_a8_b8_acc32 u_pe (
        .clk_i         (clk_i),
        .advance_i     (advance_i),
        .first_i       (first_q),
        .raise_i       (raise_q),
        .take_i        (take),
        .b0_i          (b_data_i[col*8 +: 8]),
        .digit_i       (digit),
        .step_i        (step),
        .capture_i     (capture_i),
        .drain_load_i  (drain_load),
        .drain_sum_i   (drain_sum_i[col*32 +: 32]),
        .drain_sum_o   (drain_sum_o[col*32 +: 32]),
        .drain_carry_i (drain_carry_i[col*31 +: 31]),
        .drain_carry_o (drain_carry_o[col*31 +: 31])
      );
    end
  endgenerate

  assign a_ready_o = a_ready;
  assign b_ready_o = b_ready;
  assign b_index_o = b_index;

endmodule
