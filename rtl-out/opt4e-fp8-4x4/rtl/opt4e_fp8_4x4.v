// Digit-serial array of 4 x 4 PEs, output stationary, with streams, control and drain.
// Each lane of each row has its own reader of streams a and b, and asks for the rows of B whose
// digits of A are not 0; results leave row by row, the last row first.
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
module opt4e_fp8_4x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         cmd_valid_i,   // a command is offered
  input  wire [15:0]  cmd_length_i,  // groups of a lane and pass, at least 1
  input  wire [15:0]  a_valid_i,     // a group of operands is offered, a lane each
  input  wire [511:0] a_data_i,      // the group, its first operand lowest
  input  wire [15:0]  b_valid_i,     // what is asked for of B is offered
  input  wire [511:0] b_data_i,      // the row of B, one element a column
  input  wire         c_ready_i,     // a row of results is taken
  output wire [15:0]  a_ready_o,     // the group is taken
  output wire [15:0]  b_ready_o,     // a beat of B is asked for, and taken
  // index i is k = (i / 4 * 4 + lane) * 4 + i mod 4, / rounded down
  output wire [287:0] b_index_o,
  output wire [191:0] c_data_o,      // a row of results, one element a column
  output wire         cmd_ready_o,   // the command is taken
  output wire         c_valid_o      // a row of results is offered
);

  genvar element;
  genvar row;
  genvar col;

  // Elements of a are decoded once, where they come in.
  wire [1215:0] a_decoded;
  generate
    for (element = 0; element < 64; element = element + 1) begin : gen_a_decoder_element
      opt4e_fp8_4x4_decoder_fp8_e4m3_w19 u_a_decoder (
        .code_i (a_data_i[element*8 +: 8]),
        .word_o (a_decoded[element*19 +: 19])
      );
    end
  endgenerate

  // Elements of b are decoded once, where they come in.
  wire [1215:0] b_decoded;
  generate
    for (element = 0; element < 64; element = element + 1) begin : gen_b_decoder_element
      opt4e_fp8_4x4_decoder_fp8_e4m3_w19 u_b_decoder (
        .code_i (b_data_i[element*8 +: 8]),
        .word_o (b_decoded[element*19 +: 19])
      );
    end
  endgenerate

  // Rows meet here.
  wire advance;
  wire cmd_ready;
  wire capture;
  wire [15:0] last_group;
  wire single;
  wire [3:0] row_done;
  wire start;
  wire rows_done = row_done == 4'hf;

  opt4e_fp8_4x4_control_len16 u_control (
    .clk_i        (clk_i),
    .rst_ni       (rst_ni),
    .advance_i    (advance),
    .cmd_valid_i  (cmd_valid_i),
    .cmd_length_i (cmd_length_i),
    .rows_done_i  (rows_done),
    .cmd_ready_o  (cmd_ready),
    .last_group_o (last_group),
    .single_o     (single),
    .start_o      (start),
    .capture_o    (capture)
  );

  wire drain_valid;
  wire drain_shift = drain_valid & advance;
  wire [191:0] drain_sum_top = {4{48'd0}};
  wire [191:0] drain_sum;
  wire [187:0] drain_carry_top = {4{47'd0}};
  wire [187:0] drain_carry;

  wire row_full [1:5];
  wire [191:0] row_drain_sum [1:5];
  wire [187:0] row_drain_carry [1:5];
  assign row_full[1] = 1'b0;
  assign drain_valid = row_full[5];
  assign row_drain_sum[1] = drain_sum_top;
  assign drain_sum = row_drain_sum[5];
  assign row_drain_carry[1] = drain_carry_top;
  assign drain_carry = row_drain_carry[5];
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_row
      opt4e_fp8_4x4_row_a19_b19_acc48x4 u_row (
        .clk_i         (clk_i),
        .rst_ni        (rst_ni),
        .advance_i     (advance),
        .last_group_i  (last_group),
        .single_i      (single),
        .start_i       (start),
        .a_valid_i     (a_valid_i[row*4 +: 4]),
        .a_data_i      (a_decoded[row*304 +: 304]),
        .b_valid_i     (b_valid_i[row*4 +: 4]),
        .b_data_i      (b_decoded[row*304 +: 304]),
        .row_done_o    (row_done[row]),
        .capture_i     (capture),
        .shift_i       (drain_shift),
        .full_i        (row_full[row + 1]),
        .full_o        (row_full[row + 2]),
        .drain_sum_i   (row_drain_sum[row + 1]),
        .drain_sum_o   (row_drain_sum[row + 2]),
        .drain_carry_i (row_drain_carry[row + 1]),
        .drain_carry_o (row_drain_carry[row + 2]),
        .a_ready_o     (a_ready_o[row*4 +: 4]),
        .b_ready_o     (b_ready_o[row*4 +: 4]),
        .b_index_o     (b_index_o[row*72 +: 72])
      );
    end
  endgenerate

  // Final adders: carries propagate here, once for each result.
  generate
    for (col = 0; col < 4; col = col + 1) begin : gen_col
      opt4e_fp8_4x4_final_adder_w48 u_final_adder (
        .clk_i     (clk_i),
        .advance_i (advance),
        .sum_i     (drain_sum[col*48 +: 48]),
        .carry_i   (drain_carry[col*47 +: 47]),
        .result_o  (c_data_o[col*48 +: 48])
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
  wire c_ready_n = ~c_ready_i;
  wire stalled = c_valid_q & c_ready_n;
  wire go = ~stalled;
  assign advance = go;
  assign cmd_ready_o = cmd_ready;
  assign c_valid_o = c_valid_q;

endmodule
