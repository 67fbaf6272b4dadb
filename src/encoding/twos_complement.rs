//! Two's complement read bit by bit.

use super::{Encoding, EncodingKind, bit};

/// The bits themselves; the top one weighs `-2^(bits-1)`.
pub(super) struct TwosComplement;

impl Encoding for TwosComplement {
    fn kind(&self) -> EncodingKind {
        EncodingKind::TwosComplement
    }

    fn name(&self) -> &'static str {
        "twos-complement"
    }

    fn summary(&self) -> &'static str {
        "radix 2, bit-serial: the bits as stored, the top one negative"
    }

    fn explain(&self) -> &'static str {
        "\
## What it is
The operand's own bits, one digit each. The top bit counts negatively: of an 8-bit operand it weighs
-128. This is the bit-serial baseline that needs no encoder.

## Digits
Radix 2, as many digits as bits. Digits are 0 and 1; the top digit is 0 or -1.

## Example
91 in 8 bits, digits most significant first: 0 1 0 1 1 0 1 1
91 = 64 + 16 + 8 + 2 + 1. Five digits are not zero. Small negative numbers are the worst case: -1
has eight.

## Hardware
No gates. A partial product is the other operand or 0 (an AND per bit), subtracted for the top
digit. There are as many partial products as bits, twice those of a radix-4 encoding, and about half
of all digits are 1 whatever the data.

## Source
The arithmetic of Stripes (Judd et al., MICRO 2016), the first of the bit-serial accelerators.
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

    fn write_digits(&self, value: i64, bits: u32, digits: &mut [i8]) {
        for (slot, digit) in digits.iter_mut().enumerate() {
            let weight_sign = if slot as u32 == bits - 1 { -1 } else { 1 };
            *digit = weight_sign * bit(value, slot as i32);
        }
    }
}
