// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// The product is resolved and added by carry-propagate adders inside the loop over K.
// Operands come from the edge; 1 product a cycle, accumulated 1 edge later.
// Design mac-matrix-4x4 (hash c3b2e2e91f2a4210), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-matrix-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: K + 6 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(K, 4) cycles.
module mac_matrix_4x4_pe_a8_b8_acc32 (
  input  wire        clk_i,
  input  wire        advance_i,    // moves everything; 0 freezes the array
  input  wire        valid_i,      // products are those of a step of a tile
  input  wire        first_i,      // of its first step: the sum starts at 0
  input  wire        capture_i,    // the sum is complete
  input  wire [7:0]  a_i,          // of this row
  input  wire [7:0]  b_i,          // of this column
  input  wire        shift_i,      // moves the drain chain
  input  wire [31:0] drain_acc_i,  // drain chain, from the north
  output wire [31:0] drain_acc_o   // drain chain, to the south
);

  wire step = valid_i & advance_i;
  wire keep = ~first_i;
  reg [31:0] acc_q;
  wire [31:0] acc_kept = acc_q & {{31{keep}}, keep};
  wire [3:0] digit_one;
  wire [3:0] digit_two;
  wire [3:0] digit_neg;

  mac_matrix_4x4_encoder_booth_4_w8 u_encoder (
    .x_i   (a_i),
    .one_o (digit_one),
    .two_o (digit_two),
    .neg_o (digit_neg)
  );

  wire [8:0] pp0;
  wire [8:0] pp1;
  wire [8:0] pp2;
  wire [8:0] pp3;

  mac_matrix_4x4_partial_products_w8_r4x4 u_partial_products (
    .y_i   (b_i),
    .one_i (digit_one),
    .two_i (digit_two),
    .neg_i (digit_neg),
    .pp0_o (pp0),
    .pp1_o (pp1),
    .pp2_o (pp2),
    .pp3_o (pp3)
  );

  wire [15:0] sum_d;
  wire [14:0] carry_d;

  mac_matrix_4x4_compressor_4to2_w16 u_compressor (
    .pp0_i   (pp0),
    .pp1_i   (pp1),
    .pp2_i   (pp2),
    .pp3_i   (pp3),
    .neg_i   (digit_neg),
    .sum_o   (sum_d),
    .carry_o (carry_d)
  );

  wire [15:0] product = sum_d + {carry_d, 1'b0};
  wire [31:0] acc_d = acc_kept + {{16{product[15]}}, product};

  always @(posedge clk_i) begin
    if (step) begin
      acc_q <= acc_d;
    end
  end

  // The finished sum is captured beside the next tile's accumulation, and leaves southwards.
  wire capture = capture_i & advance_i;
  wire drain_load = capture | shift_i;
  wire [31:0] drain_acc_d = capture_i ? acc_q : drain_acc_i;
  reg [31:0] drain_acc_q;

  always @(posedge clk_i) begin
    if (drain_load) begin
      drain_acc_q <= drain_acc_d;
    end
  end

  assign drain_acc_o = drain_acc_q;

endmodule
