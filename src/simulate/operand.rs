//! Operands in their formats.

use super::SimulateError;
use crate::matrix::Matrix;

/// Checks that every element of an operand fits its format of `bits` bits.
///
/// # Errors
/// [`SimulateError::OperandRange`] with the first that does not.
pub fn check_range(operand: &'static str, matrix: &Matrix<i32>, bits: u32, signed: bool) -> Result<(), SimulateError> {
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
