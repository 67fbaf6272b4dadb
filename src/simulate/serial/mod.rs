//! The serial family: rows of PEs that take one non-zero digit of A a cycle and lane, each row at its own pace.
//!
//! [`gemm`] holds every register on every cycle; [`events()`] has the same totals from the digit counts of the groups alone. The
//! rules of both are in docs/skipping.md.

mod array;
mod events;
mod pace;
mod planes;
mod ports;
mod run;
mod shape;
#[cfg(test)]
mod tests;
mod total;
mod unit;
mod values;

pub use array::Array;
pub use ports::{Offered, Taken};
pub use run::SerialCycle;
pub use shape::{Meeting, Shape};
pub use unit::{Unit, Work};

use super::operand::check_operands;
use super::{GemmRun, SimulateError};
use crate::engine::{EngineSpec, Patterns};
use crate::matrix::Matrix;

/// Runs C = A * B on a serial engine: every register, every cycle.
///
/// A is M x K, B is K x N.
///
/// # Errors
/// Operands whose shapes do not meet or whose values do not fit their formats; a GEMM that the engine cannot count;
/// [`SimulateError::Internal`] if a condition that every run must meet was violated.
pub fn gemm(
    spec: &EngineSpec,
    a: &Matrix<i32>,
    b: &Matrix<i32>,
    patterns: &Patterns,
) -> Result<GemmRun, SimulateError> {
    gemm_observed(spec, a, b, patterns, |_| ())
}

/// [`gemm`], every cycle of it shown to `observe`.
///
/// # Errors
/// Those of [`gemm`].
pub fn gemm_observed(
    spec: &EngineSpec,
    a: &Matrix<i32>,
    b: &Matrix<i32>,
    patterns: &Patterns,
    observe: impl FnMut(&SerialCycle),
) -> Result<GemmRun, SimulateError> {
    let shape = shape(spec, a, b)?;
    run::Run::new(spec, &shape, a, b, patterns).run(observe)
}

/// The same run as [`gemm`] with every stream always offered and results always taken, from events instead of cycles: the work
/// grows with the words of the operands and the products, not with the cycles.
///
/// # Errors
/// Those of [`gemm`].
pub fn events(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<GemmRun, SimulateError> {
    events::run(spec, &shape(spec, a, b)?, a, b)
}

fn shape(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<Shape, SimulateError> {
    check_operands(spec, a, b)?;
    Ok(Shape::new(spec, (a.rows(), b.cols(), a.cols()))?)
}
