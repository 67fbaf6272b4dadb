// Multiplexers of compressed weights: each index names one of 4 words of a group.
// Design mac-ws-2-4-4x4 (hash e518c2017fe2ffc3), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-ws-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: M + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(M, 10) cycles.
module mac_ws_2_4_4x4_select_1of4_w8 (
  input  wire [31:0] x_i,      // the words of a group
  input  wire [1:0]  index_i,  // index of each weight in its group
  output wire [7:0]  y_o       // the selected words
);

  wire [7:0] y0_0_0 = index_i[0] ? x_i[1*8 +: 8] : x_i[0*8 +: 8];
  wire [7:0] y0_0_1 = index_i[0] ? x_i[3*8 +: 8] : x_i[2*8 +: 8];
  wire [7:0] y0_1_0 = index_i[1] ? y0_0_1 : y0_0_0;
  assign y_o = y0_1_0;

endmodule
