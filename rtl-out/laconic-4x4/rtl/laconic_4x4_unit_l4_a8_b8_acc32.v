// Dot-product unit: 4 lanes take a pair of terms a cycle; how often each power of two
// occurs is counted, and the counts are added to the accumulator.
// Design laconic-4x4 (hash 46d3773cd337236a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit laconic-4x4
// A int8, B int8, two's complement; A and B become digits, csd.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: the cycles of its steps and 7 more, first operand to last result.
// Rate: a step takes 4 places of k, and as many cycles as the slowest lane of the array has pairs
// of
// terms, at least 1; the last step of a tile is accepted at least 3 cycles after the end of the
// tile before.
module laconic_4x4_unit_l4_a8_b8_acc32 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,      // moves everything; 0 freezes the array
  input  wire        load_i,         // takes new operands at the next edge
  input  wire        count_valid_i,  // the counts are those of a step
  input  wire        count_first_i,  // they are the first of a tile: the accumulator starts at 0
  input  wire        capture_i,      // the accumulator is complete
  input  wire        shift_i,        // moves the drain chain
  input  wire [31:0] a_terms_i,      // terms of the next a
  input  wire [31:0] a_negative_i,   // which terms of this a are negative
  input  wire [31:0] b_terms_i,      // terms of the next b
  input  wire [31:0] b_held_i,       // terms of this b
  input  wire [31:0] b_negative_i,   // which terms of this b are negative
  input  wire [31:0] drain_acc_i,    // drain chain, from the north
  output wire [31:0] drain_acc_o,    // drain chain, to the south
  output wire        done_o          // all lanes are done
);

  genvar lane;
  genvar exponent;

  wire [59:0] plus;
  wire [59:0] minus;
  wire [3:0] lane_done;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_lane
      laconic_4x4_lane_a8_b8 u_lane (
        .clk_i        (clk_i),
        .rst_ni       (rst_ni),
        .advance_i    (advance_i),
        .load_i       (load_i),
        .a_terms_i    (a_terms_i[lane*8 +: 8]),
        .a_negative_i (a_negative_i[lane*8 +: 8]),
        .b_terms_i    (b_terms_i[lane*8 +: 8]),
        .b_held_i     (b_held_i[lane*8 +: 8]),
        .b_negative_i (b_negative_i[lane*8 +: 8]),
        .plus_o       (plus[lane*15 +: 15]),
        .minus_o      (minus[lane*15 +: 15]),
        .done_o       (lane_done[lane])
      );
    end
  endgenerate

  // The bits of all lanes, sorted by the power of two that they stand for.
  wire [59:0] plus_by_exponent = {plus[59], plus[44], plus[29], plus[14], plus[58], plus[43],
      plus[28], plus[13], plus[57], plus[42], plus[27], plus[12], plus[56], plus[41], plus[26],
      plus[11], plus[55], plus[40], plus[25], plus[10], plus[54], plus[39], plus[24], plus[9],
      plus[53], plus[38], plus[23], plus[8], plus[52], plus[37], plus[22], plus[7], plus[51],
      plus[36], plus[21], plus[6], plus[50], plus[35], plus[20], plus[5], plus[49], plus[34],
      plus[19], plus[4], plus[48], plus[33], plus[18], plus[3], plus[47], plus[32], plus[17],
      plus[2], plus[46], plus[31], plus[16], plus[1], plus[45], plus[30], plus[15], plus[0]};
  wire [59:0] minus_by_exponent = {minus[59], minus[44], minus[29], minus[14], minus[58], minus[43],
      minus[28], minus[13], minus[57], minus[42], minus[27], minus[12], minus[56], minus[41],
      minus[26], minus[11], minus[55], minus[40], minus[25], minus[10], minus[54], minus[39],
      minus[24], minus[9], minus[53], minus[38], minus[23], minus[8], minus[52], minus[37],
      minus[22], minus[7], minus[51], minus[36], minus[21], minus[6], minus[50], minus[35],
      minus[20], minus[5], minus[49], minus[34], minus[19], minus[4], minus[48], minus[33],
      minus[18], minus[3], minus[47], minus[32], minus[17], minus[2], minus[46], minus[31],
      minus[16], minus[1], minus[45], minus[30], minus[15], minus[0]};
  wire [59:0] counts;

  generate
    for (exponent = 0; exponent < 15; exponent = exponent + 1) begin : gen_exponent
      laconic_4x4_counter_l4 u_counter (
        .plus_i  (plus_by_exponent[exponent*4 +: 4]),
        .minus_i (minus_by_exponent[exponent*4 +: 4]),
        .count_o (counts[exponent*4 +: 4])
      );
    end
  endgenerate

  wire [59:0] counts_q;

  generate
    for (lane = 0; lane < 15; lane = lane + 1) begin : gen_counts_q_line
      reg [1*4-1:0] counts_q_line_q;
      wire [2*4-1:0] counts_q_line = {counts_q_line_q, counts[lane*4 +: 4]};
      always @(posedge clk_i) begin
        if (advance_i) begin
          counts_q_line_q <= counts_q_line[1*4-1:0];
        end
      end
      assign counts_q[lane*4 +: 4] = counts_q_line[1*4 +: 4];
    end
  endgenerate

  reg [31:0] acc_q;
  wire keep = ~count_first_i;
  wire [31:0] acc_kept = acc_q & {{31{keep}}, keep};
  wire [31:0] acc_d;

  laconic_4x4_final_tree_e15_l4_w32 u_final_tree (
    .acc_i   (acc_kept),
    .count_i (counts_q),
    .acc_o   (acc_d)
  );

  wire step = count_valid_i & advance_i;

  always @(posedge clk_i) begin
    if (step) begin
      acc_q <= acc_d;
    end
  end

  // The finished sum is captured beside the next tile's accumulation, and leaves southwards.
  wire captures = capture_i & advance_i;
  wire drain_load = captures | shift_i;
  wire [31:0] drain_acc_d = capture_i ? acc_q : drain_acc_i;
  reg [31:0] drain_acc_q;

  always @(posedge clk_i) begin
    if (drain_load) begin
      drain_acc_q <= drain_acc_d;
    end
  end

  assign drain_acc_o = drain_acc_q;
  wire lanes_done = lane_done == 4'hf;
  assign done_o = lanes_done;

endmodule
