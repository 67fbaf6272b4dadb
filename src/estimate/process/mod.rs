//! Processes: what the standard cells of a library cost, as tables over slews and loads.
//!
//! A process is a TOML file that `bitweight process import` makes of a Liberty file; figures stay, prose and everything that says
//! nothing of area, delay and energy goes. Shipped ones stand in `processes/` and are embedded in the binary; any other is read
//! from a path.

mod axes;
mod cell;
mod cuts;
mod error;
pub(super) mod expression;
mod function;
mod library;
pub(super) mod linear;
mod load;
mod lut;
mod page;
mod shipped;
mod write;

pub use cell::{CellKind, FlipFlopKind};
pub use error::error_codes;
pub use function::{Function, Sense};
pub use library::{
    Arc, Capacitance, Cell, ClockedOutput, Conditions, ControlPin, DataPin, Edge, EdgeEnergy, Enable, FlipFlop,
    InputEnergy, InputPin, OutputPin, Process, Reset, Source, Tie, WireLoad,
};
pub use load::schema;
pub use lut::{Axis, Lut, LutError, is_axis};
pub use page::page;
pub use shipped::{SHIPPED, Shipped};
pub use write::{SIGNIFICANT_DIGITS, to_toml};
