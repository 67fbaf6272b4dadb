// Stripes of 4 x 4 x 4 multipliers, output stationary, with streams, broadcast, control and drain.
// A beat of a is 4 columns of the A tile, a beat of b 4 rows of the B tile; results leave
// row by row, the last row first.
// Design stripes-4x4 (hash c1558576a00d08cd), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit stripes-4x4
// A int8, B int8, two's complement; A becomes digits, twos-complement, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: 8 * ceil(K/4) + 8 cycles, first operand to last result.
// Rate: a step every 8 cycles; a tile every max(8 * ceil(K/4), 8) cycles.
module stripes_4x4_4x4x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         cmd_valid_i,   // a command is offered
  input  wire [15:0]  cmd_length_i,  // steps of the tile, at least 1
  input  wire         a_valid_i,     // a column of A is offered
  input  wire [127:0] a_data_i,      // columns of A, lane = row * depth + k
  input  wire         b_valid_i,     // a row of B is offered
  input  wire [127:0] b_data_i,      // rows of B, lane = column * depth + k
  input  wire         c_ready_i,     // a row of results is taken
  output wire [127:0] c_data_o,      // a row of results, one element a column
  output wire         cmd_ready_o,   // the command is taken
  output wire         a_ready_o,     // the column of A is taken
  output wire         b_ready_o,     // the row of B is taken
  output wire         c_valid_o      // a row of results is offered
);

  genvar operand;
  genvar lane;
  genvar k;
  genvar row;
  genvar col;

  wire advance;
  wire step_valid;
  wire step_first;
  wire [7:0] step_weight;
  wire tile_ends;
  wire cmd_ready;
  wire a_ready;
  wire b_ready;

  stripes_4x4_control_len16 u_control (
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
    .weight_o     (step_weight),
    .tile_ends_o  (tile_ends)
  );

  // Operands become select lines of digits once, where they come in.
  wire [143:0] a_digits;
  generate
    for (operand = 0; operand < 16; operand = operand + 1) begin : gen_operand
      stripes_4x4_edge_encoder_twos_complement_w8 u_edge_encoder (
        .x_i      (a_data_i[operand*8 +: 8]),
        .digits_o (a_digits[operand*9 +: 9])
      );
    end
  endgenerate

  // Operands and their step are registered once and broadcast.
  wire step_begins = step_weight[0] & advance;
  wire [143:0] a_edge;

  generate
    for (lane = 0; lane < 16; lane = lane + 1) begin : gen_a_edge_line
      reg [1*9-1:0] a_edge_line_q;
      wire [2*9-1:0] a_edge_line = {a_edge_line_q, a_digits[lane*9 +: 9]};
      always @(posedge clk_i) begin
        if (step_begins) begin
          a_edge_line_q <= a_edge_line[1*9-1:0];
        end
      end
      assign a_edge[lane*9 +: 9] = a_edge_line[1*9 +: 9];
    end
  endgenerate

  wire [127:0] b_edge;

  generate
    for (lane = 0; lane < 16; lane = lane + 1) begin : gen_b_edge_line
      reg [1*8-1:0] b_edge_line_q;
      wire [2*8-1:0] b_edge_line = {b_edge_line_q, b_data_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (step_begins) begin
          b_edge_line_q <= b_edge_line[1*8-1:0];
        end
      end
      assign b_edge[lane*8 +: 8] = b_edge_line[1*8 +: 8];
    end
  endgenerate

  wire sum_valid;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_sum_valid_line
      reg [3-1:0] sum_valid_line_q;
      wire [4-1:0] sum_valid_line = {sum_valid_line_q, step_valid};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          sum_valid_line_q <= {(3){1'b0}};
        end else if (advance) begin
          sum_valid_line_q <= sum_valid_line[3-1:0];
        end
      end
      assign sum_valid = sum_valid_line[3];
    end
  endgenerate

  wire sum_first;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_sum_first_line
      reg [3-1:0] sum_first_line_q;
      wire [4-1:0] sum_first_line = {sum_first_line_q, step_first};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          sum_first_line_q <= {(3){1'b0}};
        end else if (advance) begin
          sum_first_line_q <= sum_first_line[3-1:0];
        end
      end
      assign sum_first = sum_first_line[3];
    end
  endgenerate

  wire [7:0] weight_q;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_weight_q_line
      reg [1*8-1:0] weight_q_line_q;
      wire [2*8-1:0] weight_q_line = {weight_q_line_q, step_weight};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          weight_q_line_q <= {(1*8){1'b0}};
        end else if (advance) begin
          weight_q_line_q <= weight_q_line[1*8-1:0];
        end
      end
      assign weight_q = weight_q_line[1*8 +: 8];
    end
  endgenerate

  // Of the operands that are held, the digit of the bit weight at hand.
  wire [31:0] digit;
  generate
    for (k = 0; k < 16; k = k + 1) begin : gen_k
      stripes_4x4_digit_select_w8 u_digit_select (
        .x_i      (a_edge[k*9 +: 9]),
        .weight_i (weight_q),
        .digit_o  (digit[k*2 +: 2])
      );
    end
  endgenerate

  wire [7:0] shift_weight;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_shift_weight_line
      reg [2*8-1:0] shift_weight_line_q;
      wire [3*8-1:0] shift_weight_line = {shift_weight_line_q, step_weight};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          shift_weight_line_q <= {(2*8){1'b0}};
        end else if (advance) begin
          shift_weight_line_q <= shift_weight_line[2*8-1:0];
        end
      end
      assign shift_weight = shift_weight_line[2*8 +: 8];
    end
  endgenerate

  wire [7:0] sum_weight;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_sum_weight_line
      reg [3*8-1:0] sum_weight_line_q;
      wire [4*8-1:0] sum_weight_line = {sum_weight_line_q, step_weight};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          sum_weight_line_q <= {(3*8){1'b0}};
        end else if (advance) begin
          sum_weight_line_q <= sum_weight_line[3*8-1:0];
        end
      end
      assign sum_weight = sum_weight_line[3*8 +: 8];
    end
  endgenerate

  // All PEs capture their results this long after the last step of a tile.
  wire capture;
  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_capture_line
      reg [4-1:0] capture_line_q;
      wire [5-1:0] capture_line = {capture_line_q, tile_ends};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          capture_line_q <= {(4){1'b0}};
        end else if (advance) begin
          capture_line_q <= capture_line[4-1:0];
        end
      end
      assign capture = capture_line[4];
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
      stripes_4x4_row_control u_row_control (
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
        stripes_4x4_pe_a8_b8_acc32_k4 u_pe (
          .clk_i          (clk_i),
          .advance_i      (advance),
          .valid_i        (sum_valid),
          .first_i        (sum_first),
          .capture_i      (capture),
          .shift_weight_i (shift_weight),
          .sum_weight_i   (sum_weight),
          .a_i            (digit[row*8 +: 8]),
          .b_i            (b_edge[col*32 +: 32]),
          .shift_i        (row_shift[row]),
          .drain_acc_i    (pe_drain_acc[row*4 + col + 1]),
          .drain_acc_o    (pe_drain_acc[(row + 1)*4 + col + 1])
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
