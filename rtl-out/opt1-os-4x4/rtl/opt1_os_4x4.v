// Systolic array of 4 x 4 PEs, output stationary, with streams, skew, control and drain.
// A beat of a is a column of the A tile, a beat of b a row of the B tile; results leave row by
// row, the last row first.
// Design opt1-os-4x4 (hash 3e6047b1008e215b), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-os-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: K + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(K, 7) cycles.
module opt1_os_4x4 (
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

  genvar lane;
  genvar row;
  genvar col;

  wire advance;
  wire step_valid;
  wire step_first;
  wire step_last;
  wire tile_ends;
  wire cmd_ready;
  wire a_ready;
  wire b_ready;

  opt1_os_4x4_control_len16 u_control (
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
    .last_o       (step_last),
    .tile_ends_o  (tile_ends)
  );

  // Operands meet their step on the way in: row r and column c wait r and c cycles.
  wire [31:0] a_skewed;
  assign a_skewed[0*8 +: 8] = a_data_i[0*8 +: 8];
  generate
    for (lane = 1; lane < 4; lane = lane + 1) begin : gen_a_skewed_line
      reg [lane*8-1:0] a_skewed_line_q;
      wire [(lane + 1)*8-1:0] a_skewed_line = {a_skewed_line_q, a_data_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance) begin
          a_skewed_line_q <= a_skewed_line[lane*8-1:0];
        end
      end
      assign a_skewed[lane*8 +: 8] = a_skewed_line[lane*8 +: 8];
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

  wire row_control_full [1:5];
  wire row_control_valid [1:5];
  wire row_control_first [1:5];
  wire row_control_last [1:5];
  assign row_control_full[1] = 1'b0;
  assign drain_valid = row_control_full[5];
  assign row_control_valid[1] = step_valid;
  wire unused_row_control_valid = row_control_valid[5];
  assign row_control_first[1] = step_first;
  wire unused_row_control_first = row_control_first[5];
  assign row_control_last[1] = step_last;
  wire unused_row_control_last = row_control_last[5];
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_row_control_row
      opt1_os_4x4_row_control u_row_control (
        .clk_i       (clk_i),
        .rst_ni      (rst_ni),
        .advance_i   (advance),
        .valid_i     (row_control_valid[row + 1]),
        .first_i     (row_control_first[row + 1]),
        .last_i      (row_control_last[row + 1]),
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
        .row_last_o  (row_last[row])
      );
    end
  endgenerate

  wire [127:0] drain_sum_top = {4{32'd0}};
  wire [127:0] drain_sum;
  wire [123:0] drain_carry_top = {4{31'd0}};
  wire [123:0] drain_carry;

  wire pe_valid [1:20];
  wire pe_first [1:20];
  wire pe_last [1:20];
  wire [7:0] pe_a [1:20];
  wire [7:0] pe_b [1:20];
  wire [31:0] pe_drain_sum [1:20];
  wire [30:0] pe_drain_carry [1:20];
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_pe_row_ends
      assign pe_b[lane + 1] = b_skewed[lane*8 +: 8];
      wire [7:0] unused_pe_b = pe_b[lane + 17];
      assign pe_drain_sum[lane + 1] = drain_sum_top[lane*32 +: 32];
      assign drain_sum[lane*32 +: 32] = pe_drain_sum[lane + 17];
      assign pe_drain_carry[lane + 1] = drain_carry_top[lane*31 +: 31];
      assign drain_carry[lane*31 +: 31] = pe_drain_carry[lane + 17];
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
      assign pe_a[lane + 1] = a_skewed[lane*8 +: 8];
      wire [7:0] unused_pe_a = pe_a[lane + 17];
    end
  endgenerate
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_pe_row
      for (col = 0; col < 4; col = col + 1) begin : gen_col
        opt1_os_4x4_pe_a8_b8_acc32 u_pe (
          .clk_i         (clk_i),
          .rst_ni        (rst_ni),
          .advance_i     (advance),
          .valid_i       (pe_valid[col*4 + row + 1]),
          .first_i       (pe_first[col*4 + row + 1]),
          .last_i        (pe_last[col*4 + row + 1]),
          .a_i           (pe_a[col*4 + row + 1]),
          .b_i           (pe_b[row*4 + col + 1]),
          .shift_i       (row_shift[row]),
          .drain_sum_i   (pe_drain_sum[row*4 + col + 1]),
          .drain_carry_i (pe_drain_carry[row*4 + col + 1]),
          .drain_sum_o   (pe_drain_sum[(row + 1)*4 + col + 1]),
          .drain_carry_o (pe_drain_carry[(row + 1)*4 + col + 1]),
          .valid_o       (pe_valid[(col + 1)*4 + row + 1]),
          .first_o       (pe_first[(col + 1)*4 + row + 1]),
          .last_o        (pe_last[(col + 1)*4 + row + 1]),
          .a_o           (pe_a[(col + 1)*4 + row + 1]),
          .b_o           (pe_b[(row + 1)*4 + col + 1])
        );
      end
    end
  endgenerate

  wire c_ready_n = ~c_ready_i;

  // Final adders: carries propagate here, once for each result.
  generate
    for (col = 0; col < 4; col = col + 1) begin : gen_col
      opt1_os_4x4_final_adder_w32 u_final_adder (
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
