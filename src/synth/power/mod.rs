//! Energy of a mapped netlist: simulated with the delays of OpenSTA, every change of a net counted and paid for.
//!
//! OpenSTA of 2019 has power figures of its own that are not used: it overstates what happens inside of cells (XOR gates
//! four-fold), and guesses activity. Here the library's tables say what an edge costs, and a simulation which edges there are,
//! glitches among them; the results of the simulation have to be right, or there is no figure.

mod bench;
mod energy;
mod flat;
mod gates;
mod sdf;
mod vcd;

use std::fs;
use std::io::{BufReader, Read};
use std::path::Path;
use std::process::{Command, Stdio};

use rayon::join;
use serde::{Deserialize, Serialize};

pub use crate::estimate::energy::Energies;

use super::library::Library;
use super::mapped::Mapped;
use super::point::CLOCK;
use super::tools::{run, write};
use crate::emit::Bundle;
use crate::mistake::Mistake;
use energy::{Meter, Spent};
use flat::Flat;

/// Letters of a log that an error shows.
const SHOWN: usize = 400;

/// What a workload costs on a netlist.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Power {
    /// Cycles from the end of the reset to the last result.
    pub cycles: u64,
    /// With the delays of cells.
    pub timed: Run,
    /// With every change at once, so without most glitches.
    pub untimed: Run,
    /// With delays, by module: its name, pJ of all of its copies without what they contain.
    pub modules: Vec<(String, f64)>,
}

/// One simulation.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Run {
    /// Energy by what spends it.
    pub energies: Energies,
    /// Changes of all nets but the clock.
    pub changes: u64,
}

impl Power {
    /// Share of the energy that is there because of delays.
    pub fn glitch_share(&self) -> f64 {
        1.0 - self.untimed.energies.total_pj() / self.timed.energies.total_pj()
    }
}

/// Simulates the test bench of `bundle` on a netlist whose delays stand in `sdf` of `folder`, with them and without.
///
/// # Errors
/// `synth::missing_tool`, `synth::tool_failed`, or `synth::wrong_values` if a result is not what the bench expects.
pub(super) fn measure(
    folder: &Path,
    sdf: &str,
    mapped: &Mapped,
    library: &Library,
    bundle: &Bundle,
    period_ps: u64,
) -> Result<Power, Mistake> {
    let flat = Flat::new(mapped);
    let top = format!("{}_tb", flat.top);
    let bench = bundle.file(&format!("tb/{top}.sv")).unwrap_or_default();
    let bench = bench::for_gates(bench, period_ps).map_err(failed)?;
    let text = fs::read_to_string(folder.join(sdf)).map_err(|reason| failed(format!("`{sdf}`: {reason}")))?;
    let delays = sdf::read(&text).map_err(failed)?;
    write(&folder.join("bench.sv"), &bench)?;
    for file in bundle.files.iter().filter(|file| file.path.starts_with("tb/vectors/")) {
        write(&folder.join(&file.path), &file.text)?;
    }
    let simulated = |name: &str, delays: Option<&sdf::Delays>| {
        let gates = gates::verilog(&flat, library, delays).map_err(failed)?;
        write(&folder.join(format!("{name}.v")), &gates)?;
        let arguments = ["-g2012", "-s", &top, "-o", &format!("{name}.vvp"), &format!("{name}.v"), "bench.sv"];
        run("iverilog", &arguments, folder, &format!("{name}.compile.log"))?;
        simulate(folder, name, &flat, library)
    };
    let (timed, untimed) = join(|| simulated("timed", Some(&delays)), || simulated("untimed", None));
    let ((timed, duration_ps), (untimed, _)) = (timed?, untimed?);
    let of = |spent: &Spent| Run { energies: spent.energies, changes: spent.changes };
    Ok(Power {
        cycles: (duration_ps / period_ps as f64).round() as u64,
        timed: of(&timed),
        untimed: of(&untimed),
        modules: flat.modules.iter().cloned().zip(timed.modules_pj.iter().copied()).collect(),
    })
}

fn failed(what: String) -> Mistake {
    let help = "other versions of the tools may write other forms; the files lie in the folder of the run";
    Mistake::new("synth::tool_failed", format!("the netlist cannot be simulated: {what}"), help)
}

/// Runs a compiled simulation; its changes come through standard error as they happen and are kept nowhere.
fn simulate(folder: &Path, name: &str, flat: &Flat, library: &Library) -> Result<(Spent, f64), Mistake> {
    let mut child = Command::new("vvp")
        .args(["-n", &format!("{name}.vvp")])
        .current_dir(folder)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .map_err(|reason| failed(format!("cannot run `vvp`: {reason}")))?;
    let mut meter = Meter::new(flat, library);
    let times = match child.stderr.take() {
        Some(changes) => vcd::read(BufReader::new(changes), |change| meter.change(change)),
        None => Err("`vvp` has no standard error".to_owned()),
    };
    // What the bench says is short: a line a failure, of which it says a few.
    let mut said = String::new();
    if let Some(mut output) = child.stdout.take() {
        output.read_to_string(&mut said).map_err(|reason| failed(format!("cannot read what `vvp` says: {reason}")))?;
    }
    let status = child.wait().map_err(|reason| failed(format!("`vvp` was lost: {reason}")))?;
    let log = format!("{name}.log");
    write(&folder.join(&log), &said)?;
    let shown = folder.join(&log).display().to_string();
    if said.contains("FAIL") || !said.lines().any(|line| line.starts_with("PASS ")) || !status.success() {
        let excerpt: String = said.chars().take(SHOWN).collect();
        let message = format!("the netlist does not compute what it should at this clock:\n{}", excerpt.trim_end());
        let help = format!(
            "the log is `{shown}`; paths from inputs and to outputs have to fit into the period too, so give a longer `--clock`"
        );
        return Err(Mistake::new("synth::wrong_values", message, help));
    }
    let (first, last) = times.map_err(failed)?;
    let duration_ps = (last - first) as f64 * gates::TIME_UNIT_PS;
    let clock = flat.ports.iter().find(|port| port.name == CLOCK).and_then(|port| port.bits.first().copied());
    Ok((meter.spent(duration_ps * 1e-3, clock), duration_ps))
}
