//! A nest becomes a netlist and a schedule.
//!
//! [`Engine::elaborate`] applies a design's transforms to the loop nest of its dataflow and builds the hardware that the
//! resulting nest describes; [`Schedule`] says which words of a GEMM enter and leave that hardware in which beat, and how
//! many cycles it takes.

mod dense;
mod elaborate;
mod error;
mod laconic;
mod memory;
mod nests;
pub mod parts;
mod serial;
mod spec;
mod stream;
#[cfg(test)]
mod tests;

pub use crate::notation::{EncoderPlace, NOfM, Operand};
pub use dense::{Compressed, Schedule, Selection, Timing};
pub use elaborate::Engine;
pub use error::EngineError;
pub use memory::{BlockAxis, BlockOrder, Buffer, Memory};
pub use serial::{Sequencing, SerialSchedule, Take};
pub use spec::{Array, Dataflow, EngineSpec, Family};
pub use stream::{Command, Law, Parts, Patterns, Stream, StreamInfo, Traffic};
