// Control: one command a tile, the next one waits in a register. A tile ends when all rows are
// done with it, at least 4 cycles after the one before, and the next starts in that cycle.
// Rows are done while there is no tile. What they say comes last in a cycle, so all else is ready.
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
module opt4e_fp8_4x4_control_len16 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,     // moves everything; 0 freezes the array
  input  wire        cmd_valid_i,   // a command is offered
  input  wire [15:0] cmd_length_i,  // groups of a lane and pass, at least 1
  input  wire        rows_done_i,   // all rows are at the end of the tile
  output wire        cmd_ready_o,   // a command is taken
  // number of the last group of a pass, from the cycle after the start on
  output wire [15:0] last_group_o,
  output wire        single_o,      // the tile that waits has one group a pass
  output wire        start_o,       // a tile starts
  output wire        capture_o      // every PE captures its result
);

  reg busy_q;
  reg waiting_q;
  wire tile_ends;
  reg [1:0] gap_q;
  wire gap_done = gap_q == 2'd0;
  wire [1:0] gap_less = gap_q - 2'd1;
  wire [1:0] gap_next = gap_done ? 2'd0 : gap_less;
  wire [1:0] gap_d = tile_ends ? 2'd3 : gap_next;
  wire may_end = busy_q & advance_i & gap_done;
  wire tile_done = rows_done_i & may_end;
  assign tile_ends = tile_done;
  wire idle = ~busy_q;
  wire free = idle | gap_done;
  wire may_start = waiting_q & advance_i & free;
  wire start = rows_done_i & may_start;
  wire tile_goes_on = ~tile_ends;
  wire still_busy = busy_q & tile_goes_on;
  wire busy_d = start | still_busy;

  // The command that waits, and the one that is worked on.
  wire not_waiting = ~waiting_q;
  wire cmd_ready = not_waiting | start;
  wire cmd_accept = cmd_valid_i & cmd_ready;
  wire not_started = ~start;
  wire waits = waiting_q & not_started;
  wire waiting_d = cmd_accept | waits;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      busy_q <= 1'b0;
      waiting_q <= 1'b0;
    end else begin
      busy_q <= busy_d;
      waiting_q <= waiting_d;
    end
  end

  wire [15:0] length_less = cmd_length_i - 16'd1;
  reg [15:0] next_group_q;

  always @(posedge clk_i) begin
    if (cmd_accept) begin
      next_group_q <= length_less;
    end
  end

  reg [15:0] last_group_q;

  always @(posedge clk_i) begin
    if (start) begin
      last_group_q <= next_group_q;
    end
  end

  wire single = next_group_q == 16'd0;

  // The sums are complete some edges after the last digits or terms were taken.
  reg ended1_q;
  reg capture_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      gap_q <= 2'd0;
      ended1_q <= 1'b0;
      capture_q <= 1'b0;
    end else if (advance_i) begin
      gap_q <= gap_d;
      ended1_q <= tile_ends;
      capture_q <= ended1_q;
    end
  end

  wire capture = capture_q & advance_i;
  assign cmd_ready_o = cmd_ready;
  assign last_group_o = last_group_q;
  assign single_o = single;
  assign start_o = start;
  assign capture_o = capture;

endmodule
