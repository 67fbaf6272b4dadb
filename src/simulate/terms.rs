//! Operands as signed powers of two.

use crate::encoding::{EncodingError, EncodingKind};

/// The terms of a number: bit i of `terms` stands for 2^i, or -2^i where `negative` has it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignedTerms {
    /// Where there is a term.
    pub terms: u32,
    /// Which of them are negative.
    pub negative: u32,
}

impl SignedTerms {
    /// The terms of `value` under a radix-2 encoding of words of `bits` bits.
    ///
    /// # Errors
    /// What [`Encoding::encode`](crate::encoding::Encoding::encode) says.
    pub fn new(kind: EncodingKind, value: i32, bits: u32) -> Result<Self, EncodingError> {
        Ok(Self::of_digits(&kind.encoding().encode(value, bits)?))
    }

    /// The terms that digits of a radix-2 encoding are, the least significant first.
    pub fn of_digits(digits: &[i8]) -> Self {
        let bits = |holds: &dyn Fn(i8) -> bool| {
            (0..).zip(digits).filter(|&(_, &digit)| holds(digit)).fold(0, |word, (slot, _)| word | 1 << slot)
        };
        Self { terms: bits(&|digit| digit != 0), negative: bits(&|digit| digit < 0) }
    }

    /// How many there are.
    pub fn count(self) -> u32 {
        self.terms.count_ones()
    }
}
