//! Cycle-accurate simulation: values and cycles of any GEMM on an engine, in process and fast.
//!
//! The **register-level** engine holds every architectural register of every PE on every cycle. It is a model of its own:
//! it never looks at the netlist, so that the two can be held against each other, cycle for cycle and bit for bit.
//! A register chain is a window on the history of what entered it ([`history`](self)), a row of PEs is a vector.
//!
//! The definition of a cycle count, and the parts it splits into, are in [`Parts`](crate::engine::Parts) and
//! [`GemmRun`]. No floating point has a part in values or cycles.

mod audit;
mod blocks;
mod compare;
mod dense;
mod digits;
mod error;
mod event;
mod explain;
mod gemm;
mod history;
mod laconic;
mod memory;
mod offer;
mod operand;
mod product;
mod run_error;
mod scalesim;
pub mod serial;
mod skipped;
mod terms;
mod word;
mod workload;

pub use audit::{AuditShare, Difference, Tile};
pub use compare::compare;
pub use dense::{Beats, Cycle, Element, Machine, Offered, Registers, Taken, Wait};
pub use digits::{DigitStatistics, digit_statistics};
pub use error::SimulateError;
use error::{check_bytes, check_bytes_or};
pub use event::{counts, events};
pub use explain::error_codes;
pub use gemm::{Counts, GemmRun, Observer, Words, gemm, gemm_observed};
pub use memory::{Bound, MemoryPlan, MemoryRun, Metadata, Tensor, TensorTraffic};
pub use run_error::RunError;
pub use scalesim::{Scalesim, ScalesimCount, scalesim, scalesim_count, scalesim_dataflow};
pub use skipped::SkippedValues;
pub use word::{Word, wrap};
use workload::Multiplier;
pub use workload::{Compare, LayerRun, Method, Plan, WorkloadRun, workload};

#[cfg(test)]
mod tests;
