//! The bundle of a design with the test cases that go into it.

use std::ffi::OsStr;
use std::path::Path;

use super::check::elaborate;
use super::failure::defect;
use super::session::Session;
use crate::design::Design;
use crate::emit::{Bundle, Provenance, engine_bundle};
use crate::mistake::Mistake;
use crate::verify::bench_cases;

/// Seed of the operands in every test bench, so that bundles do not change.
const SEED: u64 = 1;

/// The bundle of `design`; `command` makes it again.
///
/// # Errors
/// None that a design can cause: an inconsistent netlist, or an engine that does not compute its own test cases.
pub(super) fn bundle_of(design: &Design, command: &str) -> Result<Bundle, Mistake> {
    let engine = elaborate(design)?;
    let cases = bench_cases(&engine.spec, SEED).map_err(|reason| defect(&design.name, &reason))?;
    engine_bundle(&engine, &provenance(design, command), &cases).map_err(|error| defect(&design.name, &error))
}

/// The command that makes a bundle again on any machine: it names a design's file, not the folder in which it lies here.
pub(super) fn regenerate(session: &Session, typed: &str) -> String {
    let file = Path::new(typed).file_name().map_or_else(|| typed.into(), OsStr::to_string_lossy);
    session.command_line("emit", &[&file])
}

/// What emitted files say of where they come from.
pub(super) fn provenance(design: &Design, command: &str) -> Provenance {
    Provenance {
        hash: design.hash(),
        tool: concat!("bitweight ", env!("CARGO_PKG_VERSION")).to_owned(),
        regenerate: command.to_owned(),
        clock_period_ns: design.rtl.clock_period_ns,
    }
}
