//! File lists, constraints and project files of a bundle.

use crate::emit::EmittedFile;
use crate::emit::bundle::BundleInfo;
use crate::emit::module::{implicit_ports, reset_port};
use crate::emit::scope::State;
use crate::netlist::{Direction, Netlist, ResetKind};
use std::fmt::Write;

/// Part of the period that lies outside of the engine, for inputs and outputs alike.
const IO_DELAY_FRACTION: f64 = 0.2;

/// All of them.
pub(super) fn files(
    netlist: &Netlist,
    info: &BundleInfo,
    rtl: &[String],
    bench: &str,
    vectors: &[String],
) -> Vec<EmittedFile> {
    let top = &netlist.top_module().name;
    let list = rtl.join("\n") + "\n";
    let file = |path: &str, text: String| EmittedFile { path: path.to_owned(), text };
    vec![
        file("filelist.f", list.clone()),
        file("tb.f", format!("{list}{bench}\n")),
        file(&format!("{top}.sdc"), constraints(netlist, info)),
        file(&format!("{top}.core"), fusesoc(netlist, info, rtl, bench, vectors)),
        file("Bender.yml", bender(netlist, info, rtl, bench)),
        file("Makefile", makefile(top, info)),
    ]
}

/// Where a file comes from, as a comment of shell-like files.
fn origin(info: &BundleInfo) -> String {
    format!(
        "# Design {} (hash {}), made by {}.\n# Do not edit; make again with: {}\n",
        info.design, info.hash, info.tool, info.regenerate
    )
}

/// Nanoseconds without noise in the last digits.
fn ns(value: f64) -> String {
    let text = format!("{value:.4}");
    let text = text.trim_end_matches('0');
    if text.ends_with('.') { format!("{text}0") } else { text.to_owned() }
}

/// Ports are listed one by one: OpenSTA has no `remove_from_collection`.
fn constraints(netlist: &Netlist, info: &BundleInfo) -> String {
    let top = netlist.top_module();
    let delay = ns(info.clock_period_ns * IO_DELAY_FRACTION);
    let mut text = origin(info);
    let _ = writeln!(text, "# Times in ns.");
    let _ = writeln!(text, "create_clock -name clk -period {} [get_ports clk_i]", ns(info.clock_period_ns));
    for port in &top.ports {
        let name = &top.net(port.net).name;
        let command = match port.direction {
            Direction::Input => "set_input_delay",
            Direction::Output => "set_output_delay",
        };
        let _ = writeln!(text, "{command} {delay} -clock clk [get_ports {name}]");
    }
    let reset = reset_port(netlist.reset);
    if implicit_ports(State::of_all(netlist)[netlist.top.index()], netlist.reset).contains(&reset) {
        let line = match netlist.reset {
            ResetKind::AsyncLow => format!("set_false_path -from [get_ports {reset}]"),
            ResetKind::SyncLow | ResetKind::SyncHigh => {
                format!("set_input_delay {delay} -clock clk [get_ports {reset}]")
            }
        };
        let _ = writeln!(text, "{line}");
    }
    text
}

fn fusesoc(netlist: &Netlist, info: &BundleInfo, rtl: &[String], bench: &str, vectors: &[String]) -> String {
    let top = &netlist.top_module().name;
    let version = info.tool.split(' ').next_back().unwrap_or("0");
    let mut text = format!("CAPI=2:\n{}", origin(info));
    let _ = writeln!(text, "name: \"bitweight::{top}:{version}\"");
    let _ = writeln!(text, "description: \"Tensor engine {}\"", info.design);
    text.push_str("filesets:\n  rtl:\n    files:\n");
    for path in rtl {
        let _ = writeln!(text, "      - {path}");
    }
    text.push_str("    file_type: verilogSource-2005\n  tb:\n    files:\n");
    let _ = writeln!(text, "      - {bench}: {{file_type: systemVerilogSource}}");
    for path in vectors {
        let _ = writeln!(text, "      - {path}: {{file_type: user, copyto: {path}}}");
    }
    let _ = write!(
        text,
        "targets:\n  default:\n    filesets: [rtl]\n    toplevel: {top}\n\
         \n  lint:\n    flow: lint\n    flow_options:\n      tool: verilator\n      verilator_options: [-Wall]\
         \n    filesets: [rtl]\n    toplevel: {top}\n\
         \n  sim:\n    flow: sim\n    flow_options:\n      tool: icarus\n      iverilog_options: [-g2012]\
         \n    filesets: [rtl, tb]\n    toplevel: {top}_tb\n"
    );
    text
}

fn bender(netlist: &Netlist, info: &BundleInfo, rtl: &[String], bench: &str) -> String {
    let mut text = origin(info);
    let _ = write!(text, "package:\n  name: {}\n\nsources:\n  - files:\n", netlist.top_module().name);
    for path in rtl {
        let _ = writeln!(text, "      - {path}");
    }
    let _ = write!(text, "  - target: test\n    files:\n      - {bench}\n");
    text
}

fn makefile(top: &str, info: &BundleInfo) -> String {
    let template = "\
TOP := @TOP@
RTL := $(shell cat filelist.f)
BUILD := build

.PHONY: lint sim sim-verilator synth clean

# Every tool has to be silent.
lint:
\tverilator --lint-only -Wall --top-module $(TOP) -f filelist.f
\tiverilog -g2005 -Wall -t null -s $(TOP) -c filelist.f
\tyosys -q -p 'read_verilog $(RTL); hierarchy -check -top $(TOP); proc; check -assert'

# Prints PASS n of n, or FAIL lines and ends with an error.
sim:
\tmkdir -p $(BUILD)
\tiverilog -g2012 -Wall -s $(TOP)_tb -o $(BUILD)/$(TOP).vvp -c tb.f
\tvvp -n $(BUILD)/$(TOP).vvp

sim-verilator:
\tverilator --binary --timing --top-module $(TOP)_tb -Mdir $(BUILD)/verilator -f tb.f
\t$(BUILD)/verilator/V$(TOP)_tb

# Generic gates; with LIBERTY=cells.lib mapped to them.
STAT := tee -o $(BUILD)/stat.txt stat
ifdef LIBERTY
STAT := dfflibmap -liberty $(LIBERTY); abc -liberty $(LIBERTY); splitnets; opt_clean -purge; \\
  tee -o $(BUILD)/stat.txt stat -liberty $(LIBERTY)
endif
SYNTH := read_verilog $(RTL); synth -flatten -top $(TOP); $(STAT); \\
  write_verilog -noattr $(BUILD)/netlist.v
synth:
\tmkdir -p $(BUILD)
\tyosys -q -l $(BUILD)/synth.log -p '$(SYNTH)'
\tcat $(BUILD)/stat.txt

clean:
\trm -rf $(BUILD)
";
    format!("{}\n{}", origin(info), template.replace("@TOP@", top))
}
