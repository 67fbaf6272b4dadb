// Processing element, output stationary: a is 8 bits, b is 8 bits, two's complement.
// An element of b selects the word of a that it is multiplied by, one of 4 of its group.
// The product is resolved and added by carry-propagate adders inside the loop over K.
// Operands are registered; 1 product a cycle, accumulated 1 edge later.
// Design mac-os-2-4-4x4 (hash dda8098d246dde80), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-os-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: 2 * ceil(K/4) + 12 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(2 * ceil(K/4), 7) cycles.
module mac_os_2_4_4x4_pe_a8_b8_acc32_2of4 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,    // moves everything; 0 freezes the array
  input  wire        valid_i,      // operands are a step of a tile
  input  wire        first_i,      // first step of a tile: the sum starts at 0
  input  wire        last_i,       // last step of a tile
  input  wire        group_i,      // the words of a are those of another group
  input  wire [31:0] a_i,          // from the west
  input  wire [7:0]  b_i,          // from the north
  input  wire [1:0]  b_index_i,    // places of the weights in their groups
  input  wire        shift_i,      // moves the drain chain
  input  wire [31:0] drain_acc_i,  // drain chain, from the north
  output wire [31:0] drain_acc_o,  // drain chain, to the south
  output wire        valid_o,      // to the east
  output wire        first_o,      // to the east
  output wire        last_o,       // to the east
  output wire [31:0] a_o,          // to the east
  output wire [7:0]  b_o,          // to the south
  output wire [1:0]  b_index_o,    // to the south
  output wire        group_o       // to the east
);

  genvar lane;

  reg valid_q;
  reg first_q;
  reg last_q;
  wire group_begins = group_i & advance_i;
  wire [31:0] a_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_a_q_line
      reg [1*8-1:0] a_q_line_q;
      wire [2*8-1:0] a_q_line = {a_q_line_q, a_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (group_begins) begin
          a_q_line_q <= a_q_line[1*8-1:0];
        end
      end
      assign a_q[lane*8 +: 8] = a_q_line[1*8 +: 8];
    end
  endgenerate

  reg [7:0] b_q;
  reg [1:0] b_index_q;

  always @(posedge clk_i) begin
    if (advance_i) begin
      b_q <= b_i;
      b_index_q <= b_index_i;
    end
  end

  reg group_q;
  wire step = valid_q & advance_i;
  wire keep = ~first_q;
  reg [31:0] acc_q;
  wire [31:0] acc_kept = acc_q & {{31{keep}}, keep};
  wire [7:0] a_selected;

  mac_os_2_4_4x4_select_1of4_w8 u_select (
    .x_i     (a_q),
    .index_i (b_index_q),
    .y_o     (a_selected)
  );

  wire [3:0] digit_one;
  wire [3:0] digit_two;
  wire [3:0] digit_neg;

  mac_os_2_4_4x4_encoder_booth_4_w8 u_encoder (
    .x_i   (a_selected),
    .one_o (digit_one),
    .two_o (digit_two),
    .neg_o (digit_neg)
  );

  wire [8:0] pp0;
  wire [8:0] pp1;
  wire [8:0] pp2;
  wire [8:0] pp3;

  mac_os_2_4_4x4_partial_products_w8_r4x4 u_partial_products (
    .y_i   (b_q),
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

  mac_os_2_4_4x4_compressor_4to2_w16 u_compressor (
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
  wire finished = valid_q & last_q;
  reg capture_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      valid_q <= 1'b0;
      first_q <= 1'b0;
      last_q <= 1'b0;
      group_q <= 1'b0;
      capture_q <= 1'b0;
    end else if (advance_i) begin
      valid_q <= valid_i;
      first_q <= first_i;
      last_q <= last_i;
      group_q <= group_i;
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
  assign b_index_o = b_index_q;
  assign group_o = group_q;

endmodule
