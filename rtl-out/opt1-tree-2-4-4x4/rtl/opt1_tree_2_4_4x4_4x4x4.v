// Adder trees of 4 x 4 x 4 multipliers, output stationary, with streams, broadcast, control and
// drain.
// A beat of a is 8 columns of the A tile; results leave row by row, the last row first.
// B is stored 2 of 4 along K: an element comes with its index in the group (b_index_i)
// and selects one of the 4 columns of A that belong to the group.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_4x4x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         cmd_valid_i,   // a command is offered
  input  wire [15:0]  cmd_length_i,  // steps of the tile, at least 1
  input  wire         a_valid_i,     // a column of A is offered
  input  wire [255:0] a_data_i,      // columns of A, lane = row * 8 + k
  input  wire         b_valid_i,     // a row of B is offered
  input  wire [127:0] b_data_i,      // rows of B, lane = column * depth + k
  input  wire [31:0]  b_index_i,     // place of each element in its group of 4
  input  wire         c_ready_i,     // a row of results is taken
  output wire [127:0] c_data_o,      // a row of results, one element a column
  output wire         cmd_ready_o,   // the command is taken
  output wire         a_ready_o,     // the column of A is taken
  output wire         b_ready_o,     // the row of B is taken
  output wire         c_valid_o      // a row of results is offered
);

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

  opt1_tree_2_4_4x4_control_len16 u_control (
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

  // Operands and their step are registered once and broadcast.
  wire [255:0] a_edge;
  generate
    for (lane = 0; lane < 32; lane = lane + 1) begin : gen_a_edge_line
      reg [1*8-1:0] a_edge_line_q;
      wire [2*8-1:0] a_edge_line = {a_edge_line_q, a_data_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance) begin
          a_edge_line_q <= a_edge_line[1*8-1:0];
        end
      end
      assign a_edge[lane*8 +: 8] = a_edge_line[1*8 +: 8];
    end
  endgenerate

  wire [31:0] b_index_edge;

  generate
    for (lane = 0; lane < 16; lane = lane + 1) begin : gen_b_index_edge_line
      reg [1*2-1:0] b_index_edge_line_q;
      wire [2*2-1:0] b_index_edge_line = {b_index_edge_line_q, b_index_i[lane*2 +: 2]};
      always @(posedge clk_i) begin
        if (advance) begin
          b_index_edge_line_q <= b_index_edge_line[1*2-1:0];
        end
      end
      assign b_index_edge[lane*2 +: 2] = b_index_edge_line[1*2 +: 2];
    end
  endgenerate

  wire [127:0] b_edge;

  generate
    for (lane = 0; lane < 16; lane = lane + 1) begin : gen_b_edge_line
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
      reg [4-1:0] sum_valid_line_q;
      wire [5-1:0] sum_valid_line = {sum_valid_line_q, step_valid};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          sum_valid_line_q <= {(4){1'b0}};
        end else if (advance) begin
          sum_valid_line_q <= sum_valid_line[4-1:0];
        end
      end
      assign sum_valid = sum_valid_line[4];
    end
  endgenerate

  wire sum_first;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_sum_first_line
      reg [4-1:0] sum_first_line_q;
      wire [5-1:0] sum_first_line = {sum_first_line_q, step_first};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          sum_first_line_q <= {(4){1'b0}};
        end else if (advance) begin
          sum_first_line_q <= sum_first_line[4-1:0];
        end
      end
      assign sum_first = sum_first_line[4];
    end
  endgenerate

  // All PEs capture their results this long after the last step of a tile.
  wire capture;
  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_capture_line
      reg [5-1:0] capture_line_q;
      wire [6-1:0] capture_line = {capture_line_q, tile_ends};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          capture_line_q <= {(5){1'b0}};
        end else if (advance) begin
          capture_line_q <= capture_line[5-1:0];
        end
      end
      assign capture = capture_line[5];
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
      opt1_tree_2_4_4x4_row_control u_row_control (
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

  wire [127:0] drain_sum_top = {4{32'd0}};
  wire [127:0] drain_sum;
  wire [123:0] drain_carry_top = {4{31'd0}};
  wire [123:0] drain_carry;

  wire [31:0] pe_drain_sum [1:20];
  wire [30:0] pe_drain_carry [1:20];
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_pe_row_ends
      assign pe_drain_sum[lane + 1] = drain_sum_top[lane*32 +: 32];
      assign drain_sum[lane*32 +: 32] = pe_drain_sum[lane + 17];
      assign pe_drain_carry[lane + 1] = drain_carry_top[lane*31 +: 31];
      assign drain_carry[lane*31 +: 31] = pe_drain_carry[lane + 17];
    end
  endgenerate
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_pe_row
      for (col = 0; col < 4; col = col + 1) begin : gen_col
        opt1_tree_2_4_4x4_pe_a8_b8_acc32_k4_2of4 u_pe (
          .clk_i         (clk_i),
          .advance_i     (advance),
          .valid_i       (sum_valid),
          .first_i       (sum_first),
          .capture_i     (capture),
          .a_i           (a_edge[row*64 +: 64]),
          .b_i           (b_edge[col*32 +: 32]),
          .b_index_i     (b_index_edge[col*8 +: 8]),
          .shift_i       (row_shift[row]),
          .drain_sum_i   (pe_drain_sum[row*4 + col + 1]),
          .drain_carry_i (pe_drain_carry[row*4 + col + 1]),
          .drain_sum_o   (pe_drain_sum[(row + 1)*4 + col + 1]),
          .drain_carry_o (pe_drain_carry[(row + 1)*4 + col + 1])
        );
      end
    end
  endgenerate

  wire c_ready_n = ~c_ready_i;

  // Final adders: carries propagate here, once for each result.
  generate
    for (col = 0; col < 4; col = col + 1) begin : gen_col
      opt1_tree_2_4_4x4_final_adder_w32 u_final_adder (
        .clk_i     (clk_i),
        .advance_i (advance),
        .sum_i     (drain_sum[col*32 +: 32]),
        .carry_i   (drain_carry[col*31 +: 31]),
        .result_o  (c_data_o[col*32 +: 32])
      );
    end
  endgenerate

  reg c_valid_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      c_valid_q <= 1'b0;
    end else if (advance) begin
      c_valid_q <= drain_valid;
    end
  end

  // A row of results that is not taken freezes everything behind it.
  wire stalled = c_valid_q & c_ready_n;
  wire go = ~stalled;
  assign advance = go;
  assign cmd_ready_o = cmd_ready;
  assign a_ready_o = a_ready;
  assign b_ready_o = b_ready;
  assign c_valid_o = c_valid_q;

endmodule
