// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// The product is resolved and added by carry-propagate adders inside the loop over K.
// Operands come from the edge; 4 products a cycle, accumulated 4 edges later.
// Design ent-tree-4x4 (hash c4f3fc9e15c1cad8), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit ent-tree-4x4
// A int8, B int8, two's complement; A becomes digits, en-t, at the edge of the array.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 9 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 4) cycles.
module ent_tree_4x4_pe_a8_b8_acc32_k4 (
  input  wire        clk_i,
  input  wire        advance_i,    // moves everything; 0 freezes the array
  input  wire        valid_i,      // products are those of a step of a tile
  input  wire        first_i,      // of its first step: the sum starts at 0
  input  wire        capture_i,    // the sum is complete
  input  wire [47:0] a_i,          // of this row
  input  wire [31:0] b_i,          // of this column
  input  wire        shift_i,      // moves the drain chain
  input  wire [31:0] drain_acc_i,  // drain chain, from the north
  output wire [31:0] drain_acc_o   // drain chain, to the south
);

  genvar k;
  genvar lane;

  wire step = valid_i & advance_i;
  wire keep = ~first_i;
  reg [31:0] acc_q;
  wire [31:0] acc_kept = acc_q & {{31{keep}}, keep};
  wire [63:0] products;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_k
      ent_tree_4x4_multiplier_w8x8 u_multiplier (
        .x_i       (a_i[k*12 +: 12]),
        .y_i       (b_i[k*8 +: 8]),
        .product_o (products[k*16 +: 16])
      );
    end
  endgenerate

  wire [63:0] products_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_products_q_line
      reg [1*16-1:0] products_q_line_q;
      wire [2*16-1:0] products_q_line = {products_q_line_q, products[lane*16 +: 16]};
      always @(posedge clk_i) begin
        if (advance_i) begin
          products_q_line_q <= products_q_line[1*16-1:0];
        end
      end
      assign products_q[lane*16 +: 16] = products_q_line[1*16 +: 16];
    end
  endgenerate

  wire [16:0] sum1_0 = {products_q[15], products_q[0*16 +: 16]} + {products_q[31], products_q[1*16
      +: 16]};
  reg [16:0] sum1_0_q;
  wire [16:0] sum1_1 = {products_q[47], products_q[2*16 +: 16]} + {products_q[63], products_q[3*16
      +: 16]};
  reg [16:0] sum1_1_q;
  wire [17:0] sum2_0 = {sum1_0_q[16], sum1_0_q} + {sum1_1_q[16], sum1_1_q};
  reg [17:0] sum2_0_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      sum1_0_q <= sum1_0;
      sum1_1_q <= sum1_1;
      sum2_0_q <= sum2_0;
    end
  end

  wire [31:0] acc_d = acc_kept + {{14{sum2_0_q[17]}}, sum2_0_q};

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
