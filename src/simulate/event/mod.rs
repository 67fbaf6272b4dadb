//! The **event-exact** engine: what the register-level one computes, without its cycles.
//!
//! Cycles and their parts follow from closed laws and from counts of digits, words and useful operations from extents, and
//! values from the product modulo the accumulator. Every field equals that of the register-level engine with operands
//! always offered and results always taken; tests compare them on random designs, and a [run](crate::simulate::workload())
//! on a sample of its tiles.

mod dense;
mod product;

pub(super) use product::product;

use super::operand::{check_kept, check_operands};
use super::{Counts, GemmRun, SimulateError, laconic, serial};
use crate::engine::{EngineSpec, Family};
use crate::matrix::{Blocks, Matrix, ranges};

/// Elements of an operand that are looked at in one go.
const BLOCK_WORDS: usize = 1 << 21;

/// Runs C = A * B on the engine, operands always offered and results always taken; nothing is done cycle by cycle.
///
/// A is M x K, B is K x N. Equal in every field to [`gemm`](super::gemm()) with [`Patterns::ALWAYS`](crate::engine::Patterns::ALWAYS).
///
/// # Errors
/// Those of [`gemm`](super::gemm()).
pub fn events(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<GemmRun, SimulateError> {
    check_operands(spec, a, b)?;
    match spec.family() {
        Family::Serial => serial::events(spec, a, b),
        Family::Dense => {
            let counts = dense::counts(spec, (a.rows(), b.cols(), a.cols()))?;
            Ok(GemmRun { counts, c: product(spec, a, b) })
        }
        Family::Laconic => Ok(GemmRun { counts: counts(spec, a, b)?, c: product(spec, a, b) }),
    }
}

/// [`check_kept`] of operands that need not fit memory.
fn check_blocks(spec: &EngineSpec, b: &dyn Blocks) -> Result<(), SimulateError> {
    let Some(kept) = spec.kept() else { return Ok(()) };
    let width = (BLOCK_WORDS / b.rows().max(1)).max(1);
    let height = BLOCK_WORDS.next_multiple_of(kept.m as usize);
    for cols in ranges(b.cols(), width) {
        for rows in ranges(b.rows(), height) {
            let (row, col) = (rows.start, cols.start);
            check_kept(spec, &b.block(rows, cols.clone())).map_err(|error| match error.moved(0, col) {
                SimulateError::NotNOfM { col, k, nonzero, n, m } => {
                    SimulateError::NotNOfM { col, k: k + row, nonzero, n, m }
                }
                other => other,
            })?;
        }
    }
    Ok(())
}

/// What the run of [`events`] costs, its product not computed: so operands may be larger than memory. They fit their formats.
///
/// # Errors
/// A GEMM that the engine cannot count; a B that is not as compressed as the engine stores it.
pub fn counts(spec: &EngineSpec, a: &dyn Blocks, b: &dyn Blocks) -> Result<Counts, SimulateError> {
    match spec.family() {
        Family::Dense => {
            check_blocks(spec, b)?;
            dense::counts(spec, (a.rows(), b.cols(), a.cols()))
        }
        Family::Serial => serial::counts(spec, a, b),
        Family::Laconic => laconic::counts(spec, a, b),
    }
}
