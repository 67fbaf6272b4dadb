//! A number becomes signed digits.
//!
//! An [`Encoding`] writes a two's complement word of 2 to 17 bits (an unsigned operand of 16 bits has a word of 17) as `sum over slots of digit[slot] * radix^slot`, least
//! significant digit first. An element of an [`ElementFormat`] (fp8, MX) is decoded to a word of up to 33 bits before. There is one
//! file an encoding, one row each in the registry behind [`EncodingKind::ALL`], and exact digit statistics for any [`Distribution`] of
//! operands.

mod booth4;
mod booth8;
mod csd;
mod distribution;
mod element;
mod en_t;
mod error;
mod format;
mod gaussian;
mod naf4;
mod sign_magnitude;
mod statistics;
mod twos_complement;

use std::fmt;

pub use distribution::{Distribution, Pmf};
pub use element::{BLOCK, ElementFormat, Scaling};
pub use error::{EncodingError, error_codes};
pub use format::Format;
pub use statistics::{
    DigitCounts, count_nonzero_digits, count_nonzero_digits_of, expected_nonzero_digits, nonzero_digit_histogram,
    slot_activity, uniform_digit_histogram,
};

/// The narrowest operand, in bits.
pub const MIN_BITS: u32 = 2;
/// The widest operand, in bits.
pub const MAX_BITS: u32 = 16;
/// The widest word an encoding takes, in bits: that of an unsigned operand of [`MAX_BITS`].
pub const MAX_WORD_BITS: u32 = MAX_BITS + 1;
/// The widest word that an element format may be decoded to, in bits; that of `fp8-e5m2` needs 33.
pub const MAX_DECODED_BITS: u32 = 33;

/// Which encoding turns an operand into digits.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum EncodingKind {
    /// Radix 2, bit-serial: the bits, the top one negative.
    TwosComplement,
    /// Radix 2: the sign times the bits of the magnitude.
    SignMagnitude,
    /// Radix 2, canonical signed digits (non-adjacent form).
    Csd,
    /// Radix 4, modified Booth.
    Booth4,
    /// Radix 8, modified Booth.
    Booth8,
    /// Radix 4, EN-T: sign-magnitude with digits -1, 0, 1, 2.
    EnT,
    /// Radix 4: pairs of canonical signed digits.
    Naf4,
}

/// The registry, in the order of [`EncodingKind::ALL`].
static REGISTRY: [&dyn Encoding; 7] = [
    &twos_complement::TwosComplement,
    &sign_magnitude::SignMagnitude,
    &csd::Csd,
    &booth4::Booth4,
    &booth8::Booth8,
    &en_t::EnT,
    &naf4::Naf4,
];

impl EncodingKind {
    /// Every encoding, in the order in which they are listed.
    pub const ALL: [Self; 7] =
        [Self::TwosComplement, Self::SignMagnitude, Self::Csd, Self::Booth4, Self::Booth8, Self::EnT, Self::Naf4];

    /// The encoding itself.
    pub fn encoding(self) -> &'static dyn Encoding {
        REGISTRY[self as usize]
    }

    /// The name in a TOML and on the command line, e.g. `en-t`.
    pub fn name(self) -> &'static str {
        self.encoding().name()
    }

    /// The encoding of this name.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.name() == name)
    }
}

impl fmt::Display for EncodingKind {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(self.name())
    }
}

/// A positional number system with signed digits.
pub trait Encoding: Sync {
    /// Which one this is.
    fn kind(&self) -> EncodingKind;

    /// The name in a TOML and on the command line.
    fn name(&self) -> &'static str;

    /// One line for `list encodings`.
    fn summary(&self) -> &'static str;

    /// The page that `explain` prints: what it is, digits, example, hardware, source.
    fn explain(&self) -> &'static str;

    /// Slot `s` weighs `radix^s`.
    fn radix(&self) -> u32;

    /// Every digit that can occur at any width, ascending.
    fn digit_set(&self) -> &'static [i8];

    /// Number of digits of a `bits`-bit word.
    fn slots(&self, bits: u32) -> u32;

    /// Writes the digits of `value`, least significant first, into `digits`, which has `slots(bits)` places.
    ///
    /// Unchecked: `bits` is 2 to [`MAX_DECODED_BITS`] and `value` fits. What is wider than [`MAX_WORD_BITS`] is a decoded number of
    /// an [`ElementFormat`].
    fn write_digits(&self, value: i64, bits: u32, digits: &mut [i8]);

    /// [`write_digits`](Self::write_digits) of an integer operand: the unchecked kernel of [`Encoding::encode`].
    fn encode_into(&self, value: i32, bits: u32, digits: &mut [i8]) {
        self.write_digits(i64::from(value), bits, digits);
    }

    /// The digits of `value`, least significant first.
    ///
    /// # Errors
    /// When `bits` is not 2 to 17 or `value` does not fit in `bits` signed bits.
    fn encode(&self, value: i32, bits: u32) -> Result<Vec<i8>, EncodingError> {
        check_value(value, bits)?;
        let mut digits = vec![0; self.slots(bits) as usize];
        self.encode_into(value, bits, &mut digits);
        Ok(digits)
    }

    /// The number that digits, least significant first, stand for.
    fn decode(&self, digits: &[i8]) -> i64 {
        let radix = i64::from(self.radix());
        digits.iter().rev().fold(0, |value, &digit| value * radix + i64::from(digit))
    }

    /// How many digits of `value` are not zero; `value` fits in `bits` bits, 2 to 17.
    fn nonzero_digits(&self, value: i32, bits: u32) -> u32 {
        self.nonzero_digits_of(i64::from(value), bits)
    }

    /// [`nonzero_digits`](Self::nonzero_digits) of words of up to [`MAX_DECODED_BITS`].
    fn nonzero_digits_of(&self, value: i64, bits: u32) -> u32 {
        let mut digits = [0; MAX_DECODED_BITS as usize];
        let slots = self.slots(bits) as usize;
        self.write_digits(value, bits, &mut digits[..slots]);
        digits[..slots].iter().filter(|&&digit| digit != 0).count() as u32
    }
}

/// The least and the greatest signed value of `bits` bits, `bits` at most 31.
pub fn signed_range(bits: u32) -> (i32, i32) {
    Format::int(bits).range()
}

/// The bits that hold `value`, at least [`MIN_BITS`].
pub fn bits_needed(value: i32) -> u32 {
    let magnitude_bits = 32 - (if value < 0 { !value } else { value }).leading_zeros();
    (magnitude_bits + 1).max(MIN_BITS)
}

/// # Errors
/// When `bits` is not 2 to `greatest`.
fn check_bits(bits: u32, greatest: u32) -> Result<(), EncodingError> {
    if (MIN_BITS..=greatest).contains(&bits) { Ok(()) } else { Err(EncodingError::UnsupportedWidth { bits }) }
}

/// # Errors
/// When `bits` is not 2 to 17 or `value` does not fit.
fn check_value(value: i32, bits: u32) -> Result<(), EncodingError> {
    check_bits(bits, MAX_WORD_BITS)?;
    check_range(value, Format::int(bits))
}

/// # Errors
/// When `value` does not fit.
fn check_range(value: i32, format: Format) -> Result<(), EncodingError> {
    let (least, greatest) = format.range();
    if (least..=greatest).contains(&value) {
        Ok(())
    } else {
        Err(EncodingError::ValueOutOfRange { value, format, least, greatest })
    }
}

/// Bit `index` of `value`, sign-extended; the bit below bit 0 (`index` -1) is 0, as Booth's method wants it.
fn bit(value: i64, index: i32) -> i8 {
    if index < 0 { 0 } else { ((value >> index.min(63)) & 1) as i8 }
}
