//! One design against everyone: linters, register-level engine, interpreter, Icarus, Verilator.

use crate::emit::{Bundle, EmitError, Provenance, TestCase, engine_bundle};
use crate::engine::Engine;
use crate::verify::case::{random_gemms, simulated_case};
use crate::verify::drive::{difference, drive};
use crate::verify::interpreted::Interpreted;
use crate::verify::tool::{Tool, ToolError, Toolbox};
use crate::verify::{bench::run_bench, lint::lint};
use serde::Serialize;
use std::path::Path;
use thiserror::Error;

/// How much to check.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Plan {
    /// Random GEMMs.
    pub cases: u32,
    /// Where they come from.
    pub seed: u64,
    /// Whether a missing tool is an error.
    pub require_tools: bool,
}

/// How a check ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Status {
    /// All agreed.
    Pass,
    /// Something differed, or a tool complained.
    Fail,
    /// The tool is not installed.
    Skipped,
}

/// One check, as it stands in `verify.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Check {
    /// Who was asked, e.g. `verilator` or `lint-yosys`.
    pub name: String,
    /// What came of it.
    pub status: Status,
    /// Cases (GEMMs, or linted files) that were looked at.
    pub cases: u64,
    /// Why it failed or was skipped; empty if it passed.
    #[serde(skip_serializing_if = "String::is_empty")]
    pub detail: String,
}

/// The outcome, as `verify.json`.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Verification {
    /// Version of this form.
    pub format_version: u32,
    /// Whether no check failed.
    pub agree: bool,
    /// Every check, in the order in which they ran.
    pub checks: Vec<Check>,
}

/// Why a design could not be verified at all.
#[derive(Debug, Error)]
pub enum VerifyError {
    /// The bundle cannot be made.
    #[error(transparent)]
    Emit(#[from] EmitError),
    /// A required tool is missing.
    #[error(transparent)]
    Tool(#[from] ToolError),
    /// The bundle cannot be written.
    #[error("cannot write the bundle: {0}")]
    Io(#[from] std::io::Error),
}

/// Holds a design against everyone there is. The bundle is written to `directory` and the tools run there; each check is shown
/// to `progress` when it is done.
///
/// # Errors
/// [`VerifyError`] if the checks cannot run; a check that fails is in the result.
pub fn design(
    engine: &Engine,
    from: &Provenance,
    plan: &Plan,
    directory: &Path,
    progress: &mut dyn FnMut(&Check),
) -> Result<Verification, VerifyError> {
    let tools = Toolbox::discover();
    if plan.require_tools
        && let Some(tool) = Tool::ALL.into_iter().find(|&tool| tool.is_required() && !tools.has(tool))
    {
        return Err(ToolError::Missing { tool, program: tool.program() }.into());
    }
    let mut checks = Vec::new();
    let mut note = |name: String, cases: u64, outcome: Outcome| {
        let (status, cases, detail) = match outcome {
            Outcome::Pass => (Status::Pass, cases, String::new()),
            Outcome::Fail(detail) => (Status::Fail, cases, detail),
            // Nobody looked at them.
            Outcome::Missing(tool) => (Status::Skipped, 0, format!("`{}` is not installed", tool.program())),
        };
        checks.push(Check { name, status, cases, detail });
        if let Some(check) = checks.last() {
            progress(check);
        }
    };

    let (cases, outcome) = register_level(engine, plan);
    note("register-level".to_owned(), cases.len() as u64, outcome);
    note("interpreter".to_owned(), cases.len() as u64, interpreter(engine, &cases));
    if cases.is_empty() {
        // Nothing is left to hold the Verilog against.
        return Ok(Verification { format_version: 1, agree: false, checks });
    }
    let bundle = engine_bundle(engine, from, &cases)?;
    bundle.write(directory)?;
    for tool in [Tool::Icarus, Tool::Verilator, Tool::Yosys, Tool::Verible] {
        let outcome = if tools.has(tool) {
            lint(tool, directory, &bundle.rtl(), &bundle.top).into()
        } else {
            Outcome::Missing(tool)
        };
        note(format!("lint-{tool}"), bundle.rtl().len() as u64, outcome);
    }
    for tool in [Tool::Icarus, Tool::Verilator] {
        let outcome = if tools.has(tool) { simulated(tool, &bundle, directory)? } else { Outcome::Missing(tool) };
        note(tool.to_string(), cases.len() as u64, outcome);
    }
    let agree = checks.iter().all(|check| check.status != Status::Fail);
    Ok(Verification { format_version: 1, agree, checks })
}

enum Outcome {
    Pass,
    Fail(String),
    Missing(Tool),
}

impl From<Result<(), ToolError>> for Outcome {
    fn from(result: Result<(), ToolError>) -> Self {
        match result {
            Ok(()) => Outcome::Pass,
            Err(error) => Outcome::Fail(error.to_string()),
        }
    }
}

/// The cases that the register-level engine gets right, and the first that it does not.
fn register_level(engine: &Engine, plan: &Plan) -> (Vec<TestCase>, Outcome) {
    let mut cases = Vec::new();
    let mut outcome = Outcome::Pass;
    for gemm in random_gemms(&engine.spec, plan.seed, plan.cases.max(1), 2) {
        match simulated_case(&engine.spec, &gemm) {
            Ok(case) => cases.push(case),
            Err(difference) => {
                if matches!(outcome, Outcome::Pass) {
                    outcome = Outcome::Fail(format!("{gemm}: {difference}"));
                }
            }
        }
    }
    (cases, outcome)
}

fn interpreter(engine: &Engine, cases: &[TestCase]) -> Outcome {
    let streams = engine.spec.streams();
    let mut device = match Interpreted::new(&engine.netlist) {
        Ok(device) => device,
        Err(error) => return Outcome::Fail(error),
    };
    for case in cases {
        let wrong = match drive(&mut device, &streams, case) {
            Ok(measured) => difference(&measured, &streams, case),
            Err(wrong) => Some(wrong),
        };
        if let Some(wrong) = wrong {
            return Outcome::Fail(format!("{}: {wrong}", case.name));
        }
    }
    Outcome::Pass
}

fn simulated(tool: Tool, bundle: &Bundle, directory: &Path) -> Result<Outcome, std::io::Error> {
    let build = directory.join("build");
    std::fs::create_dir_all(&build)?;
    // The tools run in `directory`.
    Ok(run_bench(tool, bundle, directory, Path::new("build")).into())
}
