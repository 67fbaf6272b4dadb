// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// The product is resolved and added by carry-propagate adders inside the loop over K.
// Operands are registered; 4 products a cycle, accumulated 1 edge later.
// Design mac-cube-4x4 (hash ae6df5e6bb0cc8d6), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-cube-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/4), 7) cycles.
module mac_cube_4x4_pe_a8_b8_acc32_k4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,    // moves everything; 0 freezes the array
  input  wire        valid_i,      // operands are a step of a tile
  input  wire        first_i,      // first step of a tile: the sum starts at 0
  input  wire        last_i,       // last step of a tile
  input  wire [31:0] a_i,          // from the west
  input  wire [31:0] b_i,          // from the north
  input  wire        shift_i,      // moves the drain chain
  input  wire [31:0] drain_acc_i,  // drain chain, from the north
  output wire [31:0] drain_acc_o,  // drain chain, to the south
  output wire        valid_o,      // to the east
  output wire        first_o,      // to the east
  output wire        last_o,       // to the east
  output wire [31:0] a_o,          // to the east
  output wire [31:0] b_o           // to the south
);

  genvar lane;
  genvar k;

  reg valid_q;
  reg first_q;
  reg last_q;
  wire [31:0] a_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_a_q_line
      reg [1*8-1:0] a_q_line_q;
      wire [2*8-1:0] a_q_line = {a_q_line_q, a_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance_i) begin
          a_q_line_q <= a_q_line[1*8-1:0];
        end
      end
      assign a_q[lane*8 +: 8] = a_q_line[1*8 +: 8];
    end
  endgenerate

  wire [31:0] b_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_b_q_line
      reg [1*8-1:0] b_q_line_q;
      wire [2*8-1:0] b_q_line = {b_q_line_q, b_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance_i) begin
          b_q_line_q <= b_q_line[1*8-1:0];
        end
      end
      assign b_q[lane*8 +: 8] = b_q_line[1*8 +: 8];
    end
  endgenerate

  wire step = valid_q & advance_i;
  wire keep = ~first_q;
  reg [31:0] acc_q;
  wire [31:0] acc_kept = acc_q & {{31{keep}}, keep};
  wire [63:0] products;

  generate
    for (k = 0; k < 4; k = k + 1) begin : gen_k
      mac_cube_4x4_multiplier_w8x8 u_multiplier (
        .x_i       (a_q[k*8 +: 8]),
        .y_i       (b_q[k*8 +: 8]),
        .product_o (products[k*16 +: 16])
      );
    end
  endgenerate

  wire [16:0] sum1_0 = {products[15], products[0*16 +: 16]} + {products[31], products[1*16 +: 16]};
  wire [16:0] sum1_1 = {products[47], products[2*16 +: 16]} + {products[63], products[3*16 +: 16]};
  wire [17:0] sum2_0 = {sum1_0[16], sum1_0} + {sum1_1[16], sum1_1};
  wire [31:0] acc_d = acc_kept + {{14{sum2_0[17]}}, sum2_0};

  always @(posedge clk_i) begin
    if (step) begin
      acc_q <= acc_d;
    end
  end

  // The finished sum is captured beside the next tile's accumulation, and leaves southwards.
  wire finished = valid_q & last_q;
  reg capture_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      first_q <= 1'b0;
      last_q <= 1'b0;
      capture_q <= 1'b0;
    end else if (advance_i) begin
      valid_q <= valid_i;
      first_q <= first_i;
      last_q <= last_i;
      capture_q <= finished;
    end
  end

  wire capture = capture_q & advance_i;
  wire drain_load = capture | shift_i;
  wire [31:0] drain_acc_d = capture_q ? acc_q : drain_acc_i;
  reg [31:0] drain_acc_q;

  always @(posedge clk_i) begin
    if (drain_load) begin
      drain_acc_q <= drain_acc_d;
    end
  end

  assign drain_acc_o = drain_acc_q;
  assign valid_o = valid_q;
  assign first_o = first_q;
  assign last_o = last_q;
  assign a_o = a_q;
  assign b_o = b_q;

endmodule
