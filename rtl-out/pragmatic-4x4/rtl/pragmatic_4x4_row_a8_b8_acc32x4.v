// A row of 4 units: works on 4 operands of its row of A until all their terms are given, at
// its own pace.
// Design pragmatic-4x4 (hash d76c076a67f55e32), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit pragmatic-4x4
// A int8, B int8, two's complement; A becomes digits, csd, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there until no
// term is left, at least 1 cycle; a cycle takes terms less than 4 places above the lowest.
// Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module pragmatic_4x4_row_a8_b8_acc32x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         advance_i,     // moves everything; 0 freezes the array
  input  wire [15:0]  last_group_i,  // number of the last step of a tile
  input  wire         single_i,      // the next tile has one step
  input  wire         start_i,       // a tile starts; 0 while advance_i is 0
  input  wire         a_valid_i,     // a beat of A is offered
  input  wire [31:0]  a_data_i,      // its operands
  input  wire         b_valid_i,     // a beat of B is offered
  input  wire [127:0] b_data_i,      // its words, lane = column * lanes + k
  output wire         row_done_o,    // the row is at the end of the tile
  input  wire         capture_i,     // every PE captures its result; 0 while advance_i is 0
  input  wire         shift_i,       // one row of results leaves; 0 while advance_i is 0
  input  wire         full_i,        // drain bit of the row above
  output wire         full_o,        // drain bit
  input  wire [127:0] drain_acc_i,   // drain chain, from the north
  output wire [127:0] drain_acc_o,   // drain chain, to the south
  output wire         a_ready_o,     // the beat of A is taken
  output wire         b_ready_o      // the beat of B is asked for
);

  genvar lane;
  genvar col;

  wire accept;
  wire a_ready;
  wire group_done;
  wire turns;
  wire met;

  pragmatic_4x4_group_port_len16 u_group_port (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .advance_i    (advance_i),
    .valid_i      (a_valid_i),
    .last_group_i (last_group_i),
    .single_i     (single_i),
    .turn_i       (turns),
    .done_i       (group_done),
    .ready_o      (a_ready),
    .accept_o     (accept),
    .met_o        (met)
  );

  // A step waits for its words of B in its first cycle; they stay until the next step's come.
  reg busy_q;
  reg fresh_q;
  wire wants_b = fresh_q & advance_i;
  wire take_b = wants_b & b_valid_i;
  wire stale = ~fresh_q;
  wire supplied = stale | b_valid_i;
  wire take = busy_q & supplied & advance_i;

  // Terms less than 2^S places above the lowest one are within reach.
  wire [31:0] left;
  wire [3:0] last;
  wire [7:0] together = left[0*8 +: 8] | left[1*8 +: 8] | left[2*8 +: 8] | left[3*8 +: 8];
  wire [6:0] place_reach2 = together[6:0] | {together[5:0], 1'b0};
  wire [6:0] place_reach4 = place_reach2 | {place_reach2[4:0], 2'd0};
  wire [6:0] place_reach8 = place_reach4 | {place_reach4[2:0], 4'd0};
  wire [7:0] place_not_higher = ~{place_reach8, 1'b0};
  wire [7:0] place_pick = together & place_not_higher;
  wire [7:0] reach = place_pick | {place_pick[6:0], 1'b0} | {place_pick[5:0], 2'd0} |
      {place_pick[4:0], 3'd0};
  wire [19:0] given;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_lane
      pragmatic_4x4_term_lane_csd_w8 u_lane (
        .clk_i     (clk_i),
        .rst_ni    (rst_ni),
        .advance_i (advance_i),
        .accept_i  (accept),
        .take_i    (take),
        .place_i   (place_pick),
        .reach_i   (reach),
        .a_i       (a_data_i[lane*8 +: 8]),
        .left_o    (left[lane*8 +: 8]),
        .last_o    (last[lane]),
        .given_o   (given[lane*5 +: 5])
      );
    end
  endgenerate

  wire all_last = last == 4'hf;
  wire idle = ~busy_q;
  wire finishes = supplied & all_last;
  wire finished = idle | finishes;
  assign group_done = finished;
  wire step_ends = take & all_last;
  wire goes_on = ~step_ends;
  wire still_busy = busy_q & goes_on;
  wire busy_d = accept | still_busy;
  wire b_not_taken = ~take_b;
  wire still_fresh = fresh_q & b_not_taken;
  wire fresh_d = accept | still_fresh;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      fresh_q <= 1'b0;
    end else begin
      busy_q <= busy_d;
      fresh_q <= fresh_d;
    end
  end

  reg [7:0] place_q;

  // The end of a stretch, and the turn to the next one.
  assign row_done_o = met;
  assign turns = start_i;

  // The first slot of a tile, and of a pass, goes with what is taken in the cycle after the turn.
  reg first_cycle_q;
  reg first_slot1_q;
  reg first_q;
  wire full;
  wire row_shift;

  pragmatic_4x4_row_control u_row_control (
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

  // Terms go from the slot to the tree register and on to the accumulator.
  reg in_slot_q;
  reg in_tree_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      first_cycle_q <= 1'b0;
      first_slot1_q <= 1'b0;
      first_q <= 1'b0;
      in_slot_q <= 1'b0;
      in_tree_q <= 1'b0;
    end else if (advance_i) begin
      first_cycle_q <= start_i;
      first_slot1_q <= first_cycle_q;
      first_q <= first_slot1_q;
      in_slot_q <= take;
      in_tree_q <= in_slot_q;
    end
  end

  reg [7:0] tree_place_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      place_q <= place_pick;
      tree_place_q <= place_q;
    end
  end

  wire step = in_tree_q | first_q;

  generate
    for (col = 0; col < 4; col = col + 1) begin : gen_col
      pragmatic_4x4_unit_l4_a8_b8_acc32 u_unit (
        .clk_i        (clk_i),
        .advance_i    (advance_i),
        .take_b_i     (take_b),
        .b_i          (b_data_i[col*32 +: 32]),
        .given_i      (given),
        .place_i      (tree_place_q),
        .first_i      (first_q),
        .step_i       (step),
        .capture_i    (capture_i),
        .drain_load_i (drain_load),
        .drain_acc_i  (drain_acc_i[col*32 +: 32]),
        .drain_acc_o  (drain_acc_o[col*32 +: 32])
      );
    end
  endgenerate

  assign a_ready_o = a_ready;
  assign b_ready_o = wants_b;

endmodule
