//! What Yosys, its ABC and OpenSTA are told.

use std::fmt::Write;

use serde::{Deserialize, Serialize};

use super::library::Library;

/// Changes when the flow does, so that older results are not taken for its own.
pub const FLOW_VERSION: u32 = 2;

/// A script of ABC. None is the best everywhere, so each target is given to all.
#[derive(Clone, Copy, Debug, Deserialize, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Script {
    /// Least area times delay.
    Balanced,
    /// Shallow logic first, then mapping and sizing.
    Speed,
    /// Mapping for area, then sizing as far as the target asks for it.
    Area,
}

impl Script {
    /// Every script.
    pub const ALL: [Script; 3] = [Script::Balanced, Script::Speed, Script::Area];

    /// Its name.
    pub fn name(self) -> &'static str {
        match self {
            Script::Balanced => "balanced",
            Script::Speed => "speed",
            Script::Area => "area",
        }
    }

    /// The commands of ABC for a delay of `target_ps`.
    pub fn commands(self, target_ps: u64) -> String {
        let restructure = "strash; balance; rewrite; refactor; balance; rewrite; balance; dch;";
        let shallow = "strash; dch; if -g -K 6; strash; dch; if -g -K 6; strash; dch;";
        let d = target_ps;
        // Mapping can leave nodes that nobody reads, with which sizing stops: `cleanup` takes them out.
        let text = match self {
            Script::Balanced => {
                format!("{restructure} map -B 0.9 -D {d}; cleanup; buffer; topo; upsize -D {d}; dnsize -D {d}")
            }
            Script::Speed => {
                format!("{shallow} map -B 0.9 -D {d}; cleanup; buffer -c; topo; upsize -c -D {d}; dnsize -c -D {d}")
            }
            Script::Area => {
                format!("{restructure} amap -m; cleanup; buffer -c; topo; upsize -c -D {d}; dnsize -c -D {d}")
            }
        };
        text + "; stime -p\n"
    }
}

/// Driving cell and load of everything that ABC sees the border of.
pub(super) fn constraints(library: &Library) -> String {
    let buffer = &library.buffer;
    format!("set_driving_cell {}\nset_load {:.4} [all_outputs]\n", buffer.cell, buffer.input_capacitance_ff)
}

/// Yosys up to flip-flops of the library and generic gates: the same for every target. `grids` stay modules.
pub(super) fn front(rtl: &[&str], top: &str, grids: &[&str], liberty: &str) -> String {
    let mut text = String::new();
    for path in rtl {
        let _ = writeln!(text, "read_verilog {path}");
    }
    let _ = writeln!(text, "hierarchy -check -top {top}");
    for module in grids.iter().filter(|module| **module != top) {
        let _ = writeln!(text, "setattr -mod -set keep_hierarchy 1 {module}");
    }
    // Multiplications become adders before `alumacc` could merge them with what is added to them, which makes larger and
    // slower netlists; enables become multiplexers, as not every library has flip-flops with an enable.
    text.push_str(
        "proc\nflatten\nopt_expr\nopt_clean\ncheck -assert\nopt -nodffe -nosdff\nfsm\nopt\nwreduce\npeepopt\nopt_clean\n\
         techmap -map +/techmap.v t:$mul\nalumacc\nshare\nopt\nmemory -nomap\nopt_clean\nopt -fast -full\nmemory_map\n\
         opt -undriven -fine\ntechmap\nopt -fast\n",
    );
    let _ = writeln!(text, "dfflibmap -liberty {liberty}");
    text.push_str("techmap\nsimplemap\nopt -fast\nopt_clean -purge\nwrite_rtlil front.il\n");
    text
}

/// Yosys from there to a mapped netlist.
pub(super) fn map(front: &str, liberty: &str, target_ps: u64, library: &Library) -> String {
    let (low, high) = (&library.low, &library.high);
    format!(
        "read_rtlil {front}\nread_liberty -lib -ignore_miss_func {liberty}\n\
         abc -liberty {liberty} -constr abc.constr -script abc.script -D {target_ps}\n\
         opt_clean -purge\nsetundef -zero\n\
         hilomap -singleton -hicell {} {} -locell {} {}\nopt_clean -purge\ncheck -mapped -assert\n\
         write_json yosys.json\n",
        high.name, high.output, low.name, low.output
    )
}

/// OpenSTA: an ideal clock, register to register. Ports are listed one by one: this version has no set operations.
pub(super) fn timing(liberty: &str, top: &str, clock: &str, ports: &[(String, bool)], period_ns: f64) -> String {
    let mut text = format!(
        "read_liberty {liberty}\nread_verilog mapped.v\nlink_design {top}\nset_cmd_units -time ns -capacitance fF\n\
         create_clock -name clk -period {period_ns} [get_ports {clock}]\n"
    );
    for (port, is_output) in ports.iter().filter(|(port, _)| port != clock) {
        let which = if *is_output { "-to" } else { "-from" };
        let _ = writeln!(text, "set_false_path {which} [get_ports {port}]");
    }
    text.push_str("report_checks -path_delay max -format full -digits 5 -fields {slew cap}\n");
    text
}

/// OpenSTA: the delays of all cells of a netlist in the folder above.
pub(super) fn delays(liberty: &str, top: &str, clock: &str, period_ns: f64) -> String {
    format!(
        "read_liberty {liberty}\nread_verilog ../mapped.v\nlink_design {top}\nset_cmd_units -time ns -capacitance fF\n\
         create_clock -name clk -period {period_ns} [get_ports {clock}]\nwrite_sdf -digits 5 -divider . delays.sdf\n"
    )
}
