//! `estimate`: area and clock from the netlist and a process table.

use std::path::{Path, PathBuf};

use clap::Args;

use super::check::elaborate;
use super::energy::powered;
use super::failure::defect;
use super::session::Session;
use super::{Exit, Failure};
use crate::design::Design;
use crate::estimate::{self, Estimate, EstimateError, Options, Process};
use crate::mistake::Mistake;
use crate::report::Cost;

/// The process of an estimate that does not name one.
pub(super) const DEFAULT_PROCESS: &str = "nangate45";

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Path or shipped name
    design: String,
    /// Process table: path or shipped name
    #[arg(long, value_name = "PROCESS", default_value = DEFAULT_PROCESS)]
    process: String,
    /// Period to meet with as little area as possible, e.g. 0.8ns; the shortest there is if absent
    #[arg(long, value_name = "PERIOD", value_parser = period)]
    clock: Option<f64>,
    /// Count the energy of a block of a workload, a path or shipped name: the mapped gates simulated with their delays
    #[arg(long, value_name = "WORKLOAD")]
    power: Option<String>,
    /// Give area against period
    #[arg(long)]
    curve: bool,
    /// Write the cells of a design that is one module as structural Verilog
    #[arg(long, value_name = "FILE")]
    netlist: Option<PathBuf>,
}

/// A period in ns, from `0.8ns`, `800ps` or `0.8`.
fn period(text: &str) -> Result<f64, String> {
    let (number, scale) = match (text.strip_suffix("ns"), text.strip_suffix("ps")) {
        (Some(number), _) => (number, 1.0),
        (_, Some(number)) => (number, 1e-3),
        _ => (text, 1.0),
    };
    match number.trim().parse::<f64>() {
        Ok(period) if period.is_finite() && period > 0.0 => Ok(scale * period),
        _ => Err("a period is a number above 0 with ns or ps, e.g. 0.8ns".to_owned()),
    }
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let design = session.design(&typed.design)?;
    let process = process(&typed.process)?;
    let options = Options { clock_ns: typed.clock, curve: typed.curve };
    let (text, json) = match &typed.power {
        None => {
            let estimate = estimate_of(&design, &process, options)?;
            (estimate.to_string(), estimate.to_json(Some(design.rtl.clock_period_ns)))
        }
        Some(workload) => {
            let powered = powered(&design, &process, options, workload, session)?;
            (powered.text(), powered.to_json(design.rtl.clock_period_ns))
        }
    };
    if let Some(file) = &typed.netlist {
        session.write(file, cells_of(&design, &process, options)?.as_bytes())?;
    }
    let path = session.folder(PathBuf::from("runs").join(&design.name)).join("estimate.json");
    session.write(&path, format!("{json:#}\n").as_bytes())?;
    if session.json {
        session.answer_json(&json)?
    } else {
        session.answer(&text)?
    }
    Ok(Exit::Done)
}

/// The estimate of a design.
pub(super) fn estimate_of(design: &Design, process: &Process, options: Options) -> Result<Estimate, Mistake> {
    let engine = elaborate(design)?;
    estimate::estimate(&engine.netlist, process, options).map_err(|error| mistake(design, process, &error))
}

/// Why a netlist has no estimate, for its user.
pub(super) fn mistake(design: &Design, process: &Process, error: &EstimateError) -> Mistake {
    match error {
        EstimateError::Loop { .. } => defect(&design.name, error),
        EstimateError::Cells => {
            let message = format!("the cells of the process `{}` do not suffice to build every function", process.name);
            let help = "the estimate needs an inverter, a nand or nor of two inputs, and a flip-flop";
            Mistake::new("process::missing_cell", message, help)
        }
    }
}

/// The part of an estimate that the report draws.
pub(super) fn cost_of(json: &serde_json::Value) -> Result<Cost, Mistake> {
    serde_json::from_value(json.clone()).map_err(|reason| {
        let message = format!("this is no estimate: {reason}");
        Mistake::new("cli::cannot_read", message, "make estimate.json again with `bitweight run`")
    })
}

/// The process table of a path or of a shipped name.
pub(super) fn process(name_or_path: &str) -> Result<Process, Failure> {
    let names_a_file = name_or_path.contains(['/', '\\']) || name_or_path.ends_with(".toml");
    let read = if names_a_file || Path::new(name_or_path).is_file() {
        let text = std::fs::read_to_string(name_or_path).map_err(|reason| {
            let message = format!("cannot read the process table `{name_or_path}`: {reason}");
            Mistake::new("cli::cannot_read", message, "give the path of a TOML file, or a shipped name")
        })?;
        Process::parse(name_or_path, &text)
    } else {
        Process::shipped(name_or_path)
    };
    Ok(read?)
}

/// The cells of a design that is a single module.
fn cells_of(design: &Design, process: &Process, options: Options) -> Result<String, Mistake> {
    let engine = elaborate(design)?;
    let text = estimate::netlist_of(&engine.netlist, process, options);
    text.map_err(|error| mistake(design, process, &error))?.map_err(|reason| {
        let message = format!("`{}` cannot be written as one netlist of cells: {reason}", design.name);
        Mistake::new("cli::no_netlist", message, "leave out `--netlist`; a PE by itself can be written")
    })
}
