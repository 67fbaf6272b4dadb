// Self-checking test bench of opt1_tree_2_4_4x4_4x4x4: values, cycles and protocol.
// Design opt1-tree-2-4-4x4 (hash cce738b4c7e44956), made by bitweight 0.1.0.
// Do not edit; make again with: bitweight emit opt1-tree-2-4-4x4
// A int8, B int8, two's complement; A becomes digits, booth-4.
// Results int32, two's complement, modulo 2^32.
// Of every 4 elements of B along K 2 are stored: those that are not zero, in order, then zeros.
// b_data_i has the elements, b_index_i the place of each in its group (0 for one that fills up).
// Latency of a tile: ceil(K/8) + 10 cycles, first operand to last result.
// Rate: a step a cycle; a tile every max(ceil(K/8), 4) cycles.
module opt1_tree_2_4_4x4_4x4x4_tb;

  reg clk = 1'b0;
  reg rst_n = 1'b0;
  initial begin
    forever begin
      #5 clk = !clk;
    end
  end

  // The table of cases, and the beats of all cases for each stream.
  reg [63:0] case_mem [128];

  reg [15:0] cmd_mem [8];
  reg [2:0] cmd_at = 3'd0;
  reg [31:0] cmd_left = 32'd0;
  reg [63:0] cmd_pattern = 64'd0;
  reg cmd_valid = 1'b0;
  wire cmd_ready;
  wire [15:0] cmd_data = cmd_mem[cmd_at];
  reg cmd_taken = 1'b0;

  reg [255:0] a_mem [64];
  reg [5:0] a_at = 6'd0;
  reg [31:0] a_left = 32'd0;
  reg [63:0] a_pattern = 64'd0;
  reg a_valid = 1'b0;
  wire a_ready;
  wire [255:0] a_data = a_mem[a_at];
  reg a_taken = 1'b0;

  reg [159:0] b_mem [64];
  reg [5:0] b_at = 6'd0;
  reg [31:0] b_left = 32'd0;
  reg [63:0] b_pattern = 64'd0;
  reg b_valid = 1'b0;
  wire b_ready;
  wire [159:0] b_data = b_mem[b_at];
  reg b_taken = 1'b0;

  reg [127:0] c_mem [32];
  reg [4:0] c_at = 5'd0;
  reg [31:0] c_left = 32'd0;
  reg [63:0] c_pattern = 64'd0;
  wire c_valid;
  reg c_ready = 1'b0;
  wire [127:0] c_data;
  reg c_waiting = 1'b0;
  reg c_offered = 1'b0;
  reg [127:0] c_shown = 128'd0;
  reg c_taken = 1'b0;

  opt1_tree_2_4_4x4_4x4x4 u_dut (
    .clk_i        (clk),
    .rst_ni       (rst_n),
    .cmd_valid_i  (cmd_valid),
    .cmd_length_i (cmd_data),
    .a_valid_i    (a_valid),
    .a_data_i     (a_data),
    .b_valid_i    (b_valid),
    .b_data_i     (b_data[127:0]),
    .b_index_i    (b_data[159:128]),
    .c_ready_i    (c_ready),
    .c_data_o     (c_data),
    .cmd_ready_o  (cmd_ready),
    .a_ready_o    (a_ready),
    .b_ready_o    (b_ready),
    .c_valid_o    (c_valid)
  );

  integer case_at;
  integer quiet;
  integer failures;
  integer bad_cases;
  reg [6:0] row;
  reg [31:0] now;
  reg [31:0] first;
  reg [31:0] last;
  reg [31:0] cycles;
  reg [31:0] limit;
  reg running;
  reg started;

  initial begin
    $readmemh("tb/vectors/cases.hex", case_mem, 0, 97);
    $readmemh("tb/vectors/cmd.hex", cmd_mem, 0, 7);
    $readmemh("tb/vectors/a.hex", a_mem, 0, 36);
    $readmemh("tb/vectors/b.hex", b_mem, 0, 36);
    $readmemh("tb/vectors/c.hex", c_mem, 0, 31);
    bad_cases = 0;
    row = 7'd0;
    for (case_at = 0; case_at < 7; case_at = case_at + 1) begin
      failures = 0;
      @(negedge clk);
      rst_n = 1'b0;
      repeat (3) @(negedge clk);
      cmd_at = case_mem[row][2:0];
      cmd_left = case_mem[row + 7'd1][31:0];
      cmd_pattern = case_mem[row + 7'd2];
      cmd_valid = cmd_pattern[0] && cmd_left != 32'd0;
      a_at = case_mem[row + 7'd3][5:0];
      a_left = case_mem[row + 7'd4][31:0];
      a_pattern = case_mem[row + 7'd5];
      a_valid = a_pattern[0] && a_left != 32'd0;
      b_at = case_mem[row + 7'd6][5:0];
      b_left = case_mem[row + 7'd7][31:0];
      b_pattern = case_mem[row + 7'd8];
      b_valid = b_pattern[0] && b_left != 32'd0;
      c_at = case_mem[row + 7'd9][4:0];
      c_left = case_mem[row + 7'd10][31:0];
      c_pattern = case_mem[row + 7'd11];
      c_waiting = 1'b0;
      c_ready = c_pattern[0];
      cycles = case_mem[row + 7'd12][31:0];
      limit = case_mem[row + 7'd13][31:0];
      row = row + 7'd14;
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
        a_taken = a_valid && a_ready;
        b_taken = b_valid && b_ready;
        c_taken = c_valid && c_ready;
        if (!started && (a_taken || b_taken)) begin
          first = now;
          started = 1'b1;
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
        if (a_taken && a_left != 32'd0) begin
          a_at = a_at + 6'd1;
          a_left = a_left - 32'd1;
        end
        a_valid = (a_valid && !a_taken)
            || (a_pattern[now[5:0]] && a_left != 32'd0);
        if (b_taken && b_left != 32'd0) begin
          b_at = b_at + 6'd1;
          b_left = b_left - 32'd1;
        end
        b_valid = (b_valid && !b_taken)
            || (b_pattern[now[5:0]] && b_left != 32'd0);
        if (c_taken && c_left != 32'd0) begin
          c_at = c_at + 5'd1;
          c_left = c_left - 32'd1;
        end
        c_ready = c_pattern[now[5:0]];
        if (cmd_left == 32'd0 && a_left == 32'd0 && b_left == 32'd0 && c_left == 32'd0) begin
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
