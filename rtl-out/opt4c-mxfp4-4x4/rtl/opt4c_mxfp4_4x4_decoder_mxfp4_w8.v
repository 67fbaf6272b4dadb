// mxfp4 decoder: a code becomes a two's complement word of 8 bits that counts multiples of 2^-1.
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
module opt4c_mxfp4_4x4_decoder_mxfp4_w8 (
  input  wire [3:0] code_i,  // element as it is stored
  output wire [7:0] word_o   // its number
);

  wire [1:0] exponent = code_i[2:1];
  wire sign = code_i[3];
  wire subnormal = exponent == 2'd0;
  wire [1:0] significand = subnormal ? {code_i[0], 1'b0} : {1'b1, code_i[0]};
  wire [4:0] shifted1 = exponent[0] ? {2'd0, significand, 1'b0} : {3'd0, significand};
  wire [4:0] shifted2 = exponent[1] ? {shifted1[2:0], 2'd0} : shifted1;
  wire [7:0] flipped = {4'd0, shifted2[4:1]} ^ {{7{sign}}, sign};
  wire [7:0] word = flipped + {7'd0, sign};
  assign word_o = word;

  // Bits that this module has no use for.
  wire unused_shifted2 = shifted2[0];

endmodule
