// Sequencer: of a group of 4 operands, the values that are not 0, one a
// cycle, the lowest position first. A taken value is shown one edge later.
// Design skip-values-both-4x4 (hash 535f1cab09555052), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-both-4x4
// A int8, B int8, two's complement; not encoded: the * operator.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, a group without any is dropped, but the first of a tile takes
// 1. Rows meet at the end of a tile.
// Latency of a tile: W + 7 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_both_4x4_sequencer_value_w8_g4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,  // moves the shown value
  input  wire        accept_i,   // a group enters; 0 while advance_i is 0
  input  wire [31:0] a_i,        // its operands
  input  wire        take_i,     // the picked value is taken; 0 while advance_i is 0
  // which rows of B, of the group's operands, have a value that is not 0 in the tile
  input  wire [3:0]  match_i,
  output wire        asks_o,     // a value is picked
  output wire        empty_o,    // the offered group has no value that is not 0
  output wire        last_o,     // nothing is left after the picked value
  output wire [3:0]  pick_o,     // its position, one-hot
  output wire [7:0]  value_o,    // the value that was taken, or 0
  output wire        valid_o     // a value was taken
);

  genvar operand;

  reg [3:0] mask_q;
  wire [3:0] nonzero;
  wire [31:0] shown;
  wire [2:0] mask_reach2 = mask_q[2:0] | {mask_q[1:0], 1'b0};
  wire [2:0] mask_reach4 = mask_reach2 | {mask_reach2[0], 2'd0};
  wire [3:0] mask_not_higher = ~{mask_reach4, 1'b0};
  wire [3:0] mask_pick = mask_q & mask_not_higher;
  wire [3:0] mask_rest = mask_q & {mask_reach4, 1'b0};
  wire [3:0] picks = mask_pick;

  generate
    for (operand = 0; operand < 4; operand = operand + 1) begin : gen_operand
      skip_values_both_4x4_operand_value_w8 u_operand (
        .clk_i     (clk_i),
        .accept_i  (accept_i),
        .a_i       (a_i[operand*8 +: 8]),
        .nonzero_o (nonzero[operand]),
        .pick_i    (picks[operand]),
        .value_o   (shown[operand*8 +: 8])
      );
    end
  endgenerate

  // Only where both operands are not 0.
  wire [3:0] matched = nonzero & match_i;
  wire asks_none = mask_q == 4'd0;
  wire asks = ~asks_none;
  wire [3:0] mask_left = take_i ? mask_rest : mask_q;
  wire [3:0] mask_d = accept_i ? matched : mask_left;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mask_q <= 4'd0;
    end else begin
      mask_q <= mask_d;
    end
  end

  wire [7:0] value = shown[0*8 +: 8] | shown[1*8 +: 8] | shown[2*8 +: 8] | shown[3*8 +: 8];
  wire [7:0] value_d = value & {{7{take_i}}, take_i};
  reg [7:0] value_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      value_q <= value_d;
    end
  end

  reg valid_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
    end else if (advance_i) begin
      valid_q <= take_i;
    end
  end

  assign asks_o = asks;
  wire offered_any_none = matched == 4'd0;
  wire offered_any = ~offered_any_none;
  wire empty = ~offered_any;
  assign empty_o = empty;
  wire last = mask_rest == 4'd0;
  assign last_o = last;
  assign pick_o = mask_pick;
  assign value_o = value_q;
  assign valid_o = valid_q;

endmodule
