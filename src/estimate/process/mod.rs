//! Process tables: what a standard cell costs, distilled from a Liberty file by `scripts/distill_liberty.py`.
//!
//! A table is plain TOML, so a user can write one for a library whose Liberty file must not be passed on. Shipped ones stand
//! in `processes/` and are embedded in the binary; any other is read from a path.

mod cell;
mod error;
pub mod function;
pub mod library;
mod load;
pub mod lut;

pub use cell::{CellKind, FlipFlopKind};
pub use error::{ErrorCode, ProcessError, error_codes};
pub use load::schema;

use schemars::JsonSchema;
use serde::Deserialize;

/// A shipped process table.
#[derive(Clone, Copy, Debug)]
pub struct Shipped {
    /// Its name, which is also the file's.
    pub name: &'static str,
    /// One line for `list processes`.
    pub summary: &'static str,
    /// The TOML.
    pub text: &'static str,
}

/// Every shipped process table, by name.
pub const SHIPPED: &[Shipped] = &[Shipped {
    name: "nangate45",
    summary: "Nangate 45 nm Open Cell Library (FreePDK45), typical, 1.1 V, 25 C",
    text: include_str!("../../../processes/nangate45.toml"),
}];

/// A combinational cell: the smallest one of its library that computes its kind's function.
#[derive(Clone, Debug, PartialEq)]
pub struct LibraryCell {
    /// What it computes.
    pub kind: CellKind,
    /// Its name in the library.
    pub name: String,
    /// Area, um2.
    pub area_um2: f64,
    /// Capacitance of each input, fF; inputs in the order of [`CellKind`].
    pub input_capacitance_ff: Vec<f64>,
    /// Delay from each input to the output without load, ns; the mean of the rising and falling edge.
    pub delay_ns: Vec<f64>,
    /// What a femtofarad of load adds to the delay from each input, ns.
    pub resistance_ns_per_ff: Vec<f64>,
    /// Leakage, nW.
    pub leakage_nw: f64,
    /// Energy inside the cell of one output transition, fJ, without the charge of the load.
    pub internal_energy_fj: f64,
}

/// A rising-edge flip-flop.
#[derive(Clone, Debug, PartialEq)]
pub struct FlipFlop {
    /// Plain, with reset or with set.
    pub kind: FlipFlopKind,
    /// Its name in the library.
    pub name: String,
    /// Area, um2.
    pub area_um2: f64,
    /// Capacitance of the data input, fF.
    pub data_capacitance_ff: f64,
    /// Capacitance of the clock input, fF.
    pub clock_capacitance_ff: f64,
    /// From the clock edge to the output without load, ns.
    pub clock_to_q_ns: f64,
    /// What a femtofarad of load adds, ns.
    pub resistance_ns_per_ff: f64,
    /// How long before the edge the data must stand still, ns.
    pub setup_ns: f64,
    /// Leakage, nW.
    pub leakage_nw: f64,
    /// Energy inside the cell of one output transition, fJ.
    pub internal_energy_fj: f64,
    /// Energy inside the cell of one clock cycle in which nothing changes, fJ.
    pub clock_energy_fj: f64,
}

/// Where a table's figures come from.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields)]
pub struct Source {
    /// Name of the cell library.
    pub library: String,
    /// Its revision.
    #[serde(default)]
    pub revision: String,
    /// Its date.
    #[serde(default)]
    pub date: String,
    /// Whatever else identifies it.
    #[serde(default)]
    pub comment: String,
}

/// The conditions under which the figures hold.
#[derive(Clone, Debug, Deserialize, JsonSchema, PartialEq)]
#[serde(deny_unknown_fields, rename_all = "kebab-case")]
pub struct Conditions {
    /// Process corner.
    pub corner: String,
    /// Supply, V.
    pub voltage_v: f64,
    /// Temperature, degrees Celsius.
    pub temperature_c: f64,
    /// Slew of the input edges, ns.
    pub input_slew_ns: f64,
    /// The load at which energies were read, fF.
    pub nominal_load_ff: f64,
}

/// A process table.
#[derive(Clone, Debug, PartialEq)]
pub struct Process {
    /// Its name.
    pub name: String,
    /// Where its figures come from.
    pub source: Source,
    /// Under which conditions they hold.
    pub conditions: Conditions,
    cells: Vec<Option<LibraryCell>>,
    flip_flops: Vec<Option<FlipFlop>>,
}

impl Process {
    /// The shipped table of this name.
    ///
    /// # Errors
    /// [`ProcessError::UnknownProcess`] if none has it.
    pub fn shipped(name: &str) -> Result<Process, ProcessError> {
        match SHIPPED.iter().find(|shipped| shipped.name == name) {
            Some(shipped) => Process::parse(&format!("processes/{name}.toml"), shipped.text),
            None => Err(ProcessError::unknown_process(name)),
        }
    }

    /// The cell of a kind, if the library has one.
    pub fn cell(&self, kind: CellKind) -> Option<&LibraryCell> {
        self.cells[kind as usize].as_ref()
    }

    /// The flip-flop for a register bit that is reset to `reset`, or to nothing. A library without plain flip-flops lends its
    /// resettable ones, and the other way round (the reset is then a gate before the data input, which is not counted).
    pub fn flip_flop(&self, reset: Option<bool>) -> &FlipFlop {
        use FlipFlopKind::{Dff, Dffr, Dffs};
        let order = match reset {
            None => [Dff, Dffr, Dffs],
            Some(false) => [Dffr, Dffs, Dff],
            Some(true) => [Dffs, Dffr, Dff],
        };
        let found = order.into_iter().find_map(|kind| self.flip_flops[kind as usize].as_ref());
        found.expect("`parse` refuses a table without flip-flops")
    }
}
