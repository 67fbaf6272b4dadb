//! The self-checking test bench: SystemVerilog that Icarus and Verilator read alike.
//!
//! It offers and takes beats by the patterns of each case, compares every result beat, counts the cycles, and watches the
//! protocol: results are stable until taken, and nothing comes after the last.

use crate::emit::bundle::{BundleInfo, TestCase, beat_bits, header};
use crate::emit::module::{implicit_ports, in_reset};
use crate::emit::scope::State;
use crate::emit::text::Text;
use crate::emit::vectors::{WORDS_A_STREAM, beats, words_a_case};
use crate::engine::StreamInfo;
use crate::netlist::{Netlist, ResetKind};

/// Bits of an address of a memory that holds `beats` words.
fn address_bits(beats: usize) -> u32 {
    (usize::BITS - beats.saturating_sub(1).leading_zeros()).max(1)
}

/// The text of `tb/{top}_tb.sv`.
pub(super) fn print(netlist: &Netlist, info: &BundleInfo, cases: &[TestCase]) -> String {
    let mut text = Text::default();
    let top = &netlist.top_module().name;
    text.comment(0, &format!("Self-checking test bench of {top}: values, cycles and protocol."));
    for line in header(info) {
        text.comment(0, &line);
    }
    text.line(0, &format!("module {top}_tb;"));
    text.gap();
    declarations(netlist, info, cases, &mut text);
    device(netlist, info, &mut text);
    main_process(netlist, info, cases, &mut text);
    text.gap();
    text.line(0, "endmodule");
    text.finish()
}

fn declarations(netlist: &Netlist, info: &BundleInfo, cases: &[TestCase], text: &mut Text) {
    let reset_name = reset_signal(netlist.reset);
    text.line(2, "reg clk = 1'b0;");
    text.line(2, &format!("reg {reset_name} = 1'b{};", active(netlist.reset)));
    text.line(2, "initial begin");
    text.line(4, "forever begin");
    text.line(6, "#5 clk = !clk;");
    text.line(4, "end");
    text.line(2, "end");
    text.gap();
    let words = words_a_case(info) * cases.len();
    text.comment(2, "The table of cases, and the beats of all cases for each stream.");
    text.line(2, &format!("reg [63:0] case_mem [{}];", 1_u64 << address_bits(words)));
    for (index, stream) in info.streams.iter().enumerate() {
        let (name, bits) = (stream.name(), beat_bits(netlist, stream));
        let address = address_bits(beats(cases, index));
        text.gap();
        text.line(2, &format!("reg [{}:0] {name}_mem [{}];", bits - 1, 1_u64 << address));
        text.line(2, &format!("reg [{}:0] {name}_at = {address}'d0;", address - 1));
        text.line(2, &format!("reg [31:0] {name}_left = 32'd0;"));
        text.line(2, &format!("reg [63:0] {name}_pattern = 64'd0;"));
        if stream.is_output() {
            text.line(2, &format!("wire {name}_valid;"));
            text.line(2, &format!("reg {name}_ready = 1'b0;"));
            text.line(2, &format!("wire [{}:0] {name}_data;", bits - 1));
            text.line(2, &format!("reg {name}_waiting = 1'b0;"));
            text.line(2, &format!("reg {name}_offered = 1'b0;"));
            text.line(2, &format!("reg [{}:0] {name}_shown = {bits}'d0;", bits - 1));
        } else {
            text.line(2, &format!("reg {name}_valid = 1'b0;"));
            text.line(2, &format!("wire {name}_ready;"));
            text.line(2, &format!("wire [{}:0] {name}_data = {name}_mem[{name}_at];", bits - 1));
        }
        text.line(2, &format!("reg {name}_taken = 1'b0;"));
    }
    text.gap();
}

fn reset_signal(kind: ResetKind) -> &'static str {
    if kind == ResetKind::SyncHigh { "rst" } else { "rst_n" }
}

/// Level of the reset signal that resets.
fn active(kind: ResetKind) -> u8 {
    u8::from(in_reset(kind) == "rst_i")
}

fn device(netlist: &Netlist, info: &BundleInfo, text: &mut Text) {
    let top = netlist.top_module();
    let states = State::of_all(netlist);
    let mut rows: Vec<(String, String)> = Vec::new();
    for port in implicit_ports(states[netlist.top.index()], netlist.reset) {
        let signal = if port == "clk_i" { "clk" } else { reset_signal(netlist.reset) };
        rows.push((port.to_owned(), signal.to_owned()));
    }
    for port in &top.ports {
        let name = &top.net(port.net).name;
        let mut signal = String::new();
        for stream in &info.streams {
            if *name == stream.valid() {
                signal = format!("{}_valid", stream.name());
            } else if *name == stream.ready() {
                signal = format!("{}_ready", stream.name());
            } else if let Some(slice) = field_slice(netlist, stream, name) {
                signal = format!("{}_data{slice}", stream.name());
            }
        }
        rows.push((name.clone(), signal));
    }
    text.line(2, &format!("{} u_dut (", top.name));
    crate::emit::module::print_connections(text, 4, &rows);
    text.line(2, ");");
    text.gap();
}

/// Where a field lies in the beat, as a part select; empty if it is all of it.
fn field_slice(netlist: &Netlist, stream: &StreamInfo, port: &str) -> Option<String> {
    let mut low = 0;
    for (field, (width, lanes)) in stream.fields.iter().zip(crate::emit::bundle::shapes(netlist, stream)) {
        let bits = width * lanes;
        if field == port {
            let whole = bits == beat_bits(netlist, stream);
            return Some(if whole { String::new() } else { format!("[{}:{low}]", low + bits - 1) });
        }
        low += bits;
    }
    None
}

fn main_process(netlist: &Netlist, info: &BundleInfo, cases: &[TestCase], text: &mut Text) {
    let words = words_a_case(info);
    let Some(result) = info.streams.iter().find(|stream| stream.is_output()).map(|stream| stream.name()) else {
        return;
    };
    let mut line = |indent: usize, statement: &str| text.line(indent, statement);
    let address = address_bits(words * cases.len());
    for name in ["case_at", "quiet", "failures", "bad_cases"] {
        line(2, &format!("integer {name};"));
    }
    line(2, &format!("reg [{}:0] row;", address - 1));
    for name in ["now", "first", "last", "cycles", "limit"] {
        line(2, &format!("reg [31:0] {name};"));
    }
    for name in ["running", "started"] {
        line(2, &format!("reg {name};"));
    }
    line(0, "");
    // The literal 1, as wide as a stream's address.
    let one = |name: &str| {
        let index = info.streams.iter().position(|stream| stream.name() == name).unwrap_or(0);
        format!("{}'d1", address_bits(beats(cases, index)))
    };
    line(2, "initial begin");
    line(4, &format!("$readmemh(\"tb/vectors/cases.hex\", case_mem, 0, {});", words * cases.len() - 1));
    for (index, stream) in info.streams.iter().enumerate() {
        let (name, beats) = (stream.name(), beats(cases, index));
        if beats > 0 {
            line(4, &format!("$readmemh(\"tb/vectors/{name}.hex\", {name}_mem, 0, {});", beats - 1));
        }
    }
    line(4, "bad_cases = 0;");
    line(4, &format!("row = {address}'d0;"));
    line(4, &format!("for (case_at = 0; case_at < {}; case_at = case_at + 1) begin", cases.len()));
    line(6, "failures = 0;");
    let signal = reset_signal(netlist.reset);
    line(6, "@(negedge clk);");
    line(6, &format!("{signal} = 1'b{};", active(netlist.reset)));
    line(6, "repeat (3) @(negedge clk);");
    let word = |offset: usize| match offset {
        0 => "case_mem[row]".to_owned(),
        _ => format!("case_mem[row + {address}'d{offset}]"),
    };
    for (index, stream) in info.streams.iter().enumerate() {
        let (name, base) = (stream.name(), index * WORDS_A_STREAM);
        let bits = address_bits(beats(cases, index));
        line(6, &format!("{name}_at = {}[{}:0];", word(base), bits - 1));
        line(6, &format!("{name}_left = {}[31:0];", word(base + 1)));
        line(6, &format!("{name}_pattern = {};", word(base + 2)));
        if stream.is_output() {
            line(6, &format!("{name}_waiting = 1'b0;"));
            line(6, &format!("{name}_ready = {name}_pattern[0];"));
        } else {
            line(6, &format!("{name}_valid = {name}_pattern[0] && {name}_left != 32'd0;"));
        }
    }
    let base = WORDS_A_STREAM * info.streams.len();
    line(6, &format!("cycles = {}[31:0];", word(base)));
    line(6, &format!("limit = {}[31:0];", word(base + 1)));
    line(6, &format!("row = row + {address}'d{words};"));
    line(6, &format!("{signal} = 1'b{};", 1 - active(netlist.reset)));
    for statement in
        ["now = 32'd0;", "first = 32'd0;", "last = 32'd0;", "quiet = 0;", "started = 1'b0;", "running = 1'b1;"]
    {
        line(6, statement);
    }
    line(6, "while (running) begin");
    let c = result;
    line(8, "// Inputs change at the falling edge; all is looked at just before the rising one.");
    line(8, &format!("// First with {c}_ready inverted: {c}_valid must not look at it."));
    line(8, &format!("{c}_ready = !{c}_ready;"));
    line(8, "#2;");
    line(8, &format!("{c}_offered = {c}_valid;"));
    line(8, &format!("{c}_ready = !{c}_ready;"));
    line(8, "#2;");
    line(8, &format!("if ({c}_offered !== {c}_valid) begin"));
    line(10, "failures = failures + 1;");
    line(10, "if (failures < 10) begin");
    line(12, &format!("$display(\"FAIL case %0d edge %0d: {c}_valid waits for {c}_ready\", case_at, now);"));
    line(10, "end");
    line(8, "end");
    for stream in &info.streams {
        line(8, &format!("{0}_taken = {0}_valid && {0}_ready;", stream.name()));
    }
    let operands: Vec<String> = info
        .streams
        .iter()
        .filter(|stream| stream.is_operand())
        .map(|stream| format!("{}_taken", stream.name()))
        .collect();
    line(8, &format!("if (!started && ({})) begin", operands.join(" || ")));
    line(10, "first = now;");
    line(10, "started = 1'b1;");
    line(8, "end");
    line(8, &format!("if ({c}_waiting && !({c}_valid && {c}_data === {c}_shown)) begin"));
    line(10, "failures = failures + 1;");
    line(10, "if (failures < 10) begin");
    line(12, &format!("$display(\"FAIL case %0d edge %0d: {c} changed before it was taken\", case_at, now);"));
    line(10, "end");
    line(8, "end");
    line(8, &format!("if ({c}_taken !== 1'b0) begin"));
    line(10, "last = now;");
    line(10, &format!("if ({c}_left == 32'd0 || {c}_data !== {c}_mem[{c}_at]) begin"));
    line(12, "failures = failures + 1;");
    line(12, "if (failures < 10) begin");
    line(
        14,
        &format!(
            "$display(\"FAIL case %0d edge %0d: {c} beat is %h, not %h (%0d to come)\", case_at, now, {c}_data, \
             {c}_mem[{c}_at], {c}_left);"
        ),
    );
    line(12, "end");
    line(10, "end");
    line(8, "end");
    line(8, &format!("{c}_waiting = {c}_valid && !{c}_ready;"));
    line(8, &format!("{c}_shown = {c}_data;"));
    line(8, "now = now + 32'd1;");
    line(8, "@(negedge clk);");
    for stream in &info.streams {
        let name = stream.name();
        line(8, &format!("if ({name}_taken && {name}_left != 32'd0) begin"));
        line(10, &format!("{name}_at = {name}_at + {};", one(name)));
        line(10, &format!("{name}_left = {name}_left - 32'd1;"));
        line(8, "end");
        if stream.is_output() {
            line(8, &format!("{name}_ready = {name}_pattern[now[5:0]];"));
        } else {
            line(8, &format!("{name}_valid = ({name}_valid && !{name}_taken)"));
            line(12, &format!("|| ({name}_pattern[now[5:0]] && {name}_left != 32'd0);"));
        }
    }
    let all_done: Vec<String> = info.streams.iter().map(|stream| format!("{}_left == 32'd0", stream.name())).collect();
    line(8, &format!("if ({}) begin", all_done.join(" && ")));
    line(10, "quiet = quiet + 1;");
    line(10, "running = quiet < 80;");
    line(8, "end else if (now > limit) begin");
    line(10, "failures = failures + 1;");
    line(
        10,
        &format!(
            "$display(\"FAIL case %0d: not done after %0d edges, {c} has %0d beats to come\", case_at, now, {c}_left);"
        ),
    );
    line(10, "running = 1'b0;");
    line(8, "end");
    line(6, "end");
    line(6, "if (failures == 0 && last - first + 32'd1 != cycles) begin");
    line(8, "failures = failures + 1;");
    line(8, "$display(\"FAIL case %0d: %0d cycles, not %0d\", case_at, last - first + 32'd1, cycles);");
    line(6, "end");
    line(6, "if (failures != 0) begin");
    line(8, "bad_cases = bad_cases + 1;");
    line(6, "end");
    line(4, "end");
    line(4, "if (bad_cases != 0) begin");
    line(6, &format!("$display(\"FAIL %0d of {}\", bad_cases);", cases.len()));
    line(6, "$fatal(1);");
    line(4, "end");
    line(4, &format!("$display(\"PASS {0} of {0}\");", cases.len()));
    line(4, "$finish(0);");
    line(2, "end");
}
