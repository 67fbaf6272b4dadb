//! Formats of operands and of results: integers, and what is decoded to integers.

use std::fmt;

use super::{ElementFormat, EncodingError, Scaling, check_bits, check_range};

/// A format: integers, two's complement (`int8`) or never negative (`uint8`), or elements that are decoded to integers (`mxfp4`).
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Format {
    /// Bits of an integer as it is stored; of a decoded one as the engine is given it.
    pub bits: u32,
    /// Whether the top bit weighs negatively; decoded integers are signed.
    pub signed: bool,
    /// How elements are decoded, where they are no integers.
    pub element: Option<ElementFormat>,
}

impl Format {
    /// Two's complement, `bits` bits.
    pub const fn int(bits: u32) -> Self {
        Self { bits, signed: true, element: None }
    }

    /// Unsigned, `bits` bits.
    pub const fn uint(bits: u32) -> Self {
        Self { bits, signed: false, element: None }
    }

    /// Elements that are decoded to words of as few bits as hold them.
    pub const fn of(element: ElementFormat) -> Self {
        Self { bits: element.word_bits(), signed: true, element: Some(element) }
    }

    /// Bits of an element as it is stored, and on the ports of an engine.
    pub const fn stored_bits(self) -> u32 {
        match self.element {
            Some(element) => element.code_bits(),
            None => self.bits,
        }
    }

    /// The number of an element: an integer itself, or what it is decoded to.
    pub const fn value(self, element: i32) -> i64 {
        match self.element {
            Some(format) => format.value(element),
            None => element as i64,
        }
    }

    /// Whether blocks along K have exponents of their own.
    pub fn is_blocked(self) -> bool {
        self.element.is_some_and(|element| element.scaling() == Scaling::Block)
    }

    /// Bits of the two's complement word that holds every value: one more than is stored when unsigned.
    pub const fn word_bits(self) -> u32 {
        self.bits + if self.signed { 0 } else { 1 }
    }

    /// The least and the greatest value of an integer (at most 31 bits) or element: what is stored.
    pub const fn range(self) -> (i32, i32) {
        if let Some(element) = self.element {
            return element.element_range();
        }
        match self.signed {
            true => (-(1 << (self.bits - 1)), (1 << (self.bits - 1)) - 1),
            false => (0, ((1_i64 << self.bits) - 1) as i32),
        }
    }

    /// Bits of the two's complement word that holds every product of a value of this format and one of `other`.
    pub const fn product_bits(self, other: Self) -> u32 {
        // The greatest product of two unsigned words needs all of their bits, and a 0 above them.
        self.bits + other.bits + if self.signed || other.signed { 0 } else { 1 }
    }

    /// # Errors
    /// When it is no format of an operand, or `value` is outside of its range.
    pub fn check_value(self, value: i32) -> Result<(), EncodingError> {
        check_range(value, self.check()?)
    }

    /// # Errors
    /// When it is no format of an operand, or `element` is no integer in its range or no number of what is decoded.
    pub fn check_element(self, element: i32) -> Result<(), EncodingError> {
        match self.element {
            Some(format) if format.is_number(element) => Ok(()),
            Some(format) => {
                let (least, greatest) = format.element_range();
                Err(EncodingError::NotANumber { element, format, least, greatest })
            }
            None => self.check_value(element),
        }
    }

    /// # Errors
    /// When it is no integer format of an operand: 2 to 16 bits.
    pub(super) fn check(self) -> Result<Self, EncodingError> {
        if self.element.is_some() {
            return Err(EncodingError::UnsupportedWidth { bits: self.bits });
        }
        check_bits(self.bits, super::MAX_BITS)?;
        Ok(self)
    }
}

/// A bare number of bits is signed.
impl From<u32> for Format {
    fn from(bits: u32) -> Self {
        Self::int(bits)
    }
}

/// As in a TOML: `int8`, `uint8`, `mxfp4`.
impl fmt::Display for Format {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        if let Some(element) = self.element {
            return element.fmt(formatter);
        }
        write!(formatter, "{}{}", if self.signed { "int" } else { "uint" }, self.bits)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_bits_of_a_product_are_exactly_those_that_the_extremes_need() {
        let formats = |bits| [Format::int(bits), Format::uint(bits)];
        for (a, b) in (2..=6).flat_map(formats).flat_map(|a| (2..=6).flat_map(formats).map(move |b| (a, b))) {
            let ends = |format: Format| [format.range().0, format.range().1];
            let needed = ends(a).into_iter().flat_map(|x| ends(b).map(|y| super::super::bits_needed(x * y))).max();
            assert_eq!(needed, Some(a.product_bits(b)), "{a} by {b}");
        }
    }

    #[test]
    fn the_word_of_a_format_holds_its_range_and_no_narrower_one_does() {
        for format in [Format::int(2), Format::int(16), Format::uint(2), Format::uint(16)] {
            let (least, greatest) = format.range();
            let needed = super::super::bits_needed(least).max(super::super::bits_needed(greatest));
            assert_eq!(needed, format.word_bits(), "{format}");
        }
    }
}
