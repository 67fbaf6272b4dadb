// Processing element, input stationary: a is 8 bits, b is 8 bits, two's complement.
// The product is resolved and added by carry-propagate adders inside the loop over K.
// b is registered, multiplied and added to the sum from the north one edge later; rate 1 a cycle.
// Design ent-is-4x4 (hash a16f283cfc602a15), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit ent-is-4x4
// A int8, B int8, two's complement; B becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: N + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(N, 10) cycles.
module ent_is_4x4_pe_a8_b8_acc32 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,  // moves everything; 0 freezes the array
  // b_i is the first column of a tile: its inputs are in the shadow registers
  input  wire        swap_i,
  input  wire [11:0] b_i,        // from the west
  input  wire        load_i,     // moves the chain of shadow registers
  input  wire [7:0]  input_i,    // inputs on their way in, from the north
  input  wire [31:0] acc_i,      // sum, from the north
  output wire [31:0] acc_o,      // sum, to the south
  output wire        swap_o,     // to the east
  output wire [11:0] b_o,        // to the east
  output wire [7:0]  input_o     // inputs on their way in, to the south
);

  reg swap_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      swap_q <= 1'b0;
    end else if (advance_i) begin
      swap_q <= swap_i;
    end
  end

  reg [11:0] b_q;
  reg [7:0] shadow_q;

  always @(posedge clk_i) begin
    if (load_i) begin
      shadow_q <= input_i;
    end
  end

  wire take = swap_i & advance_i;
  reg [7:0] input_q;

  always @(posedge clk_i) begin
    if (take) begin
      input_q <= shadow_q;
    end
  end

  wire [8:0] pp0;
  wire [8:0] pp1;
  wire [8:0] pp2;
  wire [8:0] pp3;

  ent_is_4x4_partial_products_w8_r4x4 u_partial_products (
    .y_i   (input_q),
    .one_i (b_q[3:0]),
    .two_i (b_q[7:4]),
    .neg_i (b_q[11:8]),
    .pp0_o (pp0),
    .pp1_o (pp1),
    .pp2_o (pp2),
    .pp3_o (pp3)
  );

  wire [15:0] sum_d;
  wire [14:0] carry_d;

  ent_is_4x4_compressor_4to2_w16 u_compressor (
    .pp0_i   (pp0),
    .pp1_i   (pp1),
    .pp2_i   (pp2),
    .pp3_i   (pp3),
    .neg_i   (b_q[11:8]),
    .sum_o   (sum_d),
    .carry_o (carry_d)
  );

  wire [15:0] product = sum_d + {carry_d, 1'b0};
  wire [31:0] acc_d = acc_i + {{16{product[15]}}, product};
  reg [31:0] acc_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      b_q <= b_i;
      acc_q <= acc_d;
    end
  end

  assign acc_o = acc_q;
  assign swap_o = swap_q;
  assign b_o = b_q;
  assign input_o = shadow_q;

endmodule
