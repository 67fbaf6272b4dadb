//! A netlist becomes plain Verilog-2005, and that a bundle: RTL, self-checking test bench, constraints, file lists.
//!
//! The language is the subset that Verilator, Icarus, Yosys, Verible and slang read alike and without a message; what is in it
//! and why is in `docs/rtl.md`. Everything here is a pure function of its arguments, except [`Bundle::write`].

mod bundle;
mod engine;
mod expression;
mod module;
mod project;
mod readme;
mod repeat;
mod scope;
mod test_bench;
mod text;
mod vectors;

pub use bundle::{Bundle, BundleInfo, TestCase, bundle};
pub use engine::{Provenance, engine_bundle, test_case};

use crate::netlist::{Netlist, NetlistError};
use thiserror::Error;

/// Why a netlist cannot be printed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EmitError {
    /// The netlist is unsound; this is its first defect.
    #[error(transparent)]
    Netlist(#[from] NetlistError),
    /// A net with the name of the clock or of a reset, which the printer adds itself.
    #[error("net `{name}` of module `{module}` has the name of the clock or of a reset")]
    ImplicitName { module: String, name: String },
    /// A comment or header that is not ASCII.
    #[error("module `{module}` has text that is not ASCII: {text}")]
    NotAscii { module: String, text: String },
    /// Streams or test cases that do not fit the top module.
    #[error("the test bench cannot be made: {reason}")]
    Stream { reason: String },
}

impl EmitError {
    /// The stable code, e.g. `emit::name`.
    pub fn code(&self) -> &'static str {
        match self {
            EmitError::Netlist(error) => error.code(),
            EmitError::ImplicitName { .. } => "emit::implicit_name",
            EmitError::NotAscii { .. } => "emit::not_ascii",
            EmitError::Stream { .. } => "emit::stream",
        }
    }
}

/// One emitted file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct EmittedFile {
    /// Relative to the bundle, with `/`.
    pub path: String,
    /// What is in it; ASCII.
    pub text: String,
}

/// Prints every module of `netlist`, leaf first, one file each: `rtl/{module}.v`. `header` begins each file, as comments.
///
/// # Errors
/// Any [`EmitError`]; the netlist is checked first.
pub fn verilog(netlist: &Netlist, header: &[String]) -> Result<Vec<EmittedFile>, EmitError> {
    if let Some(defect) = crate::netlist::check(netlist).err().and_then(|defects| defects.into_iter().next()) {
        return Err(defect.into());
    }
    let states = scope::State::of_all(netlist);
    (0..netlist.modules.len())
        .map(|index| {
            let scope = scope::Scope::new(netlist, &states, index)?;
            let name = &netlist.modules[index].name;
            Ok(EmittedFile { path: format!("rtl/{name}.v"), text: module::print(scope, header)? })
        })
        .collect()
}
