// en-t encoder: an 8-bit two's complement operand becomes 4 digits
// of radix 4; bit i of a port belongs to the i-th slot that has such a line.
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
module opt4c_mxfp4_4x4_encoder_en_t_w8 (
  input  wire [7:0] x_i,    // operand, two's complement
  output wire [3:0] one_o,  // digit is 1 or -1
  output wire [3:0] two_o,  // digit is 2 or -2
  output wire [3:0] neg_o   // digit is negative
);

  wire sign = x_i[7];
  wire [7:0] flipped = x_i ^ {{7{sign}}, sign};
  wire [7:0] magnitude = flipped + {7'd0, sign};
  wire even0 = ~magnitude[0];
  wire two0 = magnitude[1] & even0;
  wire three0 = magnitude[1] & magnitude[0];
  wire neg0 = sign ^ three0;
  wire one1 = magnitude[2] ^ three0;
  wire both1 = magnitude[2] & three0;
  wire half1 = magnitude[3] ^ both1;
  wire even1 = ~one1;
  wire two1 = half1 & even1;
  wire three1 = magnitude[3] & one1;
  wire neg1 = sign ^ three1;
  wire four1 = magnitude[3] & both1;
  wire carry1 = three1 | four1;
  wire one2 = magnitude[4] ^ carry1;
  wire both2 = magnitude[4] & carry1;
  wire half2 = magnitude[5] ^ both2;
  wire even2 = ~one2;
  wire two2 = half2 & even2;
  wire three2 = magnitude[5] & one2;
  wire neg2 = sign ^ three2;
  wire four2 = magnitude[5] & both2;
  wire carry2 = three2 | four2;
  wire one3 = magnitude[6] ^ carry2;
  wire both3 = magnitude[6] & carry2;
  wire half3 = magnitude[7] ^ both3;
  wire even3 = ~one3;
  wire two3 = half3 & even3;
  assign one_o = {one3, one2, one1, magnitude[0]};
  assign two_o = {two3, two2, two1, two0};
  assign neg_o = {sign, neg2, neg1, neg0};

endmodule
