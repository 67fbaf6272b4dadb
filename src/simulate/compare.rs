//! The engine's result against the reference.

use super::SimulateError;
use super::word::wrap;
use crate::matrix::Matrix;

/// Holds `engine` (wrapped to `acc_bits`) against the exact `reference`.
///
/// # Errors
/// [`SimulateError::Mismatch`] if an element is wrong even modulo 2^acc_bits; else [`SimulateError::AccumulatorOverflow`]
/// if an exact value does not fit the accumulator.
pub fn compare(engine: &Matrix<i64>, reference: &Matrix<i64>, acc_bits: u32) -> Result<(), SimulateError> {
    if (engine.rows(), engine.cols()) != (reference.rows(), reference.cols()) {
        let (a_rows, a_cols, b_rows, b_cols) = (engine.rows(), engine.cols(), reference.rows(), reference.cols());
        return Err(SimulateError::Shape { a_rows, a_cols, b_rows, b_cols });
    }
    let total = reference.values().len();
    let pairs = || engine.values().iter().zip(reference.values());
    let place = |index: usize| (index / reference.cols(), index % reference.cols());

    let wrong = |&(&ours, &exact): &(&i64, &i64)| ours != wrap(exact, acc_bits);
    if let Some(index) = pairs().position(|pair| wrong(&pair)) {
        let (row, col) = place(index);
        return Err(SimulateError::Mismatch {
            count: pairs().filter(wrong).count(),
            total,
            row,
            col,
            engine: engine.values()[index],
            reference: reference.values()[index],
        });
    }
    let overflows = |&exact: &i64| exact != wrap(exact, acc_bits);
    if let Some(index) = reference.values().iter().position(overflows) {
        let (row, col) = place(index);
        let exact = reference.values()[index];
        return Err(SimulateError::AccumulatorOverflow {
            count: reference.values().iter().filter(|exact| overflows(exact)).count(),
            total,
            acc_bits,
            row,
            col,
            exact,
            wrapped: wrap(exact, acc_bits),
            needed_bits: reference.values().iter().map(|&exact| signed_bits(exact)).max().unwrap_or(1),
        });
    }
    Ok(())
}

/// Bits of the shortest two's complement format that holds `value`.
fn signed_bits(value: i64) -> u32 {
    65 - if value < 0 { (!value).leading_zeros() } else { value.leading_zeros() }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(value: i64) -> Matrix<i64> {
        Matrix::filled(1, 1, value)
    }

    #[test]
    fn the_shortest_format_of_a_value_is_exact() {
        for (value, bits) in [(0, 1), (-1, 1), (1, 2), (127, 8), (128, 9), (-128, 8), (-129, 9), (i64::MIN, 64)] {
            assert_eq!(signed_bits(value), bits, "{value}");
        }
    }

    #[test]
    fn a_wrapped_value_is_an_overflow_and_not_a_mismatch() {
        assert_eq!(compare(&one(-128), &one(-128), 8), Ok(()));
        match compare(&one(-128), &one(128), 8) {
            Err(SimulateError::AccumulatorOverflow { count: 1, exact: 128, wrapped: -128, needed_bits: 9, .. }) => {}
            other => panic!("{other:?}"),
        }
        assert!(matches!(compare(&one(-127), &one(128), 8), Err(SimulateError::Mismatch { count: 1, .. })));
    }
}
