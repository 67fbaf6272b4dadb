//! One design, one library, one script, one target: run, or taken from an earlier run with the same key.

use std::fs;
use std::path::{Path, PathBuf};

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::library::{Library, hex};
use super::mapped::{Mapped, ModuleArea};
use super::power::{self, Power};
use super::script::{self, FLOW_VERSION, Script};
use super::timing::{self, PathStep};
use super::tools::{Versions, require_icarus, run, write};
use crate::emit::Bundle;
use crate::mistake::Mistake;
use crate::netlist::{Item, Netlist, ResetKind};

/// Letters of a key that name a folder.
const KEY_LETTERS: usize = 16;
/// Clock of the constraints, ns; the minimum period is this minus the slack, whatever it is.
const CLOCK_NS: f64 = 10.0;
/// The clock port of every module with state.
pub(super) const CLOCK: &str = "clk_i";

/// What one run of the flow gave.
#[derive(Clone, Debug, Deserialize, PartialEq, Serialize)]
pub struct Point {
    /// The script of ABC.
    pub script: Script,
    /// The delay that ABC was asked for, ps.
    pub target_ps: u64,
    /// Smallest clock period from flip-flop to flip-flop, ns.
    pub min_period_ns: f64,
    /// Area of the whole design, um2.
    pub area_um2: f64,
    /// Cells of the whole design, flip-flops included.
    pub cells: u64,
    /// Flip-flops of the whole design.
    pub flip_flops: u64,
    /// Modules that stayed modules, the top first.
    pub modules: Vec<ModuleArea>,
    /// The path that sets the period.
    pub critical_path: Vec<PathStep>,
    /// Where scripts, logs and the netlist lie, below the folder of the run.
    pub folder: String,
}

/// A design with a library, ready to be mapped at any target.
#[derive(Debug)]
pub struct Prepared<'a> {
    netlist: &'a Netlist,
    library: &'a Library,
    folder: PathBuf,
    /// Folder of the first half, below `folder`.
    front: String,
    liberty: String,
    key: String,
}

#[derive(Deserialize, Serialize)]
struct Kept {
    key: String,
    point: Point,
}

#[derive(Deserialize)]
struct KeptPower {
    key: String,
    power: Power,
}

impl<'a> Prepared<'a> {
    /// Runs the half of the flow that no target changes, unless it has been run into `folder` before.
    ///
    /// # Errors
    /// A tool fails, or a file cannot be written.
    pub fn new(
        netlist: &'a Netlist,
        bundle: &Bundle,
        library: &'a Library,
        versions: &Versions,
        folder: &Path,
    ) -> Result<Self, Mistake> {
        let top = &netlist.top_module().name;
        let grids = grids(netlist);
        let liberty = format!("cells-{}.lib", &library.digest[..KEY_LETTERS]);
        let script = script::front(&bundle.rtl(), top, &grids, &format!("../{liberty}"));
        let rtl = bundle.rtl().into_iter().filter_map(|path| Some((path, bundle.file(path)?)));
        let mut parts = vec![format!("{versions:?} {FLOW_VERSION} {}", library.digest), script.clone()];
        parts.extend(library.is_reworded.then(|| "states in other words".to_owned()));
        // Comments name the command that made the file; the same netlist is the same work.
        parts.extend(rtl.clone().map(|(path, text)| format!("{path}\n{}", without_comments(text))));
        let key = digest(&parts);
        let front = format!("front-{}", &key[..KEY_LETTERS]);
        let prepared = Self { netlist, library, folder: folder.to_owned(), front, liberty, key };
        let here = folder.join(&prepared.front);
        if fs::read_to_string(here.join("key")).is_ok_and(|kept| kept == prepared.key) {
            return Ok(prepared);
        }
        write(&folder.join(&prepared.liberty), &library.text)?;
        for (path, text) in rtl {
            write(&here.join(path), text)?;
        }
        write(&here.join("front.ys"), &script)?;
        run("yosys", &["-q", "-l", "yosys.log", "front.ys"], &here, "front.log")?;
        write(&here.join("key"), &prepared.key)?;
        Ok(prepared)
    }

    /// Maps to one target and times the result, unless that has been done before.
    ///
    /// # Errors
    /// A tool fails, nothing leads from a flip-flop to a flip-flop, or a file cannot be written.
    pub fn point(&self, script: Script, target_ps: u64) -> Result<Point, Mistake> {
        let commands = script.commands(target_ps);
        let constraints = script::constraints(self.library);
        let liberty = format!("../{}", self.liberty);
        let yosys = script::map(&format!("../{}/front.il", self.front), &liberty, target_ps, self.library);
        let key = digest(&[self.key.clone(), commands.clone(), constraints.clone(), yosys.clone()]);
        let name = format!("{}-{target_ps}ps-{}", script.name(), &key[..KEY_LETTERS]);
        let here = self.folder.join(&name);
        let kept = fs::read_to_string(here.join("point.json")).ok();
        let kept = kept.and_then(|text| serde_json::from_str::<Kept>(&text).ok());
        if let Some(kept) = kept.filter(|kept| kept.key == key) {
            return Ok(kept.point);
        }
        write(&here.join("abc.script"), &commands)?;
        write(&here.join("abc.constr"), &constraints)?;
        write(&here.join("map.ys"), &yosys)?;
        run("yosys", &["-q", "-l", "yosys.log", "map.ys"], &here, "map.log")?;
        let top = self.netlist.top_module().name.as_str();
        let mapped = self.mapped(&here)?;
        write(&here.join("mapped.v"), &mapped.verilog())?;
        let ports: Vec<(String, bool)> = mapped
            .modules
            .get(top)
            .map_or_else(Vec::new, |module| module.ports.iter().map(|port| (port.name.clone(), port.output)).collect());
        write(&here.join("timing.tcl"), &script::timing(&liberty, top, CLOCK, &ports, CLOCK_NS))?;
        let log = run("sta", &["-no_init", "-no_splash", "-exit", "timing.tcl"], &here, "timing.log")?;
        let report = timing::read(&log).map_err(|what| failed(&here.join("timing.log"), &what))?;
        let Some(report) = report else {
            let message =
                format!("nothing leads from a flip-flop to a flip-flop in `{top}`: there is no period to measure");
            return Err(Mistake::new("synth::no_register_path", message, "a design that computes has registers"));
        };
        let min_period_ns = ((CLOCK_NS - report.slack_ns) * 1e5).round() / 1e5;
        if min_period_ns <= 0.0 {
            let message = format!("with this library the smallest period of `{top}` would be {min_period_ns} ns");
            let help = "look at the delays of its cells: some must be negative";
            return Err(Mistake::new("synth::no_period", message, help));
        }
        let modules = mapped.areas(self.library);
        let sum = |of: fn(&ModuleArea) -> u64| modules.iter().map(|module| module.count * of(module)).sum();
        let point = Point {
            script,
            target_ps,
            min_period_ns,
            area_um2: modules.iter().map(|module| module.count as f64 * module.area_um2).sum(),
            cells: sum(|module| module.cells),
            flip_flops: sum(|module| module.flip_flops),
            modules,
            critical_path: report.path,
            folder: name,
        };
        let kept = serde_json::json!({ "key": key, "point": point });
        write(&here.join("point.json"), &format!("{kept:#}\n"))?;
        Ok(point)
    }

    /// Energy of what the test bench of `bundle` does, on the netlist of a point at a clock, unless it has been measured before.
    ///
    /// # Errors
    /// Icarus is not installed, a tool fails, or the netlist computes wrong.
    pub fn power(&self, point: &Point, bundle: &Bundle, clock_ns: f64) -> Result<Power, Mistake> {
        let top = self.netlist.top_module().name.as_str();
        let period_ps = (clock_ns * 1e3).round().max(1.0) as u64;
        let mut parts = vec![point.folder.clone(), self.key.clone(), format!("{period_ps} {FLOW_VERSION}")];
        let bench = bundle.files.iter().filter(|file| file.path.starts_with("tb/"));
        parts.extend(bench.map(|file| format!("{}\n{}", file.path, without_comments(&file.text))));
        let key = digest(&parts);
        let here = self.folder.join(&point.folder).join(format!("power-{period_ps}ps-{}", &key[..KEY_LETTERS]));
        let kept = fs::read_to_string(here.join("power.json")).ok();
        let kept = kept.and_then(|text| serde_json::from_str::<KeptPower>(&text).ok());
        if let Some(kept) = kept.filter(|kept| kept.key == key) {
            return Ok(kept.power);
        }
        require_icarus()?;
        write(&here.join("delays.tcl"), &script::delays(&format!("../../{}", self.liberty), top, CLOCK, clock_ns))?;
        run("sta", &["-no_init", "-no_splash", "-exit", "delays.tcl"], &here, "delays.log")?;
        let mapped = self.mapped(&self.folder.join(&point.folder))?;
        let power = power::measure(&here, "delays.sdf", &mapped, self.library, bundle, period_ps)?;
        let kept = serde_json::json!({ "key": key, "power": power });
        write(&here.join("power.json"), &format!("{kept:#}\n"))?;
        Ok(power)
    }

    /// The mapped netlist of a point's folder, with repeaters on the way into modules.
    fn mapped(&self, here: &Path) -> Result<Mapped, Mistake> {
        let path = here.join("yosys.json");
        let text = fs::read_to_string(&path).map_err(|reason| failed(&path, &reason.to_string()))?;
        let mut mapped =
            Mapped::from_json(&text, &self.netlist.top_module().name).map_err(|what| failed(&path, &what))?;
        mapped.name_cells(self.library);
        mapped.repeat_into_modules(self.library, &[CLOCK, self.reset()]);
        Ok(mapped)
    }

    fn reset(&self) -> &'static str {
        match self.netlist.reset {
            ResetKind::AsyncLow | ResetKind::SyncLow => "rst_ni",
            ResetKind::SyncHigh => "rst_i",
        }
    }
}

fn failed(path: &Path, what: &str) -> Mistake {
    let help = "the scripts and logs lie beside it; other versions of the tools may write other forms";
    Mistake::new("synth::tool_failed", format!("`{}`: {what}", path.display()), help)
}

/// Modules of which there is a grid, by name.
fn grids(netlist: &Netlist) -> Vec<&str> {
    let items = netlist.modules.iter().flat_map(|module| &module.items);
    let mut grids: Vec<&str> = items
        .filter_map(|item| if let Item::Grid(grid) = item { Some(grid.module) } else { None })
        .map(|module| netlist.modules[module.index()].name.as_str())
        .collect();
    grids.sort_unstable();
    grids.dedup();
    grids
}

fn without_comments(text: &str) -> String {
    text.lines().filter(|line| !line.starts_with("//")).map(|line| format!("{line}\n")).collect()
}

fn digest(parts: &[String]) -> String {
    let mut digest = Sha256::new();
    for part in parts {
        digest.update(part.len().to_le_bytes());
        digest.update(part.as_bytes());
    }
    hex(&digest.finalize())
}
