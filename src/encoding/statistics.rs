//! How many digits are not zero: exactly, for a distribution, and counted, for values.

use super::{Distribution, EncodingError, EncodingKind, Format, MAX_WORD_BITS, check_bits, check_value, signed_range};

/// The count of non-zero digits of every value of one width under one encoding, looked up instead of encoded.
#[derive(Clone, Debug)]
pub struct DigitCounts {
    bits: u32,
    slots: u32,
    counts: Vec<u8>,
}

impl DigitCounts {
    /// The table of `kind` for two's complement words of `bits` bits: `2^bits` bytes.
    ///
    /// # Errors
    /// When `bits` is not 2 to 17.
    pub fn new(kind: EncodingKind, bits: u32) -> Result<Self, EncodingError> {
        check_bits(bits, MAX_WORD_BITS)?;
        let encoding = kind.encoding();
        let (least, greatest) = signed_range(bits);
        let counts = (least..=greatest).map(|value| encoding.nonzero_digits(value, bits) as u8).collect();
        Ok(Self { bits, slots: encoding.slots(bits), counts })
    }

    /// The non-zero digits of `value`; `None` outside the operand's range.
    pub fn of(&self, value: i32) -> Option<u32> {
        let index = i64::from(value) - i64::from(signed_range(self.bits).0);
        usize::try_from(index).ok().and_then(|index| self.counts.get(index)).map(|&count| u32::from(count))
    }

    /// How many values have 0, 1, .. `slots` non-zero digits.
    ///
    /// # Errors
    /// When a value does not fit in the operand.
    pub fn histogram(&self, values: impl IntoIterator<Item = i32>) -> Result<Vec<u64>, EncodingError> {
        let mut histogram = vec![0; self.slots as usize + 1];
        for value in values {
            match self.of(value) {
                Some(count) => histogram[count as usize] += 1,
                None => check_value(value, self.bits)?,
            }
        }
        Ok(histogram)
    }
}

/// How many of `values` have 0, 1, .. `slots` non-zero digits under `kind`.
///
/// # Errors
/// When `bits`, the width of a two's complement word, is not 2 to 17 or a value does not fit.
pub fn count_nonzero_digits(
    kind: EncodingKind,
    bits: u32,
    values: impl IntoIterator<Item = i32>,
) -> Result<Vec<u64>, EncodingError> {
    DigitCounts::new(kind, bits)?.histogram(values)
}

/// How many of the elements of `format` have 0, 1, .. `slots` non-zero digits under `kind`: [`count_nonzero_digits`] of integers, else of
/// what they are decoded to.
///
/// # Errors
/// When an integer does not fit, or the width is none of an operand. Elements that are no numbers are not counted.
pub fn count_nonzero_digits_of(
    kind: EncodingKind,
    format: Format,
    elements: impl IntoIterator<Item = i32>,
) -> Result<Vec<u64>, EncodingError> {
    let (encoding, bits) = (kind.encoding(), format.word_bits());
    let Some(element_format) = format.element else { return count_nonzero_digits(kind, bits, elements) };
    let (least, greatest) = format.range();
    let count = |element| encoding.nonzero_digits_of(element_format.value(element), bits) as usize;
    let counts: Vec<usize> = (least..=greatest).map(count).collect();
    let mut histogram = vec![0; encoding.slots(bits) as usize + 1];
    for element in elements.into_iter().filter(|&element| element_format.is_number(element)) {
        histogram[counts[(element - least) as usize]] += 1;
    }
    Ok(histogram)
}

/// The part of all elements of a format that have 0, 1, .. `slots` non-zero digits: of every value of integers, of every code that is a
/// number else.
///
/// # Errors
/// When the width is none of an operand.
pub fn uniform_digit_histogram(kind: EncodingKind, format: Format) -> Result<Vec<f64>, EncodingError> {
    if format.element.is_none() {
        return nonzero_digit_histogram(kind, format, &Distribution::Uniform);
    }
    let (least, greatest) = format.range();
    let counts = count_nonzero_digits_of(kind, format, least..=greatest)?;
    let all: u64 = counts.iter().sum();
    Ok(counts.into_iter().map(|count| count as f64 / all as f64).collect())
}

/// The probability of 0, 1, .. `slots` non-zero digits in an operand so distributed; a bare number of bits is a signed one.
///
/// # Errors
/// As [`Distribution::pmf`].
pub fn nonzero_digit_histogram(
    kind: EncodingKind,
    format: impl Into<Format>,
    distribution: &Distribution,
) -> Result<Vec<f64>, EncodingError> {
    let pmf = distribution.pmf(format)?;
    let counts = DigitCounts::new(kind, pmf.format().word_bits())?;
    let mut histogram = vec![0.0; counts.slots as usize + 1];
    for (value, probability) in pmf.iter() {
        if let Some(count) = counts.of(value) {
            histogram[count as usize] += probability;
        }
    }
    Ok(histogram)
}

/// The expected number of non-zero digits of an operand so distributed.
///
/// # Errors
/// As [`Distribution::pmf`].
pub fn expected_nonzero_digits(
    kind: EncodingKind,
    format: impl Into<Format>,
    distribution: &Distribution,
) -> Result<f64, EncodingError> {
    let histogram = nonzero_digit_histogram(kind, format, distribution)?;
    Ok(histogram.iter().enumerate().map(|(count, probability)| count as f64 * probability).sum())
}

/// For each slot, least significant first, the probability that its digit is not zero.
///
/// # Errors
/// As [`Distribution::pmf`].
pub fn slot_activity(
    kind: EncodingKind,
    format: impl Into<Format>,
    distribution: &Distribution,
) -> Result<Vec<f64>, EncodingError> {
    let encoding = kind.encoding();
    let pmf = distribution.pmf(format)?;
    let bits = pmf.format().word_bits();
    let mut digits = vec![0; encoding.slots(bits) as usize];
    let mut activity = vec![0.0; digits.len()];
    for (value, probability) in pmf.iter() {
        encoding.encode_into(value, bits, &mut digits);
        for (slot, _) in digits.iter().enumerate().filter(|&(_, &digit)| digit != 0) {
            activity[slot] += probability;
        }
    }
    Ok(activity)
}
