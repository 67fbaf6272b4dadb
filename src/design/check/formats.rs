//! Formats of operands and accumulators.

use std::ops::RangeInclusive;

use serde_spanned::Spanned;

use super::Check;
use crate::design::Operands;
use crate::design::file::OperandsFile;
use crate::encoding::{Format, MAX_BITS, MIN_BITS};

/// Bits of an operand.
const OPERAND_BITS: RangeInclusive<u32> = MIN_BITS..=MAX_BITS;
/// Bits of an accumulator.
const ACCUMULATOR_BITS: RangeInclusive<u32> = 8..=64;

impl Check<'_> {
    pub(super) fn operands(&mut self, file: &OperandsFile) -> Operands {
        let known = self.mistakes.len();
        let a = self.format("a", file.a.as_ref(), Format::int(8), OPERAND_BITS);
        let b = self.format("b", file.b.as_ref(), Format::int(8), OPERAND_BITS);
        let accumulator = self.format("accumulator", file.accumulator.as_ref(), Format::int(32), ACCUMULATOR_BITS);
        let product_bits = a.product_bits(b);
        if self.mistakes.len() == known && accumulator.bits < product_bits && !file.saturate {
            let message = format!("a product of {a} and {b} does not fit in {accumulator}");
            let help = format!(
                "use `int{}` or wider; each doubling of K needs one bit more. `saturate = true` clips instead",
                ACCUMULATOR_BITS.start().max(&product_bits)
            );
            // The place is whichever key was written; the accumulator's default fits everything the defaults make.
            let place = file.accumulator.as_ref().or(file.a.as_ref()).or(file.b.as_ref());
            if let Some(written) = place {
                let label = format!("needs {product_bits} bits");
                self.mistake("design::narrow_accumulator", written, message, label, help);
            }
        }
        Operands { a, b, accumulator_bits: accumulator.bits, saturate: file.saturate }
    }

    fn format(
        &mut self,
        key: &str,
        written: Option<&Spanned<String>>,
        absent: Format,
        range: RangeInclusive<u32>,
    ) -> Format {
        let Some(written) = written else { return absent };
        let (least, greatest) = (range.start(), range.end());
        let is_operand = key != "accumulator";
        let help = match is_operand {
            true => format!("`{key}` takes `int{least}` to `int{greatest}` and `uint{least}` to `uint{greatest}`"),
            false => format!("`{key}` takes `int{least}` to `int{greatest}`"),
        };
        let text = written.get_ref();
        let (signed, digits) = match (text.strip_prefix("int"), text.strip_prefix("uint")) {
            (None, digits) => (false, digits.filter(|_| is_operand)),
            (digits, _) => (true, digits),
        };
        let digits = digits.filter(|digits| !digits.starts_with(['0', '+']));
        match digits.and_then(|digits| digits.parse::<u32>().ok()) {
            Some(bits) if range.contains(&bits) => Format { bits, signed, element: None },
            Some(bits) => {
                let message = format!("`{key}` cannot have {bits} bits");
                self.mistake("design::width_out_of_range", written, message, "out of range".to_owned(), help);
                absent
            }
            None => {
                let message = format!("unknown number format `{text}`");
                let label = match is_operand {
                    true => "integers are called `int` or `uint` and their bits",
                    false => "sums are signed: `int` and their bits",
                };
                self.mistake("design::unknown_format", written, message, label.to_owned(), help);
                absent
            }
        }
    }
}
