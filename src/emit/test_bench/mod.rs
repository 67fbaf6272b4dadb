//! The self-checking test bench: SystemVerilog that Icarus and Verilator read alike.
//!
//! It offers and takes beats by the patterns of each case, compares every result beat, counts the cycles, and watches the
//! protocol: results are stable until taken, and nothing comes after the last.

mod readers;

use crate::emit::bundle::{BundleInfo, TestCase, beat_bits, header, stored_bits};
use crate::emit::module::{implicit_ports, in_reset};
use crate::emit::scope::State;
use crate::emit::text::Text;
use crate::emit::vectors::{Layout, words_a_case, words_a_stream};
use crate::engine::StreamInfo;
use crate::netlist::{Netlist, ResetKind};
use readers::{Readers, signal as signal_of};

/// Bits of an address of a memory that holds `beats` words, or of an index of so many readers.
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
        let stored = Layout::new(cases, index).words;
        if Readers::are_of(stream) {
            Readers { netlist, stream, stored }.declare(text);
            continue;
        }
        let (name, bits) = (stream.name(), beat_bits(netlist, stream));
        let address = address_bits(stored);
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
            } else if Readers::are_of(stream) && (stream.fields.contains(name) || stream.index.as_ref() == Some(name)) {
                signal = signal_of(name).to_owned();
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
    let stored: Vec<usize> = (0..info.streams.len()).map(|index| Layout::new(cases, index).words).collect();
    let several = |index: usize| {
        let stream = &info.streams[index];
        Readers::are_of(stream).then(|| Readers { netlist, stream, stored: stored[index] })
    };
    let address = address_bits(words * cases.len());
    if info.streams.iter().any(Readers::are_of) {
        text.line(2, "integer reader;");
    }
    for name in ["case_at", "quiet", "failures", "bad_cases"] {
        text.line(2, &format!("integer {name};"));
    }
    text.line(2, &format!("reg [{}:0] row;", address - 1));
    for name in ["now", "first", "last", "cycles", "limit"] {
        text.line(2, &format!("reg [31:0] {name};"));
    }
    for name in ["running", "started"] {
        text.line(2, &format!("reg {name};"));
    }
    text.line(0, "");
    // The literal 1, as wide as a stream's address.
    let one = |index: usize| format!("{}'d1", address_bits(stored[index]));
    text.line(2, "initial begin");
    text.line(4, &format!("$readmemh(\"tb/vectors/cases.hex\", case_mem, 0, {});", words * cases.len() - 1));
    for (index, stream) in info.streams.iter().enumerate() {
        let name = stream.name();
        match stored[index].checked_sub(1) {
            Some(last) => text.line(4, &format!("$readmemh(\"tb/vectors/{name}.hex\", {name}_mem, 0, {last});")),
            // A memory that nobody writes is an oversight to a linter.
            None => text.line(4, &format!("{name}_mem[0] = {}'d0;", stored_bits(netlist, stream))),
        }
    }
    text.line(4, "bad_cases = 0;");
    text.line(4, &format!("row = {address}'d0;"));
    text.line(4, &format!("for (case_at = 0; case_at < {}; case_at = case_at + 1) begin", cases.len()));
    text.line(6, "failures = 0;");
    let signal = reset_signal(netlist.reset);
    text.line(6, "@(negedge clk);");
    text.line(6, &format!("{signal} = 1'b{};", active(netlist.reset)));
    text.line(6, "repeat (3) @(negedge clk);");
    let word = |offset: usize| match offset {
        0 => "case_mem[row]".to_owned(),
        _ => format!("case_mem[row + {address}'d{offset}]"),
    };
    // Words of the row that are behind `row`, and those before it.
    let (mut base, mut passed) = (0, 0);
    for (index, stream) in info.streams.iter().enumerate() {
        if let Some(readers) = several(index) {
            if base > 0 {
                text.line(6, &format!("row = row + {address}'d{base};"));
            }
            readers.load(address, text);
            passed += base + words_a_stream(stream) - 1;
            base = 1;
            continue;
        }
        let name = stream.name();
        let bits = address_bits(stored[index]);
        text.line(6, &format!("{name}_at = {}[{}:0];", word(base), bits - 1));
        text.line(6, &format!("{name}_left = {}[31:0];", word(base + 1)));
        text.line(6, &format!("{name}_pattern = {};", word(base + 2)));
        if stream.is_output() {
            text.line(6, &format!("{name}_waiting = 1'b0;"));
            text.line(6, &format!("{name}_ready = {name}_pattern[0];"));
        } else {
            text.line(6, &format!("{name}_valid = {name}_pattern[0] && {name}_left != 32'd0;"));
        }
        base += words_a_stream(stream);
    }
    text.line(6, &format!("cycles = {}[31:0];", word(base)));
    text.line(6, &format!("limit = {}[31:0];", word(base + 1)));
    text.line(6, &format!("row = row + {address}'d{};", words - passed));
    text.line(6, &format!("{signal} = 1'b{};", 1 - active(netlist.reset)));
    for statement in
        ["now = 32'd0;", "first = 32'd0;", "last = 32'd0;", "quiet = 0;", "started = 1'b0;", "running = 1'b1;"]
    {
        text.line(6, statement);
    }
    text.line(6, "while (running) begin");
    let c = result;
    text.line(8, "// Inputs change at the falling edge; all is looked at just before the rising one.");
    text.line(8, &format!("// First with {c}_ready inverted: {c}_valid must not look at it."));
    text.line(8, &format!("{c}_ready = !{c}_ready;"));
    text.line(8, "#2;");
    text.line(8, &format!("{c}_offered = {c}_valid;"));
    text.line(8, &format!("{c}_ready = !{c}_ready;"));
    text.line(8, "#2;");
    text.line(8, &format!("if ({c}_offered !== {c}_valid) begin"));
    text.line(10, "failures = failures + 1;");
    text.line(10, "if (failures < 10) begin");
    text.line(12, &format!("$display(\"FAIL case %0d edge %0d: {c}_valid waits for {c}_ready\", case_at, now);"));
    text.line(10, "end");
    text.line(8, "end");
    for stream in &info.streams {
        let and = if Readers::are_of(stream) { "&" } else { "&&" };
        text.line(8, &format!("{0}_taken = {0}_valid {and} {0}_ready;", stream.name()));
    }
    let operands: Vec<String> = info
        .streams
        .iter()
        .filter(|stream| stream.is_operand())
        .map(|stream| format!("{}{}_taken", if Readers::are_of(stream) { "|" } else { "" }, stream.name()))
        .collect();
    text.line(8, &format!("if (!started && ({})) begin", operands.join(" || ")));
    text.line(10, "first = now;");
    text.line(10, "started = 1'b1;");
    text.line(8, "end");
    for index in 0..info.streams.len() {
        if let Some(readers) = several(index) {
            readers.look(text);
        }
    }
    text.line(8, &format!("if ({c}_waiting && !({c}_valid && {c}_data === {c}_shown)) begin"));
    text.line(10, "failures = failures + 1;");
    text.line(10, "if (failures < 10) begin");
    text.line(12, &format!("$display(\"FAIL case %0d edge %0d: {c} changed before it was taken\", case_at, now);"));
    text.line(10, "end");
    text.line(8, "end");
    text.line(8, &format!("if ({c}_taken !== 1'b0) begin"));
    text.line(10, "last = now;");
    text.line(10, &format!("if ({c}_left == 32'd0 || {c}_data !== {c}_mem[{c}_at]) begin"));
    text.line(12, "failures = failures + 1;");
    text.line(12, "if (failures < 10) begin");
    text.line(
        14,
        &format!(
            "$display(\"FAIL case %0d edge %0d: {c} beat is %h, not %h (%0d to come)\", case_at, now, {c}_data, \
             {c}_mem[{c}_at], {c}_left);"
        ),
    );
    text.line(12, "end");
    text.line(10, "end");
    text.line(8, "end");
    text.line(8, &format!("{c}_waiting = {c}_valid && !{c}_ready;"));
    text.line(8, &format!("{c}_shown = {c}_data;"));
    text.line(8, "now = now + 32'd1;");
    text.line(8, "@(negedge clk);");
    for (index, stream) in info.streams.iter().enumerate() {
        if let Some(readers) = several(index) {
            readers.advance(text);
            continue;
        }
        let name = stream.name();
        text.line(8, &format!("if ({name}_taken && {name}_left != 32'd0) begin"));
        text.line(10, &format!("{name}_at = {name}_at + {};", one(index)));
        text.line(10, &format!("{name}_left = {name}_left - 32'd1;"));
        text.line(8, "end");
        if stream.is_output() {
            text.line(8, &format!("{name}_ready = {name}_pattern[now[5:0]];"));
        } else {
            text.line(8, &format!("{name}_valid = ({name}_valid && !{name}_taken)"));
            text.line(12, &format!("|| ({name}_pattern[now[5:0]] && {name}_left != 32'd0);"));
        }
    }
    let done = |stream: &StreamInfo| match Readers::are_of(stream) {
        true => format!("{}_more == {}'d0", stream.name(), stream.readers),
        false => format!("{}_left == 32'd0", stream.name()),
    };
    let all_done: Vec<String> = info.streams.iter().map(done).collect();
    text.line(8, &format!("if ({}) begin", all_done.join(" && ")));
    text.line(10, "quiet = quiet + 1;");
    text.line(10, "running = quiet < 80;");
    text.line(8, "end else if (now > limit) begin");
    text.line(10, "failures = failures + 1;");
    text.line(
        10,
        &format!(
            "$display(\"FAIL case %0d: not done after %0d edges, {c} has %0d beats to come\", case_at, now, {c}_left);"
        ),
    );
    text.line(10, "running = 1'b0;");
    text.line(8, "end");
    text.line(6, "end");
    text.line(6, "if (failures == 0 && last - first + 32'd1 != cycles) begin");
    text.line(8, "failures = failures + 1;");
    text.line(8, "$display(\"FAIL case %0d: %0d cycles, not %0d\", case_at, last - first + 32'd1, cycles);");
    text.line(6, "end");
    text.line(6, "if (failures != 0) begin");
    text.line(8, "bad_cases = bad_cases + 1;");
    text.line(6, "end");
    text.line(4, "end");
    text.line(4, "if (bad_cases != 0) begin");
    text.line(6, &format!("$display(\"FAIL %0d of {}\", bad_cases);", cases.len()));
    text.line(6, "$fatal(1);");
    text.line(4, "end");
    text.line(4, &format!("$display(\"PASS {0} of {0}\");", cases.len()));
    text.line(4, "$finish(0);");
    text.line(2, "end");
}
