// Group port: counts the groups and passes of a tile, accepts a group when the one before is
// done, and is closed from the last group of a stretch until the stretch turns.
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
module opt4e_fp8_4x4_group_port_len16 (
  input  wire        clk_i,
  input  wire        rst_ni,
  input  wire        advance_i,     // 0 freezes the array
  input  wire        valid_i,       // a group is offered
  input  wire [15:0] last_group_i,  // number of the last group of a pass
  input  wire        single_i,      // the next tile has one group a pass
  // the stretch turns: the next one may begin; 0 while advance_i is 0
  input  wire        turn_i,
  input  wire        done_i,        // the group register is done, if advance_i is 1
  input  wire        empty_i,       // the offered group has no digit that is not 0
  output wire [9:0]  weight_o,      // bit weight of the offered group, one-hot
  output wire [15:0] held_o,        // where the group in the register begins
  output wire        ready_o,       // a group is taken, if it is offered
  output wire        accept_o,      // a group enters the group register
  output wire        met_o,         // all groups of the stretch are done
  output wire        at_tile_o      // the next group is the first of a tile
);

  reg closed_q;
  reg [15:0] group_q;
  reg [9:0] weight_q;
  wire counted_none = group_q == 16'd0;
  wire counted = ~counted_none;
  wire at_pass = ~counted;

  // Whether the offered group is the last of its pass. The number of the last group is that of the
  // tile at hand; a port that waits for the next tile is told about its first group.
  wire at_last_group = group_q == last_group_i;
  wire fresh = closed_q & weight_q[9];
  wire pass_ends = fresh ? single_i : at_last_group;

  // Turns come last in a cycle: what an open port would do is ready before.
  wire is_open = ~closed_q;
  wire goes_on = is_open & advance_i;
  wire open = turn_i | goes_on;

  // An empty group is dropped, but the first of a pass.
  wire not_first = ~at_pass;
  wire dropped = empty_i & not_first;
  wire room = done_i | dropped;
  wire takes = valid_i & room;
  wire kept = ~dropped;
  wire keeps = valid_i & kept & done_i;
  wire ready = open & room;
  wire moves = open & takes;
  wire accept = open & keeps;
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

  // The bit weight of the offered group, from the top slot down.
  wire pass_in = open & takes_last;

  always @(posedge clk_i or negedge rst_ni) begin
    if (!rst_ni) begin
      weight_q <= 10'h200;
    end else if (pass_in) begin
      weight_q <= {weight_q[0], weight_q[9:1]};
    end
  end

  assign weight_o = weight_q;
  reg [15:0] held_q;

  always @(posedge clk_i) begin
    if (accept) begin
      held_q <= group_q;
    end
  end

  assign held_o = held_q;
  wire met = closed_q & done_i;
  assign ready_o = ready;
  assign accept_o = accept;
  assign met_o = met;
  assign at_tile_o = weight_q[9];

endmodule
