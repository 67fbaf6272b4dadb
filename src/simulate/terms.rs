//! Operands as signed powers of two.

use crate::encoding::EncodingKind;

/// The terms of a number: bit i of `terms` stands for 2^i, or -2^i where `negative` has it too.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct SignedTerms {
    /// Where there is a term.
    pub terms: u64,
    /// Which of them are negative.
    pub negative: u64,
}

impl SignedTerms {
    /// The terms of `value`, which fits, under a radix-2 encoding of words of `bits` bits.
    pub fn new(kind: EncodingKind, value: i64, bits: u32) -> Self {
        let mut digits = vec![0; kind.encoding().slots(bits) as usize];
        kind.encoding().write_digits(value, bits, &mut digits);
        Self::of_digits(&digits)
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
