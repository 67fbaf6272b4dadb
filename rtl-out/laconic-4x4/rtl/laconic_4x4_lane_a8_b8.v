// Lane: one pair of terms a cycle, all terms of b for each term of a.
// Exponents are added and decoded: bit e of plus_o or minus_o stands for 2^e.
// Design laconic-4x4 (hash 46d3773cd337236a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit laconic-4x4
// A int8, B int8, two's complement; A and B become digits, csd.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: the cycles of its steps and 7 more, first operand to last result.
// Rate: a step takes 4 places of k, and as many cycles as the slowest lane of the array has pairs
// of
// terms, at least 1; the last step of a tile is accepted at least 3 cycles after the end of the
// tile before.
module laconic_4x4_lane_a8_b8 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,     // moves everything; 0 freezes the array
  input  wire        load_i,        // takes new operands at the next edge; 0 while advance_i is 0
  input  wire [7:0]  a_terms_i,     // terms of the next a
  input  wire [7:0]  a_negative_i,  // which terms of this a are negative
  input  wire [7:0]  b_terms_i,     // terms of the next b
  input  wire [7:0]  b_held_i,      // terms of this b
  input  wire [7:0]  b_negative_i,  // which terms of this b are negative
  output wire [14:0] plus_o,        // powers of two that are added
  output wire [14:0] minus_o,       // powers of two that are subtracted
  output wire        done_o         // no pair is left after this cycle
);

  reg [7:0] a_left_q;
  reg [7:0] b_left_q;
  wire [6:0] a_reach2 = a_left_q[6:0] | {a_left_q[5:0], 1'b0};
  wire [6:0] a_reach4 = a_reach2 | {a_reach2[4:0], 2'd0};
  wire [6:0] a_reach8 = a_reach4 | {a_reach4[2:0], 4'd0};
  wire [7:0] a_not_higher = ~{a_reach8, 1'b0};
  wire [7:0] a_pick = a_left_q & a_not_higher;
  wire [7:0] a_rest = a_left_q & {a_reach8, 1'b0};
  wire [6:0] b_reach2 = b_left_q[6:0] | {b_left_q[5:0], 1'b0};
  wire [6:0] b_reach4 = b_reach2 | {b_reach2[4:0], 2'd0};
  wire [6:0] b_reach8 = b_reach4 | {b_reach4[2:0], 4'd0};
  wire [7:0] b_not_higher = ~{b_reach8, 1'b0};
  wire [7:0] b_pick = b_left_q & b_not_higher;
  wire [7:0] b_rest = b_left_q & {b_reach8, 1'b0};
  wire a_none = a_left_q == 8'd0;
  wire b_none = b_left_q == 8'd0;
  wire idle = a_none | b_none;
  wire a_last = a_rest == 8'd0;
  wire b_last = b_rest == 8'd0;
  wire last_pair = a_last & b_last;
  wire done = idle | last_pair;

  // The next term of b; after the last one b starts again with the next term of a. Whether all
  // lanes
  // are done, and new operands loaded, is known last.
  wire [7:0] a_next = b_last ? a_rest : a_left_q;
  wire [7:0] b_next = b_last ? b_held_i : b_rest;
  wire [7:0] a_kept = advance_i ? a_next : a_left_q;
  wire [7:0] b_kept = advance_i ? b_next : b_left_q;
  wire [7:0] a_left_d = load_i ? a_terms_i : a_kept;
  wire [7:0] b_left_d = load_i ? b_terms_i : b_kept;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      a_left_q <= 8'd0;
      b_left_q <= 8'd0;
    end else begin
      a_left_q <= a_left_d;
      b_left_q <= b_left_d;
    end
  end

  // Exponent adder and decoder.
  wire a_exponent_bit2 = a_pick[4] | a_pick[5] | a_pick[6] | a_pick[7];
  wire a_exponent_bit1 = a_pick[2] | a_pick[3] | a_pick[6] | a_pick[7];
  wire a_exponent_bit0 = a_pick[1] | a_pick[3] | a_pick[5] | a_pick[7];
  wire b_exponent_bit2 = b_pick[4] | b_pick[5] | b_pick[6] | b_pick[7];
  wire b_exponent_bit1 = b_pick[2] | b_pick[3] | b_pick[6] | b_pick[7];
  wire b_exponent_bit0 = b_pick[1] | b_pick[3] | b_pick[5] | b_pick[7];
  wire [3:0] exponent = {1'b0, a_exponent_bit2, a_exponent_bit1, a_exponent_bit0} + {1'b0,
      b_exponent_bit2, b_exponent_bit1, b_exponent_bit0};
  wire is14 = exponent == 4'he;
  wire is13 = exponent == 4'hd;
  wire is12 = exponent == 4'hc;
  wire is11 = exponent == 4'hb;
  wire is10 = exponent == 4'ha;
  wire is9 = exponent == 4'd9;
  wire is8 = exponent == 4'd8;
  wire is7 = exponent == 4'd7;
  wire is6 = exponent == 4'd6;
  wire is5 = exponent == 4'd5;
  wire is4 = exponent == 4'd4;
  wire is3 = exponent == 4'd3;
  wire is2 = exponent == 4'd2;
  wire is1 = exponent == 4'd1;
  wire is0 = exponent == 4'd0;
  wire [7:0] a_signed_pick = a_pick & a_negative_i;
  wire a_plus = a_signed_pick == 8'd0;
  wire [7:0] b_signed_pick = b_pick & b_negative_i;
  wire b_plus = b_signed_pick == 8'd0;
  wire minus = a_plus ^ b_plus;
  wire plus = ~minus;
  wire busy = ~idle;
  wire adds = plus & busy;
  wire subtracts = minus & busy;
  wire [14:0] plus_hit = {is14, is13, is12, is11, is10, is9, is8, is7, is6, is5, is4, is3, is2, is1,
      is0} & {{14{adds}}, adds};
  wire [14:0] minus_hit = {is14, is13, is12, is11, is10, is9, is8, is7, is6, is5, is4, is3, is2,
      is1, is0} & {{14{subtracts}}, subtracts};
  assign plus_o = plus_hit;
  assign minus_o = minus_hit;
  assign done_o = done;

endmodule
