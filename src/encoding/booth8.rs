//! Modified Booth in radix 8.

use super::{Encoding, EncodingKind, bit};

/// Overlapping groups of four bits.
pub(super) struct Booth8;

impl Encoding for Booth8 {
    fn kind(&self) -> EncodingKind {
        EncodingKind::Booth8
    }

    fn name(&self) -> &'static str {
        "booth-8"
    }

    fn summary(&self) -> &'static str {
        "radix 8, modified Booth: digits -4..4 from overlapping groups of four bits"
    }

    fn explain(&self) -> &'static str {
        "\
## What it is
Booth recoding by three bits at a time. Digit s looks at four bits of the sign-extended operand and
is -4 x[3s+2] + 2 x[3s+1] + x[3s] + x[3s-1], where the bit below bit 0 is 0.

## Digits
Radix 8, one digit for three bits (rounded up). Digits are -4 to 4.

## Example
91 in 8 bits, digits most significant first: 1 3 3
91 = 64 + 3 * 8 + 3.

## Hardware
Fewer partial products (3 for 8 bits, where radix 4 has 4), but the digits 3 and -3 need the triple
of the other operand: a carry-propagate addition that has to be done once, ahead of the
multiplexers, and then carried to all of them.

## Source
O. L. MacSorley, High-speed arithmetic in binary computers, Proceedings of the IRE 49, 1961; the
cost of the triple is discussed by G. W. Bewick, Fast Multiplication: Algorithms and Implementation,
Stanford, 1994.
"
    }

    fn radix(&self) -> u32 {
        8
    }

    fn digit_set(&self) -> &'static [i8] {
        &[-4, -3, -2, -1, 0, 1, 2, 3, 4]
    }

    fn slots(&self, bits: u32) -> u32 {
        bits.div_ceil(3)
    }

    fn write_digits(&self, value: i64, _bits: u32, digits: &mut [i8]) {
        for (slot, digit) in digits.iter_mut().enumerate() {
            let low = 3 * slot as i32;
            *digit = -4 * bit(value, low + 2) + 2 * bit(value, low + 1) + bit(value, low) + bit(value, low - 1);
        }
    }
}
