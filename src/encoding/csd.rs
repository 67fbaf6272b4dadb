//! Canonical signed digits: the non-adjacent form.

use super::{Encoding, EncodingKind};

/// The non-adjacent form: no two neighbouring digits are both non-zero.
pub(super) struct Csd;

/// The slots with digit 1 and those with digit -1, as bit masks.
///
/// With `h = x >> 1` and `s = x + h`: `x = s - h`, and a bit set on both sides cancels.
pub(super) fn non_adjacent_form(value: i64) -> (i64, i64) {
    let half = value >> 1;
    let sum = value + half;
    (sum & !half, half & !sum)
}

impl Encoding for Csd {
    fn kind(&self) -> EncodingKind {
        EncodingKind::Csd
    }

    fn name(&self) -> &'static str {
        "csd"
    }

    fn summary(&self) -> &'static str {
        "radix 2, canonical signed digits: no two neighbours are both non-zero"
    }

    fn explain(&self) -> &'static str {
        "\
## What it is
The non-adjacent form: digits -1, 0 and 1 with never two neighbours both non-zero. Every integer has
exactly one, and no signed-binary form of that integer has fewer non-zero digits.

## Digits
Radix 2, as many digits as bits, at most half of them (rounded up) not zero. Digits are -1, 0 and 1.

## Example
91 in 8 bits, digits most significant first: 1 0 -1 0 0 -1 0 -1
91 = 128 - 32 - 4 - 1. Four digits are not zero where the binary form has five.

## Hardware
One adder and two gates a bit: with h = x >> 1 (arithmetic) and s = x + h, digit 1 stands where s &
~h, digit -1 where h & ~s. The carry of that adder is the delay. A partial product is the other
operand, its negation, or 0.

## Source
G. W. Reitwiesner, Binary Arithmetic, Advances in Computers 1, 1960, with the proof that it is
minimal.
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
        let (positive, negative) = non_adjacent_form(value);
        for (slot, digit) in digits.iter_mut().enumerate() {
            *digit = ((positive >> slot) & 1) as i8 - ((negative >> slot) & 1) as i8;
        }
    }
}
