// Laconic: 4 x 4 units of 4 lanes, with streams, control and drain.
// A beat of a is a column block of the A tile, a beat of b a row block of the B tile; both are
// broadcast, and held until the slowest lane of the array is done. Results leave row by row,
// the last row first.
// Design laconic-4x4 (hash 46d3773cd337236a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit laconic-4x4
// A int8, B int8, two's complement; A and B become digits, csd.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: the cycles of its steps and 7 more, first operand to last result.
// Rate: a step takes 4 places of k, and as many cycles as the slowest lane of the array has pairs
// of
// terms, at least 1; the last step of a tile is accepted at least 3 cycles after the end of the
// tile before.
module laconic_4x4_4x4x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         cmd_valid_i,   // a command is offered
  input  wire [15:0]  cmd_length_i,  // steps of the tile, at least 1
  input  wire         a_valid_i,     // a beat of A is offered
  input  wire [127:0] a_data_i,      // lane = row * lanes + k
  input  wire         b_valid_i,     // a beat of B is offered
  input  wire [127:0] b_data_i,      // lane = column * lanes + k
  input  wire         c_ready_i,     // a row of results is taken
  output wire [127:0] c_data_o,      // a row of results, one element a column
  output wire         cmd_ready_o,   // the command is taken
  output wire         a_ready_o,     // the beat of A is taken
  output wire         b_ready_o,     // the beat of B is taken
  output wire         c_valid_o      // a row of results is offered
);

  genvar operand;
  genvar lane;
  genvar row;
  genvar col;

  wire advance;
  wire load;
  wire working;
  wire begins;
  wire ends;
  wire cmd_ready;
  wire a_ready;
  wire b_ready;
  wire [15:0] unit_done;
  wire done = unit_done == 16'hffff;

  laconic_4x4_control_len16 u_control (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .advance_i    (advance),
    .a_valid_i    (a_valid_i),
    .b_valid_i    (b_valid_i),
    .done_i       (done),
    .cmd_valid_i  (cmd_valid_i),
    .cmd_length_i (cmd_length_i),
    .cmd_ready_o  (cmd_ready),
    .a_ready_o    (a_ready),
    .b_ready_o    (b_ready),
    .load_o       (load),
    .working_o    (working),
    .begins_o     (begins),
    .ends_o       (ends)
  );

  // Operands become terms at the edge of the array.
  wire [127:0] a_terms;
  wire [127:0] a_negative;
  generate
    for (operand = 0; operand < 16; operand = operand + 1) begin : gen_a_terms_operand
      wire [7:0] unused_a_terms_held_o;
      laconic_4x4_a_terms_w8 u_a_terms (
        .clk_i      (clk_i),
        .load_i     (load),
        .x_i        (a_data_i[operand*8 +: 8]),
        .terms_o    (a_terms[operand*8 +: 8]),
        .held_o     (unused_a_terms_held_o),
        .negative_o (a_negative[operand*8 +: 8])
      );
    end
  endgenerate

  wire [127:0] b_terms;
  wire [127:0] b_negative;
  wire [127:0] b_held;

  generate
    for (operand = 0; operand < 16; operand = operand + 1) begin : gen_b_terms_operand
      laconic_4x4_b_terms_w8 u_b_terms (
        .clk_i      (clk_i),
        .load_i     (load),
        .x_i        (b_data_i[operand*8 +: 8]),
        .terms_o    (b_terms[operand*8 +: 8]),
        .held_o     (b_held[operand*8 +: 8]),
        .negative_o (b_negative[operand*8 +: 8])
      );
    end
  endgenerate

  // Step bits follow the counts; two edges after its last cycle a tile is captured.
  wire count_valid;
  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_count_valid_line
      reg [1-1:0] count_valid_line_q;
      wire [2-1:0] count_valid_line = {count_valid_line_q, working};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          count_valid_line_q <= {(1){1'b0}};
        end else if (advance) begin
          count_valid_line_q <= count_valid_line[1-1:0];
        end
      end
      assign count_valid = count_valid_line[1];
    end
  endgenerate

  wire count_first;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_count_first_line
      reg [1-1:0] count_first_line_q;
      wire [2-1:0] count_first_line = {count_first_line_q, begins};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          count_first_line_q <= {(1){1'b0}};
        end else if (advance) begin
          count_first_line_q <= count_first_line[1-1:0];
        end
      end
      assign count_first = count_first_line[1];
    end
  endgenerate

  wire capture;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_capture_line
      reg [2-1:0] capture_line_q;
      wire [3-1:0] capture_line = {capture_line_q, ends};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          capture_line_q <= {(2){1'b0}};
        end else if (advance) begin
          capture_line_q <= capture_line[2-1:0];
        end
      end
      assign capture = capture_line[2];
    end
  endgenerate

  wire drain_valid;
  wire drain_shift = drain_valid & advance;
  wire [3:0] row_shift;

  wire row_control_full [1:5];
  assign row_control_full[1] = 1'b0;
  assign drain_valid = row_control_full[5];
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_row_control_row
      laconic_4x4_row_control u_row_control (
        .clk_i       (clk_i),
        .rst_ni      (rst_ni),
        .advance_i   (advance),
        .start_i     (capture),
        .shift_i     (drain_shift),
        .full_i      (row_control_full[row + 1]),
        .full_o      (row_control_full[row + 2]),
        .row_shift_o (row_shift[row])
      );
    end
  endgenerate

  wire [127:0] drain_top = {4{32'd0}};

  wire [31:0] unit_drain_acc [1:20];
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_unit_row_ends
      assign unit_drain_acc[lane + 1] = drain_top[lane*32 +: 32];
      assign c_data_o[lane*32 +: 32] = unit_drain_acc[lane + 17];
    end
  endgenerate
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_unit_row
      for (col = 0; col < 4; col = col + 1) begin : gen_col
        laconic_4x4_unit_l4_a8_b8_acc32 u_unit (
          .clk_i         (clk_i),
          .rst_ni        (rst_ni),
          .advance_i     (advance),
          .load_i        (load),
          .count_valid_i (count_valid),
          .count_first_i (count_first),
          .capture_i     (capture),
          .shift_i       (row_shift[row]),
          .a_terms_i     (a_terms[row*32 +: 32]),
          .a_negative_i  (a_negative[row*32 +: 32]),
          .b_terms_i     (b_terms[col*32 +: 32]),
          .b_held_i      (b_held[col*32 +: 32]),
          .b_negative_i  (b_negative[col*32 +: 32]),
          .drain_acc_i   (unit_drain_acc[row*4 + col + 1]),
          .drain_acc_o   (unit_drain_acc[(row + 1)*4 + col + 1]),
          .done_o        (unit_done[(row*4 + col)])
        );
      end
    end
  endgenerate

  wire c_ready_n = ~c_ready_i;

  // A row of results that is not taken freezes everything behind it.
  wire stalled = drain_valid & c_ready_n;
  wire go = ~stalled;
  assign advance = go;
  assign cmd_ready_o = cmd_ready;
  assign a_ready_o = a_ready;
  assign b_ready_o = b_ready;
  assign c_valid_o = drain_valid;

endmodule
