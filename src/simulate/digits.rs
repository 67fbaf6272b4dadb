//! How many digits of an engine's encoded operand are not zero.

use crate::encoding::{
    Distribution, EncodingError, EncodingKind, Format, count_nonzero_digits, nonzero_digit_histogram,
};
use crate::matrix::Matrix;

/// Non-zero digits of the elements of one operand.
#[derive(Clone, Debug, PartialEq)]
pub struct DigitStatistics {
    /// How the operand is encoded.
    pub encoding: EncodingKind,
    /// Elements with 0, 1, 2 .. non-zero digits, counted.
    pub histogram: Vec<u64>,
    /// The probability of each count for the distribution that the workload draws from; `None` for values from elsewhere.
    pub expected: Option<Vec<f64>>,
    /// The same if every value of the format were equally frequent: what an encoding yields by itself.
    pub uniform: Vec<f64>,
}

impl DigitStatistics {
    /// Mean count of non-zero digits of an element.
    pub fn mean(&self) -> f64 {
        let digits: u64 = self.histogram.iter().zip(0..).map(|(&elements, count)| elements * count).sum();
        digits as f64 / self.histogram.iter().sum::<u64>() as f64
    }
}

/// Counts the digits of `operand`, whose elements are of this format.
///
/// # Errors
/// An element that does not fit, a distribution that is none.
pub fn digit_statistics(
    encoding: EncodingKind,
    format: Format,
    operand: &Matrix<i32>,
    drawn_from: Option<&Distribution>,
) -> Result<DigitStatistics, EncodingError> {
    let histogram = count_nonzero_digits(encoding, format.word_bits(), operand.values().iter().copied())?;
    let expected =
        drawn_from.map(|distribution| nonzero_digit_histogram(encoding, format, distribution)).transpose()?;
    let uniform = nonzero_digit_histogram(encoding, format, &Distribution::Uniform)?;
    Ok(DigitStatistics { encoding, histogram, expected, uniform })
}
