// 2D matrix of 4 x 4 PEs, output stationary, with streams, broadcast, control and drain.
// A beat of a is a column of the A tile, a beat of b a row of the B tile; results leave row by
// row, the last row first.
// Design ent-matrix-4x4 (hash 24bd6eee07df407c), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit ent-matrix-4x4
// A int8, B int8, two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: K + 6 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(K, 4) cycles.
module ent_matrix_4x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         cmd_valid_i,   // a command is offered
  input  wire [15:0]  cmd_length_i,  // K of the tile, at least 1
  input  wire         a_valid_i,     // a column of A is offered
  input  wire [31:0]  a_data_i,      // a column of A, one element a row
  input  wire         b_valid_i,     // a row of B is offered
  input  wire [31:0]  b_data_i,      // a row of B, one element a column
  input  wire         c_ready_i,     // a row of results is taken
  output wire [127:0] c_data_o,      // a row of results, one element a column
  output wire         cmd_ready_o,   // the command is taken
  output wire         a_ready_o,     // the column of A is taken
  output wire         b_ready_o,     // the row of B is taken
  output wire         c_valid_o      // a row of results is offered
);

  genvar operand;
  genvar lane;
  genvar row;
  genvar col;

  wire advance;
  wire step_valid;
  wire step_first;
  wire tile_ends;
  wire cmd_ready;
  wire a_ready;
  wire b_ready;

  ent_matrix_4x4_control_len16 u_control (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .advance_i    (advance),
    .a_valid_i    (a_valid_i),
    .b_valid_i    (b_valid_i),
    .cmd_valid_i  (cmd_valid_i),
    .cmd_length_i (cmd_length_i),
    .cmd_ready_o  (cmd_ready),
    .a_ready_o    (a_ready),
    .b_ready_o    (b_ready),
    .valid_o      (step_valid),
    .first_o      (step_first),
    .tile_ends_o  (tile_ends)
  );

  // Operands become select lines of digits once, where they come in.
  wire [47:0] a_digits;
  generate
    for (operand = 0; operand < 4; operand = operand + 1) begin : gen_operand
      ent_matrix_4x4_edge_encoder_en_t_w8 u_edge_encoder (
        .x_i      (a_data_i[operand*8 +: 8]),
        .digits_o (a_digits[operand*12 +: 12])
      );
    end
  endgenerate

  // Operands and their step are registered once and broadcast.
  wire [47:0] a_edge;
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_a_edge_line
      reg [1*12-1:0] a_edge_line_q;
      wire [2*12-1:0] a_edge_line = {a_edge_line_q, a_digits[lane*12 +: 12]};
      always @(posedge clk_i) begin
        if (advance) begin
          a_edge_line_q <= a_edge_line[1*12-1:0];
        end
      end
      assign a_edge[lane*12 +: 12] = a_edge_line[1*12 +: 12];
    end
  endgenerate

  wire [31:0] b_edge;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_b_edge_line
      reg [1*8-1:0] b_edge_line_q;
      wire [2*8-1:0] b_edge_line = {b_edge_line_q, b_data_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance) begin
          b_edge_line_q <= b_edge_line[1*8-1:0];
        end
      end
      assign b_edge[lane*8 +: 8] = b_edge_line[1*8 +: 8];
    end
  endgenerate

  wire sum_valid;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_sum_valid_line
      reg [1-1:0] sum_valid_line_q;
      wire [2-1:0] sum_valid_line = {sum_valid_line_q, step_valid};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          sum_valid_line_q <= {(1){1'b0}};
        end else if (advance) begin
          sum_valid_line_q <= sum_valid_line[1-1:0];
        end
      end
      assign sum_valid = sum_valid_line[1];
    end
  endgenerate

  wire sum_first;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_sum_first_line
      reg [1-1:0] sum_first_line_q;
      wire [2-1:0] sum_first_line = {sum_first_line_q, step_first};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          sum_first_line_q <= {(1){1'b0}};
        end else if (advance) begin
          sum_first_line_q <= sum_first_line[1-1:0];
        end
      end
      assign sum_first = sum_first_line[1];
    end
  endgenerate

  // All PEs capture their results this long after the last step of a tile.
  wire capture;
  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_capture_line
      reg [2-1:0] capture_line_q;
      wire [3-1:0] capture_line = {capture_line_q, tile_ends};
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
      ent_matrix_4x4_row_control u_row_control (
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

  wire [127:0] drain_acc_top = {4{32'd0}};

  wire [31:0] pe_drain_acc [1:20];
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_pe_row_ends
      assign pe_drain_acc[lane + 1] = drain_acc_top[lane*32 +: 32];
      assign c_data_o[lane*32 +: 32] = pe_drain_acc[lane + 17];
    end
  endgenerate
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_pe_row
      for (col = 0; col < 4; col = col + 1) begin : gen_col
        ent_matrix_4x4_pe_a8_b8_acc32 u_pe (
          .clk_i       (clk_i),
          .advance_i   (advance),
          .valid_i     (sum_valid),
          .first_i     (sum_first),
          .capture_i   (capture),
          .a_i         (a_edge[row*12 +: 12]),
          .b_i         (b_edge[col*8 +: 8]),
          .shift_i     (row_shift[row]),
          .drain_acc_i (pe_drain_acc[row*4 + col + 1]),
          .drain_acc_o (pe_drain_acc[(row + 1)*4 + col + 1])
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
