// Unit: 4 words of B are held for a step; in each cycle the terms that the row gives, each
// shifted in its lane, are summed, and the sum is shifted once more and accumulated.
// Design pragmatic-4x4 (hash d76c076a67f55e32), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit pragmatic-4x4
// A int8, B int8, two's complement; A becomes digits, csd, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there until no
// term is left, at least 1 cycle; a cycle takes terms less than 4 places above the lowest.
// Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module pragmatic_4x4_unit_l4_a8_b8_acc32 (
  input  wire        clk_i,
  input  wire        advance_i,     // moves everything; 0 freezes the array
  input  wire        take_b_i,      // takes the words of B
  input  wire [31:0] b_i,           // words of B, lane = place of k
  input  wire [19:0] given_i,       // the term of each lane, or none
  input  wire [7:0]  place_i,       // how far up the sum in the tree register is
  input  wire        first_i,       // it is the first of a tile: the accumulator starts at 0
  input  wire        step_i,        // it is accumulated
  input  wire        capture_i,     // the result is finished
  input  wire        drain_load_i,  // moves the drain chain, or captures
  input  wire [31:0] drain_acc_i,   // drain chain, from the north
  output wire [31:0] drain_acc_o    // drain chain, to the south
);

  genvar lane;

  reg [7:0] b0_q;
  reg [7:0] b1_q;
  reg [7:0] b2_q;
  reg [7:0] b3_q;

  always @(posedge clk_i) begin
    if (take_b_i) begin
      b0_q <= b_i[0*8 +: 8];
      b1_q <= b_i[1*8 +: 8];
      b2_q <= b_i[2*8 +: 8];
      b3_q <= b_i[3*8 +: 8];
    end
  end

  wire [31:0] b = {b3_q, b2_q, b1_q, b0_q};
  wire [43:0] pp;
  wire [3:0] by0 = {given_i[15], given_i[10], given_i[5], given_i[0]};
  wire [3:0] by1 = {given_i[16], given_i[11], given_i[6], given_i[1]};
  wire [3:0] by2 = {given_i[17], given_i[12], given_i[7], given_i[2]};
  wire [3:0] by3 = {given_i[18], given_i[13], given_i[8], given_i[3]};
  wire [3:0] neg = {given_i[19], given_i[14], given_i[9], given_i[4]};

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_lane
      pragmatic_4x4_partial_products_w8_r1x1 u_partial_product (
        .y_i   (b[lane*8 +: 8]),
        .by0_i (by0[lane]),
        .by1_i (by1[lane]),
        .by2_i (by2[lane]),
        .by3_i (by3[lane]),
        .neg_i (neg[lane]),
        .pp0_o (pp[lane*11 +: 11])
      );
    end
  endgenerate

  wire [13:0] total;

  pragmatic_4x4_lane_tree_l4_w14 u_lane_tree (
    .pp0_i   (pp[0*11 +: 11]),
    .pp1_i   (pp[1*11 +: 11]),
    .pp2_i   (pp[2*11 +: 11]),
    .pp3_i   (pp[3*11 +: 11]),
    .neg_i   ({given_i[19], given_i[14], given_i[9], given_i[4]}),
    .total_o (total)
  );

  reg [13:0] tree_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      tree_q <= total;
    end
  end

  // The second shifter, and the accumulator.
  wire [31:0] at0 = {{18{tree_q[13]}}, tree_q} & {{31{place_i[0]}}, place_i[0]};
  wire [31:0] at1 = {{17{tree_q[13]}}, tree_q, 1'b0} & {{31{place_i[1]}}, place_i[1]};
  wire [31:0] at2 = {{16{tree_q[13]}}, tree_q, 2'd0} & {{31{place_i[2]}}, place_i[2]};
  wire [31:0] at3 = {{15{tree_q[13]}}, tree_q, 3'd0} & {{31{place_i[3]}}, place_i[3]};
  wire [31:0] at4 = {{14{tree_q[13]}}, tree_q, 4'd0} & {{31{place_i[4]}}, place_i[4]};
  wire [31:0] at5 = {{13{tree_q[13]}}, tree_q, 5'd0} & {{31{place_i[5]}}, place_i[5]};
  wire [31:0] at6 = {{12{tree_q[13]}}, tree_q, 6'd0} & {{31{place_i[6]}}, place_i[6]};
  wire [31:0] at7 = {{11{tree_q[13]}}, tree_q, 7'd0} & {{31{place_i[7]}}, place_i[7]};
  wire [31:0] addend = at0 | at1 | at2 | at3 | at4 | at5 | at6 | at7;
  reg [31:0] acc_q;
  wire keep = ~first_i;
  wire [31:0] acc_kept = acc_q & {{31{keep}}, keep};
  wire [31:0] acc_d = acc_kept + addend;
  wire go = step_i & advance_i;

  always @(posedge clk_i) begin
    if (go) begin
      acc_q <= acc_d;
    end
  end

  // The finished result is captured beside the next tile's accumulation, and leaves southwards.
  wire [31:0] drain_acc_d = capture_i ? acc_q : drain_acc_i;
  reg [31:0] drain_acc_q;

  always @(posedge clk_i) begin
    if (drain_load_i) begin
      drain_acc_q <= drain_acc_d;
    end
  end

  assign drain_acc_o = drain_acc_q;

endmodule
