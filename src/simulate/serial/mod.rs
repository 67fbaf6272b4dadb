//! The serial family: rows that take what is not 0 of A, each row at its own pace. [`Digits`] of one bit weight a lane and cycle, or
//! [`Terms`], one of each operand of a group: [`Taking`] is what they differ in.
//!
//! [`gemm`] holds every register on every cycle; [`events()`] has the same totals from what the groups have to take alone. The
//! rules of both are in docs/skipping.md.

mod array;
mod beats;
mod digit;
mod drain;
mod events;
mod pace;
mod ports;
mod run;
mod shape;
mod taking;
mod term;
#[cfg(test)]
mod tests;
mod total;
mod unit;

pub use array::{Array, Registers};
pub use digit::Digits;
pub use events::{Counted, TilePart, TileRow};
pub use pace::Pace;
pub use ports::{Offered, Taken};
pub use run::SerialCycle;
pub use shape::{Meeting, Opening, Shape};
pub use taking::{Datapath, EncodedRow, GroupRegister, RowCounts, Taking, Work};
pub use term::Terms;
pub use unit::Unit;

use super::operand::check_operands;
use super::{Counts, GemmRun, SimulateError};
use crate::engine::{EngineSpec, Patterns, Take};
use crate::matrix::{Blocks, Matrix};

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
    match shape.take {
        Take::Digit => run::Run::<Digits>::new(spec, &shape, a, b, patterns).run(observe),
        Take::Terms { .. } => run::Run::<Terms>::new(spec, &shape, a, b, patterns).run(observe),
    }
}

/// The same run as [`gemm`] with every stream always offered and results always taken, from events instead of cycles: the work
/// grows with the words of the operands and the products, not with the cycles.
///
/// # Errors
/// Those of [`gemm`].
pub fn events(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<GemmRun, SimulateError> {
    let shape = shape(spec, a, b)?;
    match shape.take {
        Take::Digit => events::run::<Digits>(spec, &shape, a, b),
        Take::Terms { .. } => events::run::<Terms>(spec, &shape, a, b),
    }
}

/// What the run of [`events()`] costs: its product is not computed. `a` fits its format; C has `n` columns.
///
/// # Errors
/// Those of [`gemm`].
pub fn counts(spec: &EngineSpec, a: &dyn Blocks, n: usize) -> Result<Counts, SimulateError> {
    let shape = Shape::new(spec, (a.rows(), n, a.cols()))?;
    match shape.take {
        Take::Digit => events::counts::<Digits>(spec, &shape, a),
        Take::Terms { .. } => events::counts::<Terms>(spec, &shape, a),
    }
}

/// The tiles of a GEMM by their rows of A, and what they have in common.
#[derive(Clone, Debug)]
pub struct TileRows {
    /// A tile of each row of tiles.
    pub tiles: Vec<TileRow>,
    /// Passes of a tile over its operands of A.
    pub passes: u64,
    /// Cycles of a run that are not those of tiles: until the first group is at hand, and from the last digit to the last result.
    pub tail: u64,
}

/// How long the tiles of A times a matrix of `n` columns take, and what they read, if K is in blocks of `block` operands, whole
/// groups of all lanes. `a` fits its format.
///
/// # Errors
/// A GEMM that the engine cannot count.
pub fn tile_rows(spec: &EngineSpec, a: &dyn Blocks, n: usize, block: usize) -> Result<TileRows, SimulateError> {
    let shape = Shape::new(spec, (a.rows(), n, a.cols()))?;
    let groups = block.div_ceil(shape.lanes * shape.group);
    let tiles = match shape.take {
        Take::Digit => events::tile_rows::<Digits>(&shape, a, groups),
        Take::Terms { .. } => events::tile_rows::<Terms>(&shape, a, groups),
    };
    Ok(TileRows { tiles, passes: shape.passes as u64, tail: shape.fill() + shape.drain() })
}

fn shape(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<Shape, SimulateError> {
    check_operands(spec, a, b)?;
    Ok(Shape::new(spec, (a.rows(), b.cols(), a.cols()))?)
}
