// Term lane: the terms of one operand of a step, the lowest place first. A term is given when it
// is within reach of the shifters, counted from the lowest place at which any lane has one.
// Design pragmatic-4x4 (hash d76c076a67f55e32), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit pragmatic-4x4
// A int8, B int8, two's complement; A becomes digits, csd, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there until no
// term is left, at least 1 cycle; a cycle takes terms less than 4 places above the lowest.
// Rows meet at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module pragmatic_4x4_term_lane_csd_w8 (
  input  wire       clk_i,
  input  wire       rst_ni,
  input  wire       advance_i,  // moves the given term
  input  wire       accept_i,   // takes the operand; 0 while advance_i is 0
  input  wire       take_i,     // terms within reach are given; 0 while advance_i is 0
  input  wire [7:0] place_i,    // the lowest place of all lanes, one-hot
  input  wire [7:0] reach_i,    // the places within reach of it
  input  wire [7:0] a_i,        // operand
  output wire [7:0] left_o,     // places of the terms that are left
  output wire       last_o,     // nothing is left when the terms within reach are given
  output wire [4:0] given_o     // the term that was given: its distance one-hot, its sign on top
);

  wire [7:0] all_one;
  wire [7:0] all_neg;

  pragmatic_4x4_encoder_csd_w8 u_encoder (
    .x_i   (a_i),
    .one_o (all_one),
    .neg_o (all_neg)
  );

  reg [7:0] left_q;
  wire [6:0] first_reach2 = left_q[6:0] | {left_q[5:0], 1'b0};
  wire [6:0] first_reach4 = first_reach2 | {first_reach2[4:0], 2'd0};
  wire [6:0] first_reach8 = first_reach4 | {first_reach4[2:0], 4'd0};
  wire [7:0] first_not_higher = ~{first_reach8, 1'b0};
  wire [7:0] first_pick = left_q & first_not_higher;
  wire [7:0] gives = first_pick & reach_i;
  wire [7:0] others = ~gives;
  wire [7:0] rest = left_q & others;
  wire [7:0] left_d = accept_i ? all_one : rest;
  wire moves = accept_i | take_i;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      left_q <= 8'd0;
    end else if (moves) begin
      left_q <= left_d;
    end
  end

  reg [7:0] negative_q;

  always @(posedge clk_i) begin
    if (accept_i) begin
      negative_q <= all_neg;
    end
  end

  // How far the given term is above the lowest place, and its sign; nothing if none is given.
  wire [7:0] hit0 = gives & place_i;
  wire by0_none = hit0 == 8'd0;
  wire by0 = ~by0_none;
  wire [6:0] hit1 = gives[7:1] & place_i[6:0];
  wire by1_none = hit1 == 7'd0;
  wire by1 = ~by1_none;
  wire [5:0] hit2 = gives[7:2] & place_i[5:0];
  wire by2_none = hit2 == 6'd0;
  wire by2 = ~by2_none;
  wire [4:0] hit3 = gives[7:3] & place_i[4:0];
  wire by3_none = hit3 == 5'd0;
  wire by3 = ~by3_none;
  wire [7:0] signs = gives & negative_q;
  wire neg_none = signs == 8'd0;
  wire neg = ~neg_none;
  wire [4:0] given = {neg, by3, by2, by1, by0} & {{4{take_i}}, take_i};
  reg [4:0] given_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      given_q <= given;
    end
  end

  wire last = rest == 8'd0;
  assign left_o = left_q;
  assign last_o = last;
  assign given_o = given_q;

endmodule
