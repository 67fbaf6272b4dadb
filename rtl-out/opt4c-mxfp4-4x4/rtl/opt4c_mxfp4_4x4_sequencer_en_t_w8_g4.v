// Digit sequencer: of a group of 4 operands, the digits of one bit weight that are not 0, one a
// cycle, the lowest position first. A taken digit is shown one edge later.
// Design opt4c-mxfp4-4x4 (hash b8a8fa3149bf1016), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4c-mxfp4-4x4
// A mxfp4 (elements are 4 bits, decoded to words of 8), B mxfp4 (elements are 4 bits, decoded to
// words of 8), two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: 4 passes over groups of 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, a group without any is dropped, but the first of a pass takes 1. Rows meet
// at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4c_mxfp4_4x4_sequencer_en_t_w8_g4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,  // moves the shown digit
  input  wire        accept_i,   // a group enters; 0 while advance_i is 0
  input  wire [3:0]  weight_i,   // its bit weight, one-hot
  input  wire [31:0] a_i,        // its operands
  input  wire        take_i,     // the picked digit is taken; 0 while advance_i is 0
  output wire        asks_o,     // a digit is picked
  output wire        empty_o,    // the offered group has no digit that is not 0
  output wire        last_o,     // nothing is left after the picked digit
  output wire [3:0]  pick_o,     // its position, one-hot
  output wire [2:0]  digit_o,    // the digit that was taken, or 0
  output wire        valid_o     // a digit was taken
);

  genvar operand;

  reg [3:0] mask_q;
  wire [3:0] nonzero;
  wire [11:0] shown;
  wire [2:0] mask_reach2 = mask_q[2:0] | {mask_q[1:0], 1'b0};
  wire [2:0] mask_reach4 = mask_reach2 | {mask_reach2[0], 2'd0};
  wire [3:0] mask_not_higher = ~{mask_reach4, 1'b0};
  wire [3:0] mask_pick = mask_q & mask_not_higher;
  wire [3:0] mask_rest = mask_q & {mask_reach4, 1'b0};
  wire [3:0] picks = mask_pick;

  generate
    for (operand = 0; operand < 4; operand = operand + 1) begin : gen_operand
      opt4c_mxfp4_4x4_operand_en_t_w8 u_operand (
        .clk_i     (clk_i),
        .accept_i  (accept_i),
        .weight_i  (weight_i),
        .a_i       (a_i[operand*8 +: 8]),
        .nonzero_o (nonzero[operand]),
        .pick_i    (picks[operand]),
        .digit_o   (shown[operand*3 +: 3])
      );
    end
  endgenerate

  wire asks_none = mask_q == 4'd0;
  wire asks = ~asks_none;
  wire [3:0] mask_left = take_i ? mask_rest : mask_q;
  wire [3:0] mask_d = accept_i ? nonzero : mask_left;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      mask_q <= 4'd0;
    end else begin
      mask_q <= mask_d;
    end
  end

  wire [2:0] digit = shown[0*3 +: 3] | shown[1*3 +: 3] | shown[2*3 +: 3] | shown[3*3 +: 3];
  wire [2:0] digit_d = digit & {{2{take_i}}, take_i};
  reg [2:0] digit_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      digit_q <= digit_d;
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
  wire offered_any_none = nonzero == 4'd0;
  wire offered_any = ~offered_any_none;
  wire empty = ~offered_any;
  assign empty_o = empty;
  wire last = mask_rest == 4'd0;
  assign last_o = last;
  assign pick_o = mask_pick;
  assign digit_o = digit_q;
  assign valid_o = valid_q;

endmodule
