// Systolic array of 4 x 4 PEs, weight stationary, with streams, skew, control and deskew.
// A beat of a is a row of the A tile, a beat of b a row of the weight tile (last row of K first);
// results leave in the order of the rows of A, with the partial sums of stream p added if the
// command says so.
// Weights are stored 2 of 4 along K, a row of them a kept place: each has its index
// in the group (b_index_i), and selects one of the 4 words of a that 2 rows share.
// Design mac-ws-2-4-4x4 (hash e518c2017fe2ffc3), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-ws-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: M + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(M, 10) cycles.
module mac_ws_2_4_4x4 (
  input  wire         clk_i,
  input  wire         rst_ni,
  input  wire         cmd_valid_i,       // a command is offered
  input  wire [15:0]  cmd_length_i,      // rows of A in the tile, at least 1
  input  wire         cmd_accumulate_i,  // partial sums are added to the results of the tile
  input  wire         a_valid_i,         // a row of A is offered
  input  wire [63:0]  a_data_i,          // a row of A, 4 elements for every 2 rows of the array
  input  wire         b_valid_i,         // a row of weights is offered
  input  wire [31:0]  b_data_i,          // a row of weights, one element a column
  input  wire [7:0]   b_index_i,         // place of each element in its group of 4
  input  wire         p_valid_i,         // a row of partial sums is offered
  input  wire [127:0] p_data_i,          // a row of partial sums, one element a column
  input  wire         c_ready_i,         // a row of results is taken
  output wire [127:0] c_data_o,          // a row of results, one element a column
  output wire         cmd_ready_o,       // the command is taken
  output wire         a_ready_o,         // the row of A is taken
  output wire         b_ready_o,         // the row of weights is taken
  output wire         p_ready_o,         // the row of partial sums is taken
  output wire         c_valid_o          // a row of results is offered
);

  genvar lane;
  genvar group;
  genvar row;
  genvar col;

  wire advance;
  wire step;
  wire swap;
  wire adds_partial;
  wire load;
  wire cmd_ready;
  wire a_ready;
  wire b_ready;

  mac_ws_2_4_4x4_control_len16 u_control (
    .clk_i            (clk_i),
    .rst_ni           (rst_ni),
    .advance_i        (advance),
    .a_valid_i        (a_valid_i),
    .b_valid_i        (b_valid_i),
    .cmd_accumulate_i (cmd_accumulate_i),
    .cmd_valid_i      (cmd_valid_i),
    .cmd_length_i     (cmd_length_i),
    .cmd_ready_o      (cmd_ready),
    .a_ready_o        (a_ready),
    .b_ready_o        (b_ready),
    .valid_o          (step),
    .swap_o           (swap),
    .accumulate_o     (adds_partial),
    .load_o           (load)
  );

  // The words of a group are for every 2 rows of the array; row r waits r cycles for them.
  wire [63:0] a_skewed0;
  assign a_skewed0[0*8 +: 8] = a_data_i[0*8 +: 8];
  assign a_skewed0[1*8 +: 8] = a_data_i[1*8 +: 8];
  assign a_skewed0[2*8 +: 8] = a_data_i[2*8 +: 8];
  assign a_skewed0[3*8 +: 8] = a_data_i[3*8 +: 8];
  generate
    for (lane = 4; lane < 8; lane = lane + 1) begin : gen_a_skewed0_line
      reg [(lane / 4)*8-1:0] a_skewed0_line_q;
      wire [(lane / 4 + 1)*8-1:0] a_skewed0_line = {a_skewed0_line_q, a_data_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance) begin
          a_skewed0_line_q <= a_skewed0_line[(lane / 4)*8-1:0];
        end
      end
      assign a_skewed0[lane*8 +: 8] = a_skewed0_line[(lane / 4)*8 +: 8];
    end
  endgenerate

  wire [63:0] a_skewed1;

  assign a_skewed1[0*8 +: 8] = a_skewed0[0*8 +: 8];
  assign a_skewed1[1*8 +: 8] = a_skewed0[1*8 +: 8];
  assign a_skewed1[2*8 +: 8] = a_skewed0[2*8 +: 8];
  assign a_skewed1[3*8 +: 8] = a_skewed0[3*8 +: 8];
  generate
    for (lane = 4; lane < 8; lane = lane + 1) begin : gen_a_skewed1_line
      reg [(lane / 4)*8-1:0] a_skewed1_line_q;
      wire [(lane / 4 + 1)*8-1:0] a_skewed1_line = {a_skewed1_line_q, a_skewed0[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance) begin
          a_skewed1_line_q <= a_skewed1_line[(lane / 4)*8-1:0];
        end
      end
      assign a_skewed1[lane*8 +: 8] = a_skewed1_line[(lane / 4)*8 +: 8];
    end
  endgenerate

  wire [127:0] a_rows;

  generate
    for (group = 0; group < 2; group = group + 1) begin : gen_group
      mac_ws_2_4_4x4_group_feed_4to2_w8 u_group_feed (
        .clk_i     (clk_i),
        .advance_i (advance),
        .x_i       (a_skewed1[group*32 +: 32]),
        .x_o       (a_rows[group*64 +: 64])
      );
    end
  endgenerate

  wire [3:0] row_swap;

  wire row_control_swap [1:5];
  assign row_control_swap[1] = swap;
  wire unused_row_control_swap = row_control_swap[5];
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_row_control_row
      mac_ws_2_4_4x4_row_control u_row_control (
        .clk_i      (clk_i),
        .rst_ni     (rst_ni),
        .advance_i  (advance),
        .swap_i     (row_control_swap[row + 1]),
        .swap_o     (row_control_swap[row + 2]),
        .row_swap_o (row_swap[row])
      );
    end
  endgenerate

  wire [127:0] acc_top = {4{32'd0}};
  wire [127:0] acc_bottom;

  wire pe_swap [1:20];
  wire [31:0] pe_a [1:20];
  wire [7:0] pe_weight [1:20];
  wire [1:0] pe_weight_index [1:20];
  wire [31:0] pe_acc [1:20];
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_pe_row_ends
      assign pe_weight[lane + 1] = b_data_i[lane*8 +: 8];
      wire [7:0] unused_pe_weight = pe_weight[lane + 17];
      assign pe_weight_index[lane + 1] = b_index_i[lane*2 +: 2];
      wire [1:0] unused_pe_weight_index = pe_weight_index[lane + 17];
      assign pe_acc[lane + 1] = acc_top[lane*32 +: 32];
      assign acc_bottom[lane*32 +: 32] = pe_acc[lane + 17];
    end
  endgenerate
  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_pe_col_ends
      assign pe_swap[lane + 1] = row_swap[lane];
      wire unused_pe_swap = pe_swap[lane + 17];
      assign pe_a[lane + 1] = a_rows[lane*32 +: 32];
      wire [31:0] unused_pe_a = pe_a[lane + 17];
    end
  endgenerate
  generate
    for (row = 0; row < 4; row = row + 1) begin : gen_pe_row
      for (col = 0; col < 4; col = col + 1) begin : gen_col
        mac_ws_2_4_4x4_pe_a8_b8_acc32_2of4 u_pe (
          .clk_i          (clk_i),
          .rst_ni         (rst_ni),
          .advance_i      (advance),
          .swap_i         (pe_swap[col*4 + row + 1]),
          .a_i            (pe_a[col*4 + row + 1]),
          .load_i         (load),
          .weight_i       (pe_weight[row*4 + col + 1]),
          .weight_index_i (pe_weight_index[row*4 + col + 1]),
          .acc_i          (pe_acc[row*4 + col + 1]),
          .acc_o          (pe_acc[(row + 1)*4 + col + 1]),
          .swap_o         (pe_swap[(col + 1)*4 + row + 1]),
          .a_o            (pe_a[(col + 1)*4 + row + 1]),
          .weight_o       (pe_weight[(row + 1)*4 + col + 1]),
          .weight_index_o (pe_weight_index[(row + 1)*4 + col + 1])
        );
      end
    end
  endgenerate

  // Columns finish one cycle after another; the early ones wait for the last.
  wire [127:0] deskewed;
  assign deskewed[3*32 +: 32] = acc_bottom[3*32 +: 32];
  generate
    for (lane = 0; lane < 3; lane = lane + 1) begin : gen_deskewed_line
      reg [(3 - lane)*32-1:0] deskewed_line_q;
      wire [(4 - lane)*32-1:0] deskewed_line = {deskewed_line_q, acc_bottom[lane*32 +: 32]};
      always @(posedge clk_i) begin
        if (advance) begin
          deskewed_line_q <= deskewed_line[(3 - lane)*32-1:0];
        end
      end
      assign deskewed[lane*32 +: 32] = deskewed_line[(3 - lane)*32 +: 32];
    end
  endgenerate

  // A row of results is complete this long after its row of A was taken.
  wire row_valid;
  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_row_valid_line
      reg [8-1:0] row_valid_line_q;
      wire [9-1:0] row_valid_line = {row_valid_line_q, step};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          row_valid_line_q <= {(8){1'b0}};
        end else if (advance) begin
          row_valid_line_q <= row_valid_line[8-1:0];
        end
      end
      assign row_valid = row_valid_line[8];
    end
  endgenerate

  wire row_adds;

  generate
    for (lane = 0; lane < 1; lane = lane + 1) begin : gen_row_adds_line
      reg [8-1:0] row_adds_line_q;
      wire [9-1:0] row_adds_line = {row_adds_line_q, adds_partial};
      always @(posedge clk_i or negedge rst_ni) begin
        if (!rst_ni) begin
          row_adds_line_q <= {(8){1'b0}};
        end else if (advance) begin
          row_adds_line_q <= row_adds_line[8-1:0];
        end
      end
      assign row_adds = row_adds_line[8];
    end
  endgenerate

  // It leaves when the result before it is taken and its partial sums, if any, are there.
  reg c_valid_q;
  wire c_ready_n = ~c_ready_i;
  wire stalled = c_valid_q & c_ready_n;
  wire take = ~stalled;
  wire wants_partial = row_valid & row_adds;
  wire p_ready = wants_partial & take;
  wire p_valid_n = ~p_valid_i;
  wire waits_for_partial = wants_partial & p_valid_n;
  wire waits_n = ~waits_for_partial;
  wire go = take & waits_n;
  assign advance = go;
  wire offered = row_valid & waits_n;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      c_valid_q <= 1'b0;
    end else if (take) begin
      c_valid_q <= offered;
    end
  end

  generate
    for (col = 0; col < 4; col = col + 1) begin : gen_col
      mac_ws_2_4_4x4_partial_sum_adder_w32 u_partial_sum_adder (
        .clk_i        (clk_i),
        .take_i       (take),
        .accumulate_i (row_adds),
        .result_i     (deskewed[col*32 +: 32]),
        .partial_i    (p_data_i[col*32 +: 32]),
        .result_o     (c_data_o[col*32 +: 32])
      );
    end
  endgenerate

  assign cmd_ready_o = cmd_ready;
  assign a_ready_o = a_ready;
  assign b_ready_o = b_ready;
  assign p_ready_o = p_ready;
  assign c_valid_o = c_valid_q;

endmodule
