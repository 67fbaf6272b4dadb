// Terms of an element of a: bit i of a word stands for 2^i.
// Those of the element at the port are there at once, those of the element loaded last
// are held while the array works on it.
// Design laconic-4x4 (hash 46d3773cd337236a), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit laconic-4x4
// A int8, B int8, two's complement; A and B become digits, csd.
// Results int32, two's complement, modulo 2^32.
// Latency of a tile: the cycles of its steps and 7 more, first operand to last result.
// Rate: a step takes 4 places of k, and as many cycles as the slowest lane of the array has pairs
// of
// terms, at least 1; the last step of a tile is accepted at least 3 cycles after the end of the
// tile before.
module laconic_4x4_a_terms_w8 (
  input  wire       clk_i,
  input  wire       load_i,      // takes the element at the port
  input  wire [7:0] x_i,         // element
  output wire [7:0] terms_o,     // terms of the element at the port
  output wire [7:0] held_o,      // terms of the element that was loaded
  output wire [7:0] negative_o   // which of them are negative
);

  wire [7:0] all_one;
  wire [7:0] all_neg;

  laconic_4x4_encoder_csd_w8 u_encoder (
    .x_i   (x_i),
    .one_o (all_one),
    .neg_o (all_neg)
  );

  reg [7:0] terms_q;
  reg [7:0] negative_q;

  always @(posedge clk_i) begin
    if (load_i) begin
      terms_q <= all_one;
      negative_q <= all_neg;
    end
  end

  assign terms_o = all_one;
  assign held_o = terms_q;
  assign negative_o = negative_q;

endmodule
