//! Modified Booth in radix 4.

use super::{Encoding, EncodingKind, bit};

/// Overlapping groups of three bits.
pub(super) struct Booth4;

impl Encoding for Booth4 {
    fn kind(&self) -> EncodingKind {
        EncodingKind::Booth4
    }

    fn name(&self) -> &'static str {
        "booth-4"
    }

    fn summary(&self) -> &'static str {
        "radix 4, modified Booth: digits -2..2 from overlapping groups of three bits"
    }

    fn explain(&self) -> &'static str {
        "\
## What it is
Modified Booth recoding. Digit s looks at three bits of the sign-extended operand, 2s+1, 2s and 2s-1
(the bit below bit 0 is 0), and is -2 x[2s+1] + x[2s] + x[2s-1]. All digits are found at once,
without a carry.

## Digits
Radix 4, one digit for two bits (rounded up). Digits are -2, -1, 0, 1 and 2.

## Example
91 in 8 bits, digits most significant first: 1 2 -1 -1
91 = 64 + 2 * 16 - 4 - 1.

## Hardware
A few gates a digit, one level deep in the operand: the lines `one`, `two` and `negative`. A partial
product is 0, the other operand or its double, perhaps negated: a multiplexer and an exclusive-or a
bit. The workhorse of parallel multipliers. On uniform data a digit is zero one time in four, the
least often of the radix-4 encodings here.

## Source
A. D. Booth, A signed binary multiplication technique, 1951; O. L. MacSorley, High-speed arithmetic
in binary computers, Proceedings of the IRE 49, 1961, for the radix-4 form.
"
    }

    fn radix(&self) -> u32 {
        4
    }

    fn digit_set(&self) -> &'static [i8] {
        &[-2, -1, 0, 1, 2]
    }

    fn slots(&self, bits: u32) -> u32 {
        bits.div_ceil(2)
    }

    fn write_digits(&self, value: i64, _bits: u32, digits: &mut [i8]) {
        for (slot, digit) in digits.iter_mut().enumerate() {
            let low = 2 * slot as i32;
            *digit = -2 * bit(value, low + 1) + bit(value, low) + bit(value, low - 1);
        }
    }
}
