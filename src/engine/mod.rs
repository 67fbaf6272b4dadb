//! A nest becomes a netlist and a schedule.

mod spec;
mod stream;

pub use spec::{Dataflow, EngineSpec, Operand};
pub use stream::{Command, Law, Parts, Patterns, Stream};
