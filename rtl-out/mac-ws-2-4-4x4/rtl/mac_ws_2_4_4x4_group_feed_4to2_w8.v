// The 4 words of a group enter 2 rows of the array, each one cycle after the row above.
// Design mac-ws-2-4-4x4 (hash e518c2017fe2ffc3), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit mac-ws-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: M + 13 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(M, 10) cycles.
module mac_ws_2_4_4x4_group_feed_4to2_w8 (
  input  wire        clk_i,
  input  wire        advance_i,  // moves everything; 0 freezes the array
  input  wire [31:0] x_i,        // the words of a group
  output wire [63:0] x_o         // the words of each row
);

  genvar lane;

  wire [31:0] x1_q;

  generate
    for (lane = 0; lane < 4; lane = lane + 1) begin : gen_x1_q_line
      reg [1*8-1:0] x1_q_line_q;
      wire [2*8-1:0] x1_q_line = {x1_q_line_q, x_i[lane*8 +: 8]};
      always @(posedge clk_i) begin
        if (advance_i) begin
          x1_q_line_q <= x1_q_line[1*8-1:0];
        end
      end
      assign x1_q[lane*8 +: 8] = x1_q_line[1*8 +: 8];
    end
  endgenerate

  wire [63:0] fed = {x1_q, x_i};
  assign x_o = fed;

endmodule
