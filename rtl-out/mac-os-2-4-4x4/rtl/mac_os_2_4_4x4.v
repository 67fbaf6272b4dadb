// Systolic array of 4 x 4 PEs, output stationary, with streams, skew, control and drain.
// A beat of a is 4 columns of the A tile; results leave row by row, the last row first.
// B is stored 2 of 4 along K: an element comes with its index in the group (b_index_i)
// and selects one of the 4 columns of A that belong to the group, which stay for 2 steps.
// Design mac-os-2-4-4x4 (hash dda8098d246dde80), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-os-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: 2 * ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(2 * ceil(K/4), 7) cycles.
module mac_os_2_4_4x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         cmd_valid_i,   // a command is offered
  input  wire [15:0]  cmd_length_i,  // steps of the tile, those of whole groups
  input  wire         a_valid_i,     // a column of A is offered
  input  wire [127:0] a_data_i,      // columns of A, lane = row * 4 + k
  input  wire         b_valid_i,     // a row of B is offered
  input  wire [31:0]  b_data_i,      // a row of B, one element a column
  input  wire [7:0]   b_index_i,     // place of each element in its group of 4
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
  wire step_last;
  wire step_group;
  wire tile_ends;
  wire cmd_ready;
  wire a_ready;
  wire b_ready;

  mac_os_2_4_4x4_control_len16 u_control (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .advance_i    (advance),
    .a_valid_i    (a_valid_i),
    .b_valid_i    (b_valid_i),
    .cmd_valid_i  (cmd_valid_i),
    .cmd_length_i (cmd_length_i),
    .cmd_ready_o  (cmd_ready),
    .group_o      (step_group),
    .a_ready_o    (a_ready),
    .b_ready_o    (b_ready),
    .valid_o      (step_valid),
    .first_o      (step_first),
    .last_o       (step_last),
    .tile_ends_o  (tile_ends)
  );

  // Operands meet their step on the way in: row r and column c wait r and c cycles.
  wire [127:0] a_skewed;
  assign a_skewed[0*8 +: 8] = a_data_i[0*8 +: 8];
  assign a_skewed[1*8 +: 8] = a_data_i[1*8 +: 8];
  assign a_skewed[2*8 +: 8] = a_data_i[2*8 +: 8];
  assign a_skewed[3*8 +: 8] = a_data_i[3*8 +: 8];
  generate
    for (lane = 4; lane < 16; lane = lane + 1) begin : gen_a_skewed_line
      reg [(lane / 4)*8-1:0] a_skewed_line_q;
      wire [(lane / 4 + 1)*8-1:0] a_skewed_line = {a_skewed_line_q, a_data_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance) begin
          a_skewed_line_q <= a_skewed_line[(lane / 4)*8-1:0];
        end
      end
      assign a_skewed[lane*8 +: 8] = a_skewed_line[(lane / 4)*8 +: 8];
    end
  endgenerate

  wire [31:0] b_skewed;

  assign b_skewed[0*8 +: 8] = b_data_i[0*8 +: 8];
  generate
    for (lane = 1; lane < 4; lane = lane + 1) begin : gen_b_skewed_line
      reg [lane*8-1:0] b_skewed_line_q;
      wire [(lane + 1)*8-1:0] b_skewed_line = {b_skewed_line_q, b_data_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance) begin
          b_skewed_line_q <= b_skewed_line[lane*8-1:0];
        end
      end
      assign b_skewed[lane*8 +: 8] = b_skewed_line[lane*8 +: 8];
    end
  endgenerate

  wire [7:0] b_index_skewed;

  assign b_index_skewed[0*2 +: 2] = b_index_i[0*2 +: 2];
  generate
    for (lane = 1; lane < 4; lane = lane + 1) begin : gen_b_index_skewed_line
      reg [lane*2-1:0] b_index_skewed_line_q;
      wire [(lane + 1)*2-1:0] b_index_skewed_line = {b_index_skewed_line_q, b_index_i[lane*2 +: 2]};
      always @(posedge clk_i) begin
        if (advance) begin
          b_index_skewed_line_q <= b_index_skewed_line[lane*2-1:0];
        end
      end
      assign b_index_skewed[lane*2 +: 2] = b_index_skewed_line[lane*2 +: 2];
    end
  endgenerate

  // The last PE has captured its result this long after the last step of a tile.
  wire drain_start;
  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_drain_start_line
      reg [8-1:0] drain_start_line_q;
      wire [9-1:0] drain_start_line = {drain_start_line_q, tile_ends};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          drain_start_line_q <= {(8){1'b0}};
        end else if (advance) begin
          drain_start_line_q <= drain_start_line[8-1:0];
        end
      end
      assign drain_start = drain_start_line[8];
    end
  endgenerate

  wire drain_valid;
  wire drain_shift = drain_valid & advance;
  wire [3:0] row_shift;
  wire [3:0] row_valid;
  wire [3:0] row_first;
  wire [3:0] row_last;
  wire [3:0] row_group;

  wire row_control_full [1:5];
  wire row_control_valid [1:5];
  wire row_control_first [1:5];
  wire row_control_last [1:5];
  wire row_control_group [1:5];
  assign row_control_full[1] = 1'b0;
  assign drain_valid = row_control_full[5];
  assign row_control_valid[1] = step_valid;
  wire unused_row_control_valid = row_control_valid[5];
  assign row_control_first[1] = step_first;
  wire unused_row_control_first = row_control_first[5];
  assign row_control_last[1] = step_last;
  wire unused_row_control_last = row_control_last[5];
  assign row_control_group[1] = step_group;
  wire unused_row_control_group = row_control_group[5];
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_row_control_row
      mac_os_2_4_4x4_row_control u_row_control (
        .clk_i       (clk_i),
        .rst_ni      (rst_ni),
        .advance_i   (advance),
        .valid_i     (row_control_valid[row + 1]),
        .first_i     (row_control_first[row + 1]),
        .last_i      (row_control_last[row + 1]),
        .group_i     (row_control_group[row + 1]),
        .start_i     (drain_start),
        .shift_i     (drain_shift),
        .full_i      (row_control_full[row + 1]),
        .full_o      (row_control_full[row + 2]),
        .row_shift_o (row_shift[row]),
        .valid_o     (row_control_valid[row + 2]),
        .row_valid_o (row_valid[row]),
        .first_o     (row_control_first[row + 2]),
        .row_first_o (row_first[row]),
        .last_o      (row_control_last[row + 2]),
        .row_last_o  (row_last[row]),
        .group_o     (row_control_group[row + 2]),
        .row_group_o (row_group[row])
      );
    end
  endgenerate

  wire [127:0] drain_acc_top = {4{32'd0}};

  wire pe_valid [1:20];
  wire pe_first [1:20];
  wire pe_last [1:20];
  wire pe_group [1:20];
  wire [31:0] pe_a [1:20];
  wire [7:0] pe_b [1:20];
  wire [1:0] pe_b_index [1:20];
  wire [31:0] pe_drain_acc [1:20];
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_pe_row_ends
      assign pe_b[lane + 1] = b_skewed[lane*8 +: 8];
      wire [7:0] unused_pe_b = pe_b[lane + 17];
      assign pe_b_index[lane + 1] = b_index_skewed[lane*2 +: 2];
      wire [1:0] unused_pe_b_index = pe_b_index[lane + 17];
      assign pe_drain_acc[lane + 1] = drain_acc_top[lane*32 +: 32];
      assign c_data_o[lane*32 +: 32] = pe_drain_acc[lane + 17];
    end
  endgenerate
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_pe_col_ends
      assign pe_valid[lane + 1] = row_valid[lane];
      wire unused_pe_valid = pe_valid[lane + 17];
      assign pe_first[lane + 1] = row_first[lane];
      wire unused_pe_first = pe_first[lane + 17];
      assign pe_last[lane + 1] = row_last[lane];
      wire unused_pe_last = pe_last[lane + 17];
      assign pe_group[lane + 1] = row_group[lane];
      wire unused_pe_group = pe_group[lane + 17];
      assign pe_a[lane + 1] = a_skewed[lane*32 +: 32];
      wire [31:0] unused_pe_a = pe_a[lane + 17];
    end
  endgenerate
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_pe_row
      for (col = 0; col < 4; col = col + 1) begin : gen_col
        mac_os_2_4_4x4_pe_a8_b8_acc32_2of4 u_pe (
          .clk_i       (clk_i),
          .rst_ni      (rst_ni),
          .advance_i   (advance),
          .valid_i     (pe_valid[col*4 + row + 1]),
          .first_i     (pe_first[col*4 + row + 1]),
          .last_i      (pe_last[col*4 + row + 1]),
          .group_i     (pe_group[col*4 + row + 1]),
          .a_i         (pe_a[col*4 + row + 1]),
          .b_i         (pe_b[row*4 + col + 1]),
          .b_index_i   (pe_b_index[row*4 + col + 1]),
          .shift_i     (row_shift[row]),
          .drain_acc_i (pe_drain_acc[row*4 + col + 1]),
          .drain_acc_o (pe_drain_acc[(row + 1)*4 + col + 1]),
          .valid_o     (pe_valid[(col + 1)*4 + row + 1]),
          .first_o     (pe_first[(col + 1)*4 + row + 1]),
          .last_o      (pe_last[(col + 1)*4 + row + 1]),
          .a_o         (pe_a[(col + 1)*4 + row + 1]),
          .b_o         (pe_b[(row + 1)*4 + col + 1]),
          .b_index_o   (pe_b_index[(row + 1)*4 + col + 1]),
          .group_o     (pe_group[(col + 1)*4 + row + 1])
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
