//! The serial family: rows that take what is not 0 of A, each row at its own pace. [`Digits`] of one bit weight a lane and cycle,
//! [`Terms`], one of each operand of a group, or whole [`Values`]: [`Taking`] is what they differ in.
//!
//! [`gemm`] holds every register on every cycle; [`events()`] has the same totals from what the groups have to take alone. The
//! rules of both are in docs/skipping.md.

mod array;
mod beats;
mod digit;
mod drain;
mod events;
mod matches;
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
mod value;

pub use array::{Array, Registers};
pub use digit::Digits;
pub use events::{TilePart, TileRow};
pub use matches::Matches;
pub use pace::{Meets, Pace};
pub use ports::{Offered, Taken};
pub use run::SerialCycle;
pub use shape::{Meeting, Opening, Piece, Shape};
pub use taking::{Datapath, EncodedRow, GroupRegister, RowCounts, Taking, Work};
pub use term::Terms;
pub use unit::Unit;
pub use value::Values;

use super::operand::check_operands;
use super::{Counts, GemmRun, SimulateError, check_bytes};
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
        Take::Value { .. } => run::Run::<Values>::new(spec, &shape, a, b, patterns).run(observe),
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
        Take::Value { .. } => events::run::<Values>(spec, &shape, a, b),
    }
}

/// What the run of [`events()`] costs: its product is not computed. `a` and `b` fit their formats.
///
/// # Errors
/// Those of [`gemm`].
pub fn counts(spec: &EngineSpec, a: &dyn Blocks, b: &dyn Blocks) -> Result<Counts, SimulateError> {
    let shape = Shape::new(spec, (a.rows(), b.cols(), a.cols()))?;
    Matches::check(&shape)?;
    match shape.take {
        Take::Digit => events::counts::<Digits>(spec, &shape, (a, b)),
        Take::Terms { .. } => events::counts::<Terms>(spec, &shape, (a, b)),
        Take::Value { .. } => events::counts::<Values>(spec, &shape, (a, b)),
    }
}

/// Most bytes of what tiles take in each block of K.
const MOST_PART_BYTES: u64 = 1 << 27;

/// The tiles of a GEMM by their rows of A, and what they have in common.
#[derive(Clone, Debug)]
pub struct TileRows {
    /// A tile of each row of tiles in each version of [`Matches`], versions side by side.
    pub tiles: Vec<TileRow>,
    /// Which tiles of N see which version of a row of A.
    pub matches: Matches,
    /// Passes of a tile over its operands of A.
    pub passes: u64,
    /// Cycles of a run that are not those of tiles: until the first group is at hand, and from the last digit to the last result.
    pub tail: u64,
}

impl TileRows {
    /// A tile by its place along M and along N.
    pub fn tile(&self, m: usize, n: usize) -> &TileRow {
        &self.tiles[m * self.matches.versions() + self.matches.of_tile(n)]
    }
}

/// How long the tiles of A * B take, and what they read, if K is in blocks of `block` operands, whole groups of all lanes. `a` fits
/// its format.
///
/// # Errors
/// A GEMM that the engine cannot count, or has more parts of tiles than can be kept.
pub fn tile_rows(
    spec: &EngineSpec,
    (a, b): (&dyn Blocks, &dyn Blocks),
    block: usize,
) -> Result<TileRows, SimulateError> {
    let shape = Shape::new(spec, (a.rows(), b.cols(), a.cols()))?;
    Matches::check(&shape)?;
    let (matches, groups) = (Matches::new(&shape, b), block.div_ceil(shape.lanes * shape.group));
    let parts = shape.tiles().0 * matches.versions() * shape.passes * shape.groups.div_ceil(groups);
    check_bytes("the blocks of all tiles", (parts * size_of::<TilePart>()) as u64, MOST_PART_BYTES)?;
    let tiles = match shape.take {
        Take::Digit => events::tile_rows::<Digits>(&shape, &matches, a, groups),
        Take::Terms { .. } => events::tile_rows::<Terms>(&shape, &matches, a, groups),
        Take::Value { .. } => events::tile_rows::<Values>(&shape, &matches, a, groups),
    };
    Ok(TileRows { tiles, matches, passes: shape.passes as u64, tail: shape.fill() + shape.drain() })
}

fn shape(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<Shape, SimulateError> {
    check_operands(spec, a, b)?;
    Ok(Shape::new(spec, (a.rows(), b.cols(), a.cols()))?)
}
