// Control: one command a tile; a step takes one beat of a and one of b and lasts until all
// units are done with it. Units are done while there is no step. What they say comes last in a
// cycle, so all else is ready.
// Design laconic-4x4 (hash 46d3773cd337236a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit laconic-4x4
// A int8, B int8, two's complement; A and B become digits, csd.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: the cycles of its steps and 7 more, first operand to last result.
// Rate: a step takes 4 places of k, and as many cycles as the slowest lane of the array has pairs
// of
// terms, at least 1; the last step of a tile is accepted at least 3 cycles after the end of the
// tile before.
module laconic_4x4_control_len16 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,     // moves everything; 0 freezes the array
  input  wire        a_valid_i,     // a beat of a is offered
  input  wire        b_valid_i,     // a beat of b is offered
  input  wire        done_i,        // all units are done with the step at hand after this cycle
  input  wire        cmd_valid_i,   // a command is offered
  input  wire [15:0] cmd_length_i,  // steps of the tile, at least 1
  output wire        cmd_ready_o,   // a command is taken
  output wire        a_ready_o,     // the beat of a is taken
  output wire        b_ready_o,     // the beat of b is taken
  output wire        load_o,        // operands are taken
  output wire        working_o,     // operands are worked on
  output wire        begins_o,      // it is the first such cycle of a tile
  output wire        ends_o         // it is the last such cycle of a tile
);

  wire step;
  reg busy_q;
  reg [15:0] left_q;
  reg first_q;
  wire last = left_q == 16'd0;
  wire tile_ends = step & last;
  wire idle = ~busy_q;
  wire cmd_ready = idle | tile_ends;
  wire cmd_accept = cmd_valid_i & cmd_ready;
  wire tile_goes_on = ~tile_ends;
  wire still_busy = busy_q & tile_goes_on;
  wire busy_d = cmd_accept | still_busy;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
    end else begin
      busy_q <= busy_d;
    end
  end

  wire count = cmd_accept | step;
  wire [15:0] length_less = cmd_length_i - 16'd1;
  wire [15:0] left_less = left_q - 16'd1;
  wire [15:0] left_d = cmd_accept ? length_less : left_less;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q <= 16'd0;
      first_q <= 1'b0;
    end else if (count) begin
      left_q <= left_d;
      first_q <= cmd_accept;
    end
  end

  assign cmd_ready_o = cmd_ready;
  reg working_q;
  reg begins_q;
  reg last_q;
  wire at_last_step = working_q & last_q;
  wire ends = done_i & at_last_step;
  wire not_last = ~last;
  wire not_at_last = ~at_last_step;
  wire ends_now = ends & advance_i;
  reg [1:0] gap_q;
  wire gap_done = gap_q == 2'd0;
  wire [1:0] gap_less = gap_q - 2'd1;
  wire [1:0] gap_next = gap_done ? 2'd0 : gap_less;
  wire [1:0] gap_d = ends_now ? 2'd2 : gap_next;
  wire clear = gap_done & not_at_last;
  wire may_end = not_last | clear;
  wire may_open = busy_q & advance_i & may_end;
  wire open = done_i & may_open;
  wire a_ready = open & b_valid_i;
  wire b_ready = open & a_valid_i;
  wire may_load = may_open & a_valid_i & b_valid_i;
  wire load = done_i & may_load;
  assign step = load;

  // What is worked on from the next cycle on.
  wire goes_on = ~done_i;
  wire working_d = load | goes_on;
  wire begins_d = load & first_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      gap_q <= 2'd0;
      working_q <= 1'b0;
      begins_q <= 1'b0;
    end else if (advance_i) begin
      gap_q <= gap_d;
      working_q <= working_d;
      begins_q <= begins_d;
    end
  end

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      last_q <= 1'b0;
    end else if (load) begin
      last_q <= last;
    end
  end

  assign a_ready_o = a_ready;
  assign b_ready_o = b_ready;
  assign load_o = load;
  assign working_o = working_q;
  assign begins_o = begins_q;
  assign ends_o = ends;

endmodule
