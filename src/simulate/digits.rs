//! How many digits of an engine's encoded operand are not zero.

use crate::encoding::{
    Distribution, EncodingError, EncodingKind, Format, nonzero_digit_histogram, uniform_digit_histogram,
};
use crate::matrix::Blocks;
use crate::workload::DigitTally;

/// Non-zero digits of the elements of one operand.
#[derive(Clone, Debug, PartialEq)]
pub struct DigitStatistics {
    /// How the operand is encoded.
    pub encoding: EncodingKind,
    /// Elements with 0, 1, 2 .. non-zero digits, counted.
    pub histogram: Vec<u64>,
    /// The probability of each count for the distribution that the workload draws from; `None` for values from elsewhere.
    pub expected: Option<Vec<f64>>,
    /// The same if every value (or code) of the format were equally frequent: what an encoding yields by itself.
    pub uniform: Vec<f64>,
}

impl DigitStatistics {
    /// Of elements of this format with so many non-zero digits, beside what is expected of them.
    ///
    /// # Errors
    /// A distribution that is none, a format that cannot be encoded.
    pub fn new(
        encoding: EncodingKind,
        format: Format,
        histogram: Vec<u64>,
        drawn_from: Option<&Distribution>,
    ) -> Result<Self, EncodingError> {
        // What is quantised after it was drawn has no closed form.
        let drawn_from = drawn_from.filter(|_| format.element.is_none());
        let expected =
            drawn_from.map(|distribution| nonzero_digit_histogram(encoding, format, distribution)).transpose()?;
        let uniform = uniform_digit_histogram(encoding, format)?;
        Ok(Self { encoding, histogram, expected, uniform })
    }

    /// Mean count of non-zero digits of an element.
    pub fn mean(&self) -> f64 {
        let digits: u64 = self.histogram.iter().zip(0..).map(|(&elements, count)| elements * count).sum();
        digits as f64 / self.histogram.iter().sum::<u64>() as f64
    }
}

/// Counts the digits of `operands`, whose elements are of this format, all together.
///
/// # Errors
/// An element that does not fit, a distribution that is none.
pub fn digit_statistics<'a>(
    encoding: EncodingKind,
    format: Format,
    operands: impl IntoIterator<Item = &'a dyn Blocks>,
    drawn_from: Option<&Distribution>,
) -> Result<DigitStatistics, EncodingError> {
    let (least, greatest) = format.range();
    let mut counts = vec![0; (i64::from(greatest) - i64::from(least) + 1) as usize];
    for operand in operands {
        operand.count_all(least, &mut counts).or_else(|value| format.check_element(value))?;
    }
    let DigitTally { histogram, .. } = DigitTally::new(encoding, format, (least..).zip(counts))?;
    DigitStatistics::new(encoding, format, histogram, drawn_from)
}
