//! `estimate`: area and clock from the netlist and a process table.

use std::path::{Path, PathBuf};

use clap::Args;

use super::check::elaborate;
use super::failure::defect;
use super::session::Session;
use super::{Exit, Failure};
use crate::design::Design;
use crate::estimate::{self, Estimate, EstimateError, Process};
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
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let design = session.design(&typed.design)?;
    let process = process(&typed.process)?;
    let estimate = estimate_of(&design, &process)?;
    let json = estimate.to_json(Some(design.rtl.clock_period_ns));
    let path = session.folder(PathBuf::from("runs").join(&design.name)).join("estimate.json");
    session.write(&path, format!("{json:#}\n").as_bytes())?;
    if session.json {
        session.answer_json(&json)?
    } else {
        session.answer(&estimate.to_string())?
    }
    Ok(Exit::Done)
}

/// The estimate of a design.
pub(super) fn estimate_of(design: &Design, process: &Process) -> Result<Estimate, Mistake> {
    let engine = elaborate(design)?;
    estimate::estimate(&engine.netlist, process).map_err(|error| match error {
        EstimateError::Loop { .. } => defect(&design.name, &error),
        EstimateError::MissingCell { kind } => {
            let message = format!("the process `{}` has no `{kind}`", process.name);
            let help = "the estimate needs inv, buf, nand2, nor2, xor2, mux2 and a flip-flop";
            Mistake::new("process::missing_cell", message, help)
        }
    })
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
