//! The sign times the bits of the magnitude.

use super::{Encoding, EncodingKind};

/// Bits of the magnitude, all with the sign of the number.
pub(super) struct SignMagnitude;

impl Encoding for SignMagnitude {
    fn kind(&self) -> EncodingKind {
        EncodingKind::SignMagnitude
    }

    fn name(&self) -> &'static str {
        "sign-magnitude"
    }

    fn summary(&self) -> &'static str {
        "radix 2: the bits of the magnitude, each with the sign of the number"
    }

    fn explain(&self) -> &'static str {
        "\
## What it is
The magnitude in binary, every digit with the sign of the number. Numbers near zero have few digits
on both sides of it, unlike in two's complement.

## Digits
Radix 2, as many digits as bits. Digits are -1, 0 and 1, all of one sign. Only the most negative
value uses the top digit: its magnitude needs all the bits.

## Example
91 in 8 bits, digits most significant first: 0 1 0 1 1 0 1 1
91 = 64 + 16 + 8 + 2 + 1. Five digits are not zero, and so are five of -91.

## Hardware
A conditional negation of the operand (one exclusive-or a bit and an incrementer), then no gates a
digit. A partial product is the other operand, its negation, or 0.

## Source
The essential bits of Pragmatic (Albericio et al., MICRO 2017), without its recoding.
"
    }

    fn radix(&self) -> u32 {
        2
    }

    fn digit_set(&self) -> &'static [i8] {
        &[-1, 0, 1]
    }

    fn slots(&self, bits: u32) -> u32 {
        bits
    }

    fn write_digits(&self, value: i64, _bits: u32, digits: &mut [i8]) {
        let magnitude = value.unsigned_abs();
        let sign = value.signum() as i8;
        for (slot, digit) in digits.iter_mut().enumerate() {
            *digit = sign * ((magnitude >> slot) & 1) as i8;
        }
    }
}
