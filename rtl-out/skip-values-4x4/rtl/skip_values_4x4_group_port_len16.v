// Group port: counts the groups and passes of a tile, accepts a group when the one before is
// done, and is closed from the last group of a stretch until the stretch turns.
// Design skip-values-4x4 (hash 69a941f8f927e274), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit skip-values-4x4
// A int8, B int8, two's complement; not encoded: the * operator.
// Results int32, two's complement, modulo 2^32.
// Cycles follow the data: a row takes 4 operands of K at a time, and stays there a
// cycle for each value that is not 0, at least 1. Rows meet at the end of a tile.
// Latency of a tile: W + 7 cycles, first operand to last result, W the slowest row's.
// Rate: a tile every max(W, 4) cycles.
module skip_values_4x4_group_port_len16 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,     // 0 freezes the array
  input  wire        valid_i,       // a group is offered
  input  wire [15:0] last_group_i,  // number of the last group of a pass
  input  wire        single_i,      // the next tile has one group a pass
  // the stretch turns: the next one may begin; 0 while advance_i is 0
  input  wire        turn_i,
  input  wire        done_i,        // the group register is done, if advance_i is 1
  output wire [15:0] held_o,        // where the group in the register begins
  output wire        ready_o,       // a group is taken, if it is offered
  output wire        accept_o,      // a group enters the group register
  output wire        met_o          // all groups of the stretch are done
);

  // Whether the offered group is the last of its pass. The number of the last group is that of the
  // tile at hand; a port that waits for the next tile is told about its first group.
  reg closed_q;
  reg [15:0] group_q;
  wire at_last_group = group_q == last_group_i;
  wire pass_ends = closed_q ? single_i : at_last_group;

  // Turns come last in a cycle: what an open port would do is ready before.
  wire is_open = ~closed_q;
  wire goes_on = is_open & advance_i;
  wire open = turn_i | goes_on;
  wire takes = valid_i & done_i;
  wire ready = open & done_i;
  wire moves = open & takes;
  wire [15:0] group_more = group_q + 16'd1;
  wire [15:0] group_d = pass_ends ? 16'd0 : group_more;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      group_q <= 16'd0;
    end else if (moves) begin
      group_q <= group_d;
    end
  end

  wire takes_last = takes & pass_ends;
  wire closed_d = open ? takes_last : closed_q;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      closed_q <= 1'b1;
    end else begin
      closed_q <= closed_d;
    end
  end

  reg [15:0] held_q;

  always @(posedge clk_i) begin
    if (moves) begin
      held_q <= group_q;
    end
  end

  assign held_o = held_q;
  wire met = closed_q & done_i;
  assign ready_o = ready;
  assign accept_o = moves;
  assign met_o = met;

endmodule
