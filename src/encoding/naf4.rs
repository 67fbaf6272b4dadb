//! Pairs of canonical signed digits, read in radix 4.

use super::{Encoding, EncodingKind, csd::non_adjacent_form};

/// The non-adjacent form, two digits at a time.
pub(super) struct Naf4;

impl Encoding for Naf4 {
    fn kind(&self) -> EncodingKind {
        EncodingKind::Naf4
    }

    fn name(&self) -> &'static str {
        "naf-4"
    }

    fn summary(&self) -> &'static str {
        "radix 4, pairs of canonical signed digits: never more non-zero digits than booth-4 or en-t"
    }

    fn explain(&self) -> &'static str {
        "\
## What it is
The non-adjacent form (see csd) with pairs of its digits read as one radix-4 digit. Since two
neighbours are never both non-zero, a pair is worth -2 to 2.

## Digits
Radix 4, one digit for two bits (rounded up). Digits are -2, -1, 0, 1 and 2.

## Example
91 in 8 bits, digits most significant first: 2 -2 -1 -1
91 = 2 * 64 - 2 * 16 - 4 - 1.

The slots where it is not zero are a subset of those of every other radix-4 recoding with digits -2
to 2, so of booth-4 and of en-t: a schedule that skips zeros is never slower with it. Why: the
lowest digit is zero exactly when 4 divides the number, whatever the recoding, and it leaves a
choice only for numbers 4q + 2, where 2 and -2 leave the rests q and q + 1. The non-adjacent form
leaves the even one of them. Induction on the magnitude then shows both that its slots are among
those of any recoding of the same number and, for an even number, among those of any recoding of its
two neighbours.

## Hardware
One adder and two gates a bit, as csd: with h = x >> 1 (arithmetic) and s = x + h, positive bits are
s & ~h, negative bits h & ~s. For 8 bits about 14 two-input gates more than en-t, once for a shared
encoder. The multiplexer is that of booth-4.

## Source
G. W. Reitwiesner, Binary Arithmetic, Advances in Computers 1, 1960, for the form. The subset
property is proven above and checked for every value of 2 to 16 bits by this project's tests.
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
        let (positive, negative) = non_adjacent_form(value);
        for (slot, digit) in digits.iter_mut().enumerate() {
            *digit = ((positive >> (2 * slot)) & 3) as i8 - ((negative >> (2 * slot)) & 3) as i8;
        }
    }
}
