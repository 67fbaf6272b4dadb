// fp8-e4m3 decoder: a code becomes a two's complement word of 19 bits that counts multiples of
// 2^-9.
// Design opt4e-fp8-4x4 (hash 587eb6d3579f686d), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt4e-fp8-4x4
// A fp8-e4m3 (elements are 8 bits, decoded to words of 19), B fp8-e4m3 (elements are 8 bits,
// decoded to words of 19), two's complement; A becomes digits, naf-4, at the edge of the array.
// Results int48, two's complement, modulo 2^48.
// Cycles follow the data: 10 passes over groups of 4 x 4 operands of K; a group takes its non-zero
// digits
// of the pass in cycles, a group without any is dropped, but the first of a pass takes 1. Rows meet
// at the end of a tile.
// Latency of a tile: W + 8 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module opt4e_fp8_4x4_decoder_fp8_e4m3_w19 (
  input  wire [7:0]  code_i,  // element as it is stored
  output wire [18:0] word_o   // its number
);

  wire [3:0] exponent = code_i[6:3];
  wire sign = code_i[7];
  wire subnormal = exponent == 4'd0;
  wire [3:0] significand = subnormal ? {code_i[2:0], 1'b0} : {1'b1, code_i[2:0]};
  wire [18:0] shifted1 = exponent[0] ? {14'd0, significand, 1'b0} : {15'd0, significand};
  wire [18:0] shifted2 = exponent[1] ? {shifted1[16:0], 2'd0} : shifted1;
  wire [18:0] shifted4 = exponent[2] ? {shifted2[14:0], 4'd0} : shifted2;
  wire [18:0] shifted8 = exponent[3] ? {shifted4[10:0], 8'd0} : shifted4;
  wire [18:0] flipped = {1'b0, shifted8[18:1]} ^ {{18{sign}}, sign};
  wire [18:0] word = flipped + {18'd0, sign};
  assign word_o = word;

  // Bits that this module has no use for.
  wire unused_shifted8 = shifted8[0];

endmodule
