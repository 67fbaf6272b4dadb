//! The README of a bundle: what it is, block diagram, ports, latency, how to run it.

use crate::emit::bundle::{BundleInfo, TestCase};
use crate::emit::module::implicit_ports;
use crate::emit::scope::State;
use crate::netlist::{Direction, Item, Netlist, ResetKind};
use std::fmt::Write;

/// The text of `README.md`.
pub(super) fn print(netlist: &Netlist, info: &BundleInfo, cases: &[TestCase]) -> String {
    let top = netlist.top_module();
    let mut text = format!("# {}\n\n", top.name);
    for line in &info.summary {
        let _ = writeln!(text, "{line}");
    }
    let _ = write!(
        text,
        "\nDesign `{}` (hash `{}`), made by {}. Make it again with `{}`.\n\n",
        info.design, info.hash, info.tool, info.regenerate
    );
    text.push_str("```\n");
    text.push_str(&diagram(netlist, info));
    text.push_str("```\n\n## Formats\n\n");
    for line in &info.formats {
        let _ = writeln!(text, "- {line}");
    }
    text.push_str("\n## Latency and rate\n\n");
    text.push_str(&law_bullets(&info.law));
    text.push_str(
        "\nCycles are counted from the edge that accepts the first operand to the one on which the last result is\n\
         taken, both included.\n\n## Streams\n\n\
         All are ready/valid: a beat moves on a rising edge where both are 1, valid never waits for ready, and data is\n\
         stable until taken. Lane `i` of a port is bits `i * width +: width`.\n\n| stream | beats |\n|---|---|\n",
    );
    for stream in &info.streams {
        let readers = if stream.readers > 1 { format!("{} readers: ", stream.readers) } else { String::new() };
        let index = stream.index.as_ref().map_or_else(String::new, |index| format!("; `{index}` says which"));
        let _ = writeln!(text, "| `{}` | {readers}{}{index} |", stream.name(), stream.doc);
    }
    if info.streams.iter().any(|stream| stream.readers > 1) {
        text.push_str(
            "\nThe readers of a stream shake hands on their own: valid and ready have a lane for each, data has the lanes of\n\
             reader 0, then those of reader 1 and so on.\n",
        );
    }
    if info.streams.iter().any(|stream| stream.index.is_some()) {
        text.push_str(
            "\nWhile ready is 1, the index says which word is wanted: a memory is read with it, in the same cycle.\n",
        );
    }
    text.push_str("\n## Ports\n\n| port | direction | bits | lanes | |\n|---|---|---|---|---|\n");
    for name in implicit_ports(State::of_all(netlist)[netlist.top.index()], netlist.reset) {
        let what = match (name, netlist.reset) {
            ("clk_i", _) => "clock, rising edge",
            (_, ResetKind::AsyncLow) => "reset, asynchronous, active low",
            (_, ResetKind::SyncLow) => "reset, synchronous, active low",
            (_, ResetKind::SyncHigh) => "reset, synchronous, active high",
        };
        let _ = writeln!(text, "| `{name}` | input | 1 | 1 | {what} |");
    }
    for port in &top.ports {
        let net = top.net(port.net);
        let direction = if port.direction == Direction::Input { "input" } else { "output" };
        let _ = writeln!(text, "| `{}` | {direction} | {} | {} | {} |", net.name, net.width, net.lanes, port.doc);
    }
    let _ = write!(
        text,
        "\n## Run\n\n\
         | command | does |\n|---|---|\n\
         | `make lint` | Verilator, Icarus and Yosys read the RTL, all in silence |\n\
         | `make sim` | the test bench under Icarus: {} cases, values and cycles; prints `PASS` or ends with an error |\n\
         | `make sim-verilator` | the same under Verilator 5 |\n\
         | `make synth` | Yosys, generic gates; `LIBERTY=cells.lib` maps to a library |\n\
         | `sta` with `{}.sdc` | constraints for a clock of {} ns, in OpenSTA's language |\n\
         | `fusesoc --cores-root . run --target sim bitweight::{}` | the same through FuseSoC |\n\n\
         `filelist.f` lists the RTL, leaf first, relative to this folder; `tb.f` adds the test bench. `manifest.json` has the\n\
         digest of every file.\n",
        cases.len(),
        top.name,
        info.clock_period_ns,
        top.name
    );
    text
}

/// A bullet for each line of the law, but none inside of a sentence: one may go on over several lines.
fn law_bullets(law: &[String]) -> String {
    let mut text = String::new();
    let mut begins = true;
    for line in law {
        let _ = writeln!(text, "{} {line}", if begins { "-" } else { " " });
        begins = line.ends_with('.');
    }
    text
}

/// Streams on the left, results on the right, and between them what the top module is made of, in its order.
fn diagram(netlist: &Netlist, info: &BundleInfo) -> String {
    let top = netlist.top_module();
    let mut inside: Vec<String> = Vec::new();
    for item in &top.items {
        match item {
            Item::Skew(skew) => {
                let lanes = top.net(skew.input).lanes;
                let depths = (0..lanes).map(|lane| skew.depth.of(lane, lanes));
                let (low, high) = (depths.clone().min().unwrap_or(0), depths.max().unwrap_or(0));
                let depth = if low == high { format!("{low}") } else { format!("{low} to {high}") };
                inside.push(format!("{}: {lanes} delay lines of {depth}", skew.name));
            }
            Item::Instance(instance) => {
                inside.push(format!("u_{}: {}", instance.name, netlist.module(instance.module).name));
            }
            Item::Grid(grid) => {
                let extents: Vec<String> = grid.axes.iter().map(|(_, extent)| extent.to_string()).collect();
                let child = &netlist.module(grid.module).name;
                inside.push(format!("u_{}: {} of {child}", grid.name, extents.join(" x ")));
            }
            Item::Cell(_) | Item::Register(_) | Item::Comment(_) => {}
        }
    }
    inside.push("control and output registers".to_owned());
    let inputs: Vec<&str> =
        info.streams.iter().filter(|stream| !stream.is_output()).map(|stream| stream.name()).collect();
    let output = info.streams.iter().find(|stream| stream.is_output()).map_or("", |stream| stream.name());
    let width = inside.iter().map(String::len).max().unwrap_or(0).max(top.name.len());
    let left = inputs.iter().map(|name| name.len()).max().unwrap_or(0);
    let rows = inside.len().max(inputs.len());
    let blank = format!("{:left$}     ", "");
    let mut text = format!("{blank}+-{:-<width$}-+\n{blank}| {:width$} |\n{blank}+-{:-<width$}-+\n", "", top.name, "");
    for row in 0..rows {
        let input = inputs.get(row).map_or(blank.clone(), |name| format!("{name:left$} --> "));
        let line = inside.get(row).map_or("", String::as_str);
        let end = if row + 1 == rows { format!(" --> {output}") } else { String::new() };
        let _ = writeln!(text, "{input}| {line:width$} |{end}");
    }
    let _ = writeln!(text, "{blank}+-{:-<width$}-+", "");
    text
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_sentence_of_several_lines_is_one_bullet() {
        let law = ["One step,", "two edges. Rate 1.", "Next."].map(str::to_owned);
        assert_eq!(super::law_bullets(&law), "- One step,\n  two edges. Rate 1.\n- Next.\n");
    }
}
