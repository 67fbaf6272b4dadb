//! `report`: the page of an earlier run, drawn again.

use std::fs;
use std::path::{Path, PathBuf};

use clap::Args;
use serde_json::json;

use super::estimate::cost_of;
use super::session::Session;
use super::{Exit, Failure};
use crate::mistake::Mistake;
use crate::report::{Cost, Results, write_report};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// The folder of a run, or its results.json
    run: PathBuf,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let (results_path, from) = match typed.run.is_dir() {
        true => (typed.run.join("results.json"), typed.run.clone()),
        false => (typed.run.clone(), typed.run.parent().map(Path::to_path_buf).unwrap_or_default()),
    };
    let results = Results::from_json(&read(&results_path)?).map_err(Failure::one)?;
    let estimate_path = from.join("estimate.json");
    let cost: Option<Cost> = match estimate_path.is_file() {
        true => {
            let value =
                serde_json::from_str(&read(&estimate_path)?).map_err(|reason| unreadable(&estimate_path, &reason))?;
            Some(cost_of(&value)?)
        }
        false => None,
    };
    let folder = session.folder(from);
    write_report(&folder, &results, cost.as_ref()).map_err(Failure::one)?;
    let page = folder.join("report.html").display().to_string();
    if session.json {
        session.answer_json(&json!({ "format_version": 1, "report": page }))?;
    } else {
        session.answer(&format!("{page}\n"))?;
    }
    Ok(Exit::Done)
}

fn read(path: &Path) -> Result<String, Mistake> {
    fs::read_to_string(path).map_err(|reason| unreadable(path, &reason))
}

fn unreadable(path: &Path, reason: &dyn std::fmt::Display) -> Mistake {
    let message = format!("cannot read `{}`: {reason}", path.display());
    Mistake::new("cli::cannot_read", message, "give the folder that `bitweight run` or `simulate` wrote")
}
