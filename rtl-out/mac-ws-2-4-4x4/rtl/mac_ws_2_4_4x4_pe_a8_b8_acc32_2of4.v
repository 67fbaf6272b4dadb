// Processing element, weight stationary: a is 8 bits, b is 8 bits, two's complement.
// An element of b selects the word of a that it is multiplied by, one of 4 of its group.
// The product is resolved and added by carry-propagate adders inside the loop over K.
// a is registered, multiplied and added to the sum from the north one edge later; rate 1 a cycle.
// Design mac-ws-2-4-4x4 (hash e518c2017fe2ffc3), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-ws-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: M + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(M, 10) cycles.
module mac_ws_2_4_4x4_pe_a8_b8_acc32_2of4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,       // moves everything; 0 freezes the array
  // a_i is the first row of a tile: its weights are in the shadow registers
  input  wire        swap_i,
  input  wire [31:0] a_i,             // from the west
  input  wire        load_i,          // moves the chain of shadow registers
  input  wire [7:0]  weight_i,        // weights on their way in, from the north
  input  wire [1:0]  weight_index_i,  // places of the weights in their groups, from the north
  input  wire [31:0] acc_i,           // sum, from the north
  output wire [31:0] acc_o,           // sum, to the south
  output wire        swap_o,          // to the east
  output wire [31:0] a_o,             // to the east
  output wire [7:0]  weight_o,        // weights on their way in, to the south
  output wire [1:0]  weight_index_o   // their places, to the south
);

  genvar lane;

  reg swap_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      swap_q <= 1'b0;
    end else if (advance_i) begin
      swap_q <= swap_i;
    end
  end

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

  reg [7:0] shadow_q;
  wire take = swap_i & advance_i;
  reg [7:0] weight_q;
  reg [1:0] shadow_index_q;

  always @(posedge clk_i) begin
    if (load_i) begin
      shadow_q <= weight_i;
      shadow_index_q <= weight_index_i;
    end
  end

  reg [1:0] weight_index_q;

  always @(posedge clk_i) begin
    if (take) begin
      weight_q <= shadow_q;
      weight_index_q <= shadow_index_q;
    end
  end

  wire [7:0] a_selected;

  mac_ws_2_4_4x4_select_1of4_w8 u_select (
    .x_i     (a_q),
    .index_i (weight_index_q),
    .y_o     (a_selected)
  );

  wire [3:0] digit_one;
  wire [3:0] digit_two;
  wire [3:0] digit_neg;

  mac_ws_2_4_4x4_encoder_booth_4_w8 u_encoder (
    .x_i   (a_selected),
    .one_o (digit_one),
    .two_o (digit_two),
    .neg_o (digit_neg)
  );

  wire [8:0] pp0;
  wire [8:0] pp1;
  wire [8:0] pp2;
  wire [8:0] pp3;

  mac_ws_2_4_4x4_partial_products_w8_r4x4 u_partial_products (
    .y_i   (weight_q),
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

  mac_ws_2_4_4x4_compressor_4to2_w16 u_compressor (
    .pp0_i   (pp0),
    .pp1_i   (pp1),
    .pp2_i   (pp2),
    .pp3_i   (pp3),
    .neg_i   (digit_neg),
    .sum_o   (sum_d),
    .carry_o (carry_d)
  );

  wire [15:0] product = sum_d + {carry_d, 1'b0};
  wire [31:0] acc_d = acc_i + {{16{product[15]}}, product};
  reg [31:0] acc_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      acc_q <= acc_d;
    end
  end

  assign acc_o = acc_q;
  assign swap_o = swap_q;
  assign a_o = a_q;
  assign weight_o = shadow_q;
  assign weight_index_o = shadow_index_q;

endmodule
