//! Operands in their formats.

use super::SimulateError;
use crate::engine::EngineSpec;
use crate::matrix::Matrix;
use crate::notation::FullGroup;

/// Checks that A and B can be multiplied and fit the engine's formats.
///
/// # Errors
/// [`SimulateError::Shape`], [`SimulateError::OperandRange`] or [`SimulateError::NotNOfM`].
pub fn check_operands(spec: &EngineSpec, a: &Matrix<i32>, b: &Matrix<i32>) -> Result<(), SimulateError> {
    if a.cols() != b.rows() {
        let (a_rows, a_cols, b_rows, b_cols) = (a.rows(), a.cols(), b.rows(), b.cols());
        return Err(SimulateError::Shape { a_rows, a_cols, b_rows, b_cols });
    }
    check_range("A", a, spec.a_bits, spec.a_signed)?;
    check_range("B", b, spec.b_bits, spec.b_signed)?;
    check_kept(spec, b)
}

/// Checks that B has no more elements other than zero than the engine stores of it.
///
/// # Errors
/// [`SimulateError::NotNOfM`] with the first group that has.
pub fn check_kept(spec: &EngineSpec, b: &Matrix<i32>) -> Result<(), SimulateError> {
    let Some(kept) = spec.kept() else { return Ok(()) };
    match kept.full_group(b) {
        None => Ok(()),
        Some(FullGroup { col, row, nonzero }) => {
            Err(SimulateError::NotNOfM { col, k: row, nonzero, n: kept.n, m: kept.m })
        }
    }
}

/// Checks that every element of an operand fits its format of `bits` bits.
///
/// # Errors
/// [`SimulateError::OperandRange`] with the first that does not.
fn check_range(operand: &'static str, matrix: &Matrix<i32>, bits: u32, signed: bool) -> Result<(), SimulateError> {
    let range = match signed {
        true => -(1_i32 << (bits - 1))..1 << (bits - 1),
        false => 0..1 << bits,
    };
    match matrix.values().iter().position(|value| !range.contains(value)) {
        None => Ok(()),
        Some(index) => {
            let (row, col) = (index / matrix.cols(), index % matrix.cols());
            Err(SimulateError::OperandRange { operand, row, col, value: matrix.values()[index], bits, signed })
        }
    }
}
