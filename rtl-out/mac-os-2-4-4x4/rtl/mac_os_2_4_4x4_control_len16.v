// Control, output stationary: one command a tile; a step takes one beat of a and one of b.
// A beat of a serves 2 steps, the first of which takes it.
// The last steps of two tiles are at least 7 cycles apart.
// Design mac-os-2-4-4x4 (hash dda8098d246dde80), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-os-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: 2 * ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(2 * ceil(K/4), 7) cycles.
module mac_os_2_4_4x4_control_len16 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,     // moves everything; 0 freezes the array
  input  wire        a_valid_i,     // a column of A is offered
  input  wire        b_valid_i,     // a row of B is offered
  input  wire        cmd_valid_i,   // a command is offered
  input  wire [15:0] cmd_length_i,  // steps of the tile, at least 1
  output wire        cmd_ready_o,   // a command is taken
  output wire        group_o,       // it is the first step of a group: the words of a are new
  output wire        a_ready_o,     // the column of A is taken
  output wire        b_ready_o,     // the row of B is taken
  output wire        valid_o,       // operands are a step
  output wire        first_o,       // it is the first step of a tile
  output wire        last_o,        // it is the last step of a tile
  output wire        tile_ends_o    // the last step of a tile is taken
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
  reg [2:0] gap_q;
  wire gap_done = gap_q == 3'd0;
  wire [2:0] gap_less = gap_q - 3'd1;
  wire [2:0] gap_next = gap_done ? 3'd0 : gap_less;
  wire [2:0] gap_d = tile_ends ? 3'd6 : gap_next;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      gap_q <= 3'd0;
    end else if (advance_i) begin
      gap_q <= gap_d;
    end
  end

  wire not_last = ~last;
  wire may_end = not_last | gap_done;
  wire open = busy_q & may_end & advance_i;
  reg group_step_q;
  wire first_of_group = group_step_q == 1'b0;
  wire last_of_group = group_step_q == 1'b1;
  wire group_step_more = group_step_q + 1'b1;
  wire group_step_d = last_of_group ? 1'b0 : group_step_more;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      group_step_q <= 1'b0;
    end else if (step) begin
      group_step_q <= group_step_d;
    end
  end

  wire a_ready = open & b_valid_i & first_of_group;
  wire same_group = ~first_of_group;
  wire a_there = a_valid_i | same_group;
  wire b_ready = open & a_there;
  wire go = b_ready & b_valid_i;
  wire group_begins = step & first_of_group;
  assign group_o = group_begins;
  assign step = go;
  assign a_ready_o = a_ready;
  assign b_ready_o = b_ready;
  assign valid_o = step;
  assign first_o = first_q;
  assign last_o = last;
  assign tile_ends_o = tile_ends;

endmodule
