// Processing element: the value of a slot times its word of B joins the sum.
// The product is resolved and added by carry-propagate adders inside the loop over K.
// Design skip-values-both-4x4 (hash 535f1cab09555052), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-both-4x4
// A int8, B int8, two's complement; not encoded: the * operator.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, a group without any is dropped, but the first of a tile takes
// 1. Rows meet at the end of a tile.
// Latency of a tile: W + 7 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_both_4x4_pe_a8_b8_acc32 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,     // moves everything; 0 freezes the array
  input  wire        first_i,       // first slot of a tile: the sum starts at 0
  input  wire        step_i,        // the slot has a value, or begins a tile
  input  wire        take_i,        // value and word of B are taken
  input  wire [7:0]  a_i,           // the value, or 0
  input  wire [7:0]  b0_i,          // word of B
  input  wire        capture_i,     // the result is finished
  input  wire        drain_load_i,  // moves the drain chain, or captures
  input  wire [31:0] drain_acc_i,   // drain chain, from the north
  output wire [31:0] drain_acc_o    // drain chain, to the south
);

  // A tile without a value multiplies 0 by what is here, which has to be a word from the start.
  reg [7:0] b_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      b_q <= 8'd0;
    end else if (take_i) begin
      b_q <= b0_i;
    end
  end

  wire keep = ~first_i;
  reg [31:0] acc_q;
  wire [31:0] acc_kept = acc_q & {{31{keep}}, keep};
  wire [15:0] product = $signed({{8{a_i[7]}}, a_i}) * $signed({{8{b_q[7]}}, b_q});
  wire [31:0] acc_d = acc_kept + {{16{product[15]}}, product};
  wire go = step_i & advance_i;

  always @(posedge clk_i) begin
    if (go) begin
      acc_q <= acc_d;
    end
  end

  // The finished result is captured beside the next tile's accumulation, and leaves southwards.
  wire [31:0] drain_acc_d = capture_i ? acc_q : drain_acc_i;
  reg [31:0] drain_acc_q;

  always @(posedge clk_i) begin
    if (drain_load_i) begin
      drain_acc_q <= drain_acc_d;
    end
  end

  assign drain_acc_o = drain_acc_q;

endmodule
