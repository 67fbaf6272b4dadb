// Multiplexers of compressed weights: each index names one of 4 words of a group.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_select_2of4_w8 (
  input  wire [31:0] x_i,      // the words of a group
  input  wire [3:0]  index_i,  // index of each weight in its group
  output wire [15:0] y_o       // the selected words
);

  wire [7:0] y0_0_0 = index_i[0] ? x_i[1*8 +: 8] : x_i[0*8 +: 8];
  wire [7:0] y0_0_1 = index_i[0] ? x_i[3*8 +: 8] : x_i[2*8 +: 8];
  wire [7:0] y0_1_0 = index_i[1] ? y0_0_1 : y0_0_0;
  wire [7:0] y1_0_0 = index_i[2] ? x_i[1*8 +: 8] : x_i[0*8 +: 8];
  wire [7:0] y1_0_1 = index_i[2] ? x_i[3*8 +: 8] : x_i[2*8 +: 8];
  wire [7:0] y1_1_0 = index_i[3] ? y1_0_1 : y1_0_0;
  wire [15:0] chosen = {y1_1_0, y0_1_0};
  assign y_o = chosen;

endmodule
