// booth-4 encoder: an 8-bit two's complement operand becomes 4 digits
// of radix 4; bit i of a port belongs to the i-th slot that has such a line.
// Design mac-ws-2-4-4x4 (hash e518c2017fe2ffc3), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-ws-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: M + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(M, 10) cycles.
module mac_ws_2_4_4x4_encoder_booth_4_w8 (
  input  wire [7:0] x_i,    // operand, two's complement
  output wire [3:0] one_o,  // digit is 1 or -1
  output wire [3:0] two_o,  // digit is 2 or -2
  output wire [3:0] neg_o   // digit is negative
);

  wire [8:0] padded = {x_i, 1'b0};
  wire [3:0] below = {padded[6], padded[4], padded[2], padded[0]};
  wire [3:0] low = {padded[7], padded[5], padded[3], padded[1]};
  wire [3:0] high = {padded[8], padded[6], padded[4], padded[2]};
  wire [3:0] one = below ^ low;
  wire [3:0] even = ~one;
  wire [3:0] step = high ^ low;
  wire [3:0] two = even & step;
  assign one_o = one;
  assign two_o = two;
  assign neg_o = high;

endmodule
