// Self-checking test bench of opt4e_fp8_4x4: values, cycles and protocol.
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
module opt4e_fp8_4x4_tb;

  reg clk = 1'b0;
  reg rst_n = 1'b0;
  initial begin
    forever begin
      #5 clk = !clk;
    end
  end

  // The table of cases, and the beats of all cases for each stream.
  reg [63:0] case_mem [1024];

  reg [15:0] cmd_mem [8];
  reg [2:0] cmd_at = 3'd0;
  reg [31:0] cmd_left = 32'd0;
  reg [63:0] cmd_pattern = 64'd0;
  reg cmd_valid = 1'b0;
  wire cmd_ready;
  wire [15:0] cmd_data = cmd_mem[cmd_at];
  reg cmd_taken = 1'b0;

  reg [31:0] a_mem [2048];
  reg [10:0] a_at [16];
  reg [31:0] a_left [16];
  reg [63:0] a_pattern = 64'd0;
  reg [15:0] a_more = 16'd0;
  reg [15:0] a_valid = 16'd0;
  reg [15:0] a_taken = 16'd0;
  wire [15:0] a_ready;
  wire [511:0] a_data;
  genvar a_reader;
  generate
    for (a_reader = 0; a_reader < 16; a_reader = a_reader + 1) begin : gen_a
      assign a_data[a_reader * 32 +: 32] = a_mem[a_at[a_reader]];
    end
  endgenerate

  reg [49:0] b_mem [1024];
  reg [9:0] b_at [16];
  reg [31:0] b_left [16];
  reg [63:0] b_pattern = 64'd0;
  reg [15:0] b_more = 16'd0;
  reg [15:0] b_valid = 16'd0;
  reg [15:0] b_taken = 16'd0;
  wire [15:0] b_ready;
  wire [511:0] b_data;
  wire [287:0] b_index;
  wire [15:0] b_astray;
  genvar b_reader;
  generate
    for (b_reader = 0; b_reader < 16; b_reader = b_reader + 1) begin : gen_b
      assign b_data[b_reader * 32 +: 32] = b_mem[b_at[b_reader]][31:0];
      assign b_astray[b_reader] = b_index[b_reader * 18 +: 18] !== b_mem[b_at[b_reader]][49:32];
    end
  endgenerate

  reg [191:0] c_mem [32];
  reg [4:0] c_at = 5'd0;
  reg [31:0] c_left = 32'd0;
  reg [63:0] c_pattern = 64'd0;
  wire c_valid;
  reg c_ready = 1'b0;
  wire [191:0] c_data;
  reg c_waiting = 1'b0;
  reg c_offered = 1'b0;
  reg [191:0] c_shown = 192'd0;
  reg c_taken = 1'b0;

  opt4e_fp8_4x4 u_dut (
    .clk_i        (clk),
    .rst_ni       (rst_n),
    .cmd_valid_i  (cmd_valid),
    .cmd_length_i (cmd_data),
    .a_valid_i    (a_valid),
    .a_data_i     (a_data),
    .b_valid_i    (b_valid),
    .b_data_i     (b_data),
    .c_ready_i    (c_ready),
    .a_ready_o    (a_ready),
    .b_ready_o    (b_ready),
    .b_index_o    (b_index),
    .c_data_o     (c_data),
    .cmd_ready_o  (cmd_ready),
    .c_valid_o    (c_valid)
  );

  integer reader;
  integer case_at;
  integer quiet;
  integer failures;
  integer bad_cases;
  reg [9:0] row;
  reg [31:0] now;
  reg [31:0] first;
  reg [31:0] last;
  reg [31:0] cycles;
  reg [31:0] limit;
  reg running;
  reg started;

  initial begin
    $readmemh("tb/vectors/cases.hex", case_mem, 0, 517);
    $readmemh("tb/vectors/cmd.hex", cmd_mem, 0, 7);
    $readmemh("tb/vectors/a.hex", a_mem, 0, 1579);
    $readmemh("tb/vectors/b.hex", b_mem, 0, 697);
    $readmemh("tb/vectors/c.hex", c_mem, 0, 31);
    bad_cases = 0;
    row = 10'd0;
    for (case_at = 0; case_at < 7; case_at = case_at + 1) begin
      failures = 0;
      @(negedge clk);
      rst_n = 1'b0;
      repeat (3) @(negedge clk);
      cmd_at = case_mem[row][2:0];
      cmd_left = case_mem[row + 10'd1][31:0];
      cmd_pattern = case_mem[row + 10'd2];
      cmd_valid = cmd_pattern[0] && cmd_left != 32'd0;
      row = row + 10'd3;
      for (reader = 0; reader < 16; reader = reader + 1) begin
        a_at[reader[3:0]] = case_mem[row][10:0];
        a_left[reader[3:0]] = case_mem[row + 10'd1][31:0];
        a_more[reader[3:0]] = a_left[reader[3:0]] != 32'd0;
        row = row + 10'd2;
      end
      a_pattern = case_mem[row];
      a_valid = a_more & {16{a_pattern[0]}};
      row = row + 10'd1;
      for (reader = 0; reader < 16; reader = reader + 1) begin
        b_at[reader[3:0]] = case_mem[row][9:0];
        b_left[reader[3:0]] = case_mem[row + 10'd1][31:0];
        b_more[reader[3:0]] = b_left[reader[3:0]] != 32'd0;
        row = row + 10'd2;
      end
      b_pattern = case_mem[row];
      b_valid = b_more & {16{b_pattern[0]}};
      c_at = case_mem[row + 10'd1][4:0];
      c_left = case_mem[row + 10'd2][31:0];
      c_pattern = case_mem[row + 10'd3];
      c_waiting = 1'b0;
      c_ready = c_pattern[0];
      cycles = case_mem[row + 10'd4][31:0];
      limit = case_mem[row + 10'd5][31:0];
      row = row + 10'd6;
      rst_n = 1'b1;
      now = 32'd0;
      first = 32'd0;
      last = 32'd0;
      quiet = 0;
      started = 1'b0;
      running = 1'b1;
      while (running) begin
        // Inputs change at the falling edge; all is looked at just before the rising one.
        // First with c_ready inverted: c_valid must not look at it.
        c_ready = !c_ready;
        #2;
        c_offered = c_valid;
        c_ready = !c_ready;
        #2;
        if (c_offered !== c_valid) begin
          failures = failures + 1;
          if (failures < 10) begin
            $display("FAIL case %0d edge %0d: c_valid waits for c_ready", case_at, now);
          end
        end
        cmd_taken = cmd_valid && cmd_ready;
        a_taken = a_valid & a_ready;
        b_taken = b_valid & b_ready;
        c_taken = c_valid && c_ready;
        if (!started && (|a_taken || |b_taken)) begin
          first = now;
          started = 1'b1;
        end
        if ((b_taken & b_astray) !== 16'd0) begin
          failures = failures + 1;
          if (failures < 10) begin
            $display("FAIL case %0d edge %0d: readers %h of b want another word", case_at, now,
                b_taken & b_astray);
          end
        end
        if (c_waiting && !(c_valid && c_data === c_shown)) begin
          failures = failures + 1;
          if (failures < 10) begin
            $display("FAIL case %0d edge %0d: c changed before it was taken", case_at, now);
          end
        end
        if (c_taken !== 1'b0) begin
          last = now;
          if (c_left == 32'd0 || c_data !== c_mem[c_at]) begin
            failures = failures + 1;
            if (failures < 10) begin
              $display("FAIL case %0d edge %0d: c beat is %h, not %h (%0d to come)", case_at, now,
                  c_data, c_mem[c_at], c_left);
            end
          end
        end
        c_waiting = c_valid && !c_ready;
        c_shown = c_data;
        now = now + 32'd1;
        @(negedge clk);
        if (cmd_taken && cmd_left != 32'd0) begin
          cmd_at = cmd_at + 3'd1;
          cmd_left = cmd_left - 32'd1;
        end
        cmd_valid = (cmd_valid && !cmd_taken)
            || (cmd_pattern[now[5:0]] && cmd_left != 32'd0);
        for (reader = 0; reader < 16; reader = reader + 1) begin
          if (a_taken[reader[3:0]] && a_more[reader[3:0]]) begin
            a_at[reader[3:0]] = a_at[reader[3:0]] + 11'd1;
            a_left[reader[3:0]] = a_left[reader[3:0]] - 32'd1;
            a_more[reader[3:0]] = a_left[reader[3:0]] != 32'd0;
          end
        end
        a_valid = (a_valid & ~a_taken)
            | (a_more & {16{a_pattern[now[5:0]]}});
        for (reader = 0; reader < 16; reader = reader + 1) begin
          if (b_taken[reader[3:0]] && b_more[reader[3:0]]) begin
            b_at[reader[3:0]] = b_at[reader[3:0]] + 10'd1;
            b_left[reader[3:0]] = b_left[reader[3:0]] - 32'd1;
            b_more[reader[3:0]] = b_left[reader[3:0]] != 32'd0;
          end
        end
        b_valid = (b_valid & ~b_taken)
            | (b_more & {16{b_pattern[now[5:0]]}});
        if (c_taken && c_left != 32'd0) begin
          c_at = c_at + 5'd1;
          c_left = c_left - 32'd1;
        end
        c_ready = c_pattern[now[5:0]];
        if (cmd_left == 32'd0 && a_more == 16'd0 && b_more == 16'd0 && c_left == 32'd0) begin
          quiet = quiet + 1;
          running = quiet < 80;
        end else if (now > limit) begin
          failures = failures + 1;
          $display("FAIL case %0d: not done after %0d edges, c has %0d beats to come", case_at, now,
              c_left);
          running = 1'b0;
        end
      end
      if (failures == 0 && last - first + 32'd1 != cycles) begin
        failures = failures + 1;
        $display("FAIL case %0d: %0d cycles, not %0d", case_at, last - first + 32'd1, cycles);
      end
      if (failures != 0) begin
        bad_cases = bad_cases + 1;
      end
    end
    if (bad_cases != 0) begin
      $display("FAIL %0d of 7", bad_cases);
      $fatal(1);
    end
    $display("PASS 7 of 7");
    $finish(0);
  end

endmodule
