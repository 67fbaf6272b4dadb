// Control, weight stationary: one command a tile; its weights come first, last row of K first,
// then a step takes one row of A. Weights of the next tile move in behind the swap.
// Design mac-ws-2-4-4x4 (hash e518c2017fe2ffc3), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-ws-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: M + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(M, 10) cycles.
module mac_ws_2_4_4x4_control_len16 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,         // moves everything; 0 freezes the array
  input  wire        a_valid_i,         // a row of A is offered
  input  wire        b_valid_i,         // a row of weights is offered
  input  wire        cmd_accumulate_i,  // partial sums are added to the results of the tile
  input  wire        cmd_valid_i,       // a command is offered
  input  wire [15:0] cmd_length_i,      // steps of the tile, at least 1
  output wire        cmd_ready_o,       // a command is taken
  output wire        a_ready_o,         // the row of A is taken
  output wire        b_ready_o,         // the row of weights is taken
  output wire        valid_o,           // a row of A is taken
  output wire        swap_o,            // it is the first row of a tile
  output wire        accumulate_o,      // partial sums are added to the results of the tile
  output wire        load_o             // moves the chain of shadow registers
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
  reg accumulate_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      accumulate_q <= 1'b0;
    end else if (cmd_accept) begin
      accumulate_q <= cmd_accumulate_i;
    end
  end

  reg full_q;
  wire not_first = ~first_q;
  wire may_step = not_first | full_q;
  wire a_ready = busy_q & may_step & advance_i;
  wire go = a_ready & a_valid_i;
  assign step = go;
  wire swap = step & first_q;

  // Rows of weights that are in; full when all are.
  wire empty = ~full_q;
  reg [2:0] swap_gap_q;
  wire swap_gap_done = swap_gap_q == 3'd0;
  wire [2:0] swap_gap_less = swap_gap_q - 3'd1;
  wire [2:0] swap_gap_next = swap_gap_done ? 3'd0 : swap_gap_less;
  wire [2:0] swap_gap_d = swap ? 3'd5 : swap_gap_next;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      swap_gap_q <= 3'd0;
    end else if (advance_i) begin
      swap_gap_q <= swap_gap_d;
    end
  end

  wire b_ready = empty & swap_gap_done & advance_i;
  wire load = b_ready & b_valid_i;
  reg [1:0] loaded_q;
  wire last_row = loaded_q == 2'd3;
  wire [1:0] loaded_more = loaded_q + 2'd1;
  wire [1:0] loaded_d = last_row ? 2'd0 : loaded_more;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      loaded_q <= 2'd0;
    end else if (load) begin
      loaded_q <= loaded_d;
    end
  end

  wire fills = load & last_row;
  wire full_moves = fills | swap;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      full_q <= 1'b0;
    end else if (full_moves) begin
      full_q <= fills;
    end
  end

  assign a_ready_o = a_ready;
  assign b_ready_o = b_ready;
  assign valid_o = step;
  assign swap_o = swap;
  assign accumulate_o = accumulate_q;
  assign load_o = load;

endmodule
