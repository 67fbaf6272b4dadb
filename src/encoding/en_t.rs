//! EN-T: base 4 of the magnitude, with 3 written as 4 - 1.

use super::{Encoding, EncodingKind};

/// Sign times the digits -1, 0, 1, 2 of the magnitude.
pub(super) struct EnT;

impl Encoding for EnT {
    fn kind(&self) -> EncodingKind {
        EncodingKind::EnT
    }

    fn name(&self) -> &'static str {
        "en-t"
    }

    fn summary(&self) -> &'static str {
        "radix 4, EN-T: the magnitude in digits -1, 0, 1, 2, all flipped by the sign"
    }

    fn explain(&self) -> &'static str {
        "\
## What it is
The magnitude in base 4, from the bottom up: 3 becomes -1 with a carry into the next digit, 4
becomes 0 with a carry, and the top digit keeps what it has. A negative number has the digits of its
magnitude with their signs flipped.

## Digits
Radix 4, one digit for two bits (rounded up). Digits of a positive number are -1, 0, 1 and 2; of a
negative one 1, 0, -1 and -2.

## Example
91 in 8 bits, digits most significant first: 1 2 -1 -1
91 = 64 + 2 * 16 - 4 - 1. In base 4 it is 1123: the lowest 3 becomes -1 and makes the 2 above it a
3, which becomes -1 too.

## Hardware
The magnitude (a conditional negation), then two bits and a carry a digit; the carry runs through
the digits, which is why the encoder is shared and not put in every processing element. The
multiplexer of a partial product is that of booth-4. Numbers near zero, of either sign, have few
digits: 2.115 of 4 for N(0,20) in 8 bits, where booth-4 has 2.294.

## Source
EN-T: Optimizing Tensor Computing Engines Performance via Encoder-Based Methodology, ICCD 2024,
arXiv 2404.11887; the top digit follows the published Verilog.
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
        let magnitude = value.unsigned_abs();
        let sign = value.signum() as i8;
        let mut carry = 0;
        for (slot, digit) in digits.iter_mut().enumerate() {
            let base4 = ((magnitude >> (2 * slot)) & 3) as i8 + carry;
            // Never in the top slot: a magnitude is at most 2^(bits-1), so that digit is at most 2 with its carry.
            carry = i8::from(base4 >= 3);
            *digit = sign * (base4 - 4 * carry);
        }
    }
}
