//! A netlist becomes plain Verilog-2005, and that a bundle: RTL, self-checking test bench, constraints, file lists.
//!
//! The language is the subset that Verilator, Icarus, Yosys, Verible and slang read alike and without a message; what is in it
//! and why is in `docs/rtl.md`. Everything here is a pure function of its arguments, except [`Bundle::write`].

mod bundle;
mod engine;
mod expression;
mod module;
mod name;
mod project;
mod readme;
mod repeat;
mod scope;
mod test_bench;
mod text;
mod vectors;
mod wiring;

pub use bundle::{Bundle, BundleInfo, CaseStream, StreamInfo, TestCase, bundle};
pub use engine::{Provenance, engine_bundle, streams, test_case};

use crate::netlist::Netlist;
use thiserror::Error;

/// Why a netlist cannot be printed.
#[derive(Clone, Debug, Error, PartialEq, Eq)]
pub enum EmitError {
    /// A name that Verilog, or the house style, does not allow.
    #[error("{what} `{name}` in module `{module}` cannot be printed: {reason}")]
    Name { module: String, what: &'static str, name: String, reason: &'static str },
    /// A cell that is more than wiring drives a net without a name.
    #[error("net {net} of module `{module}` needs a name: only wiring is printed in place")]
    Unnamed { module: String, net: u32 },
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
            EmitError::Name { .. } => "emit::name",
            EmitError::Unnamed { .. } => "emit::unnamed",
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
/// Any [`EmitError`].
pub fn verilog(netlist: &Netlist, header: &[String]) -> Result<Vec<EmittedFile>, EmitError> {
    let states = scope::State::of_all(netlist);
    (0..netlist.modules.len())
        .map(|index| {
            let scope = scope::Scope::new(netlist, &states, index)?;
            let name = &netlist.modules[index].name;
            Ok(EmittedFile { path: format!("rtl/{name}.v"), text: module::print(scope, header)? })
        })
        .collect()
}
