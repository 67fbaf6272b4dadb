//! `verify`: everyone who must agree on a design is asked.

use std::path::PathBuf;

use clap::Args;
use serde_json::json;

use super::bundle::{provenance, regenerate};
use super::check::elaborate;
use super::failure::defect;
use super::session::{Session, cannot_write};
use super::{Exit, Failure};
use crate::mistake::Mistake;
use crate::verify::{self, Check, Plan, Status, Verification, VerifyError};

/// Seed of the operands without `--seed`.
const SEED: u64 = 1;

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// Path or shipped name
    design: String,
    /// Random products to run
    #[arg(long, value_name = "N", default_value_t = 20, value_parser = clap::value_parser!(u32).range(1..))]
    cases: u32,
    /// A missing tool is an error instead of a skipped check
    #[arg(long)]
    require_tools: bool,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let design = session.design(&typed.design)?;
    let engine = elaborate(&design)?;
    let folder = session.folder(PathBuf::from("runs").join(format!("{}-verify", design.name)));
    let plan = Plan { cases: typed.cases, seed: session.seed.unwrap_or(SEED), require_tools: typed.require_tools };
    let from = provenance(&design, &regenerate(session, &typed.design));
    let mut progress = |check: &Check| session.detail(&line(check));
    let verification = verify::design(&engine, &from, &plan, &folder, &mut progress).map_err(|error| match error {
        VerifyError::Emit(error) => defect(&design.name, &error).into(),
        VerifyError::Io(reason) => cannot_write(&folder.display().to_string(), &reason),
        VerifyError::Tool(error) => {
            let help = "install it (`scripts/test` does on Debian), or leave out `--require-tools`";
            Mistake::new("cli::missing_tool", error.to_string(), help).into()
        }
    })?;
    let value = json!(verification);
    session.write(&folder.join("verify.json"), format!("{value:#}\n").as_bytes())?;
    if session.json {
        session.answer_json(&value)?
    } else {
        session.answer(&table(&design.name, &verification))?
    }
    Ok(if verification.agree { Exit::Done } else { Exit::No })
}

fn line(check: &Check) -> String {
    let status = match check.status {
        Status::Pass => "pass",
        Status::Fail => "FAIL",
        Status::Skipped => "skipped",
    };
    format!("{:<16} {status:<8} {:>4}  {}", check.name, check.cases, check.detail).trim_end().to_owned()
}

fn table(name: &str, verification: &Verification) -> String {
    let lines: Vec<String> = verification.checks.iter().map(|check| line(check) + "\n").collect();
    let count = |status| verification.checks.iter().filter(|check| check.status == status).count();
    let (passed, failed, skipped) = (count(Status::Pass), count(Status::Fail), count(Status::Skipped));
    let verdict = if verification.agree { "all agree" } else { "NOT all agree" };
    format!(
        "{:<16} {:<8} cases\n{}\n{name}: {verdict}; {passed} passed, {failed} failed, {skipped} skipped\n",
        "check",
        "status",
        lines.concat()
    )
}
