//! Formats of operands and accumulators.

use std::ops::RangeInclusive;

use serde_spanned::Spanned;

use super::Check;
use crate::design::file::OperandsFile;
use crate::design::{Design, Operands, engine_spec};
use crate::encoding::{BLOCK, ElementFormat, Format, MAX_BITS, MAX_DECODED_BITS, MIN_BITS};
use crate::engine::parts::encoder::EncoderPorts;
use crate::engine::{Array, Dataflow, EncoderPlace, Family, Operand};

/// Bits of an operand.
const OPERAND_BITS: RangeInclusive<u32> = MIN_BITS..=MAX_BITS;
/// Bits of an accumulator.
const ACCUMULATOR_BITS: RangeInclusive<u32> = 8..=64;

impl Check<'_> {
    pub(super) fn operands(&mut self, file: &OperandsFile) -> Operands {
        let known = self.mistakes.len();
        let a = self.format("a", file.a.as_ref(), Format::int(8), OPERAND_BITS);
        let b = self.format("b", file.b.as_ref(), Format::int(8), OPERAND_BITS);
        let a = self.word("a", a, file.a_word.as_ref());
        let b = self.word("b", b, file.b_word.as_ref());
        let accumulator = self.format("accumulator", file.accumulator.as_ref(), Format::int(32), ACCUMULATOR_BITS);
        let product_bits = a.product_bits(b);
        if self.mistakes.len() == known && product_bits > *ACCUMULATOR_BITS.end() {
            let message = format!("a product of {a} and {b} does not fit in 64 bits");
            let help = format!(
                "words of {a} have {} bits, those of {b} {}: make one of them a format with fewer, such as `fp8-e4m3` (19) or \
                 `mxfp6-e2m3` (7)",
                a.word_bits(),
                b.word_bits()
            );
            // One of them was written: the default has 8 bits.
            if let Some(written) = file.b.as_ref().or(file.a.as_ref()) {
                self.mistake("design::wide_product", written, message, format!("needs {product_bits} bits"), help);
            }
            return Operands { a, b, accumulator_bits: accumulator.bits, saturate: file.saturate };
        }
        if self.mistakes.len() == known && accumulator.bits < product_bits && !file.saturate {
            let message = format!("a product of {a} and {b} does not fit in {accumulator}");
            let least = ACCUMULATOR_BITS.start().max(&product_bits);
            let help = match a.is_blocked() || b.is_blocked() {
                true => format!(
                    "use `int{least}` or wider, `int{}` for a block of {BLOCK}. `saturate = true` clips instead",
                    (product_bits + BLOCK.ilog2()).min(*ACCUMULATOR_BITS.end())
                ),
                false => format!(
                    "use `int{least}` or wider; each doubling of K needs one bit more. `saturate = true` clips instead"
                ),
            };
            // The place is whichever key was written; the accumulator's default fits everything the defaults make.
            let place = file.accumulator.as_ref().or(file.a.as_ref()).or(file.b.as_ref());
            if let Some(written) = place {
                let label = format!("needs {product_bits} bits");
                self.mistake("design::narrow_accumulator", written, message, label, help);
            }
        }
        Operands { a, b, accumulator_bits: accumulator.bits, saturate: file.saturate }
    }

    /// The format with the word that it is decoded to as wide as the design says.
    fn word(&mut self, key: &str, format: Format, written: Option<&Spanned<u32>>) -> Format {
        let Some(written) = written else { return format };
        let Some(element) = format.element else {
            let message = format!("`{key}-word` is for formats that are decoded, and `{key}` is {format}");
            let help = format!(
                "remove it: the words of an integer format are as wide as its name says, such as `{key} = \"int16\"`"
            );
            self.mistake("design::bad_word", written, message, "there is no decoder".to_owned(), help);
            return format;
        };
        let (bits, least) = (*written.get_ref(), element.word_bits());
        if !(least..=MAX_DECODED_BITS).contains(&bits) {
            let message = format!("{element} cannot be decoded to words of {bits} bits");
            let help = format!("`{key}-word` takes {least} to {MAX_DECODED_BITS}; without it words have {least} bits");
            self.mistake("design::bad_word", written, message, "out of range".to_owned(), help);
            return format;
        }
        Format { bits, ..format }
    }

    /// What makes of two operands no word of 64 bits holds, once their array and encoding are known.
    pub(super) fn words_fit(&mut self, design: &Design, file: &OperandsFile) {
        let Some(written) = file.a.as_ref().or(file.b.as_ref()) else { return };
        let spec = engine_spec(design);
        let select_lines = |kind, format: Format| EncoderPorts::new(kind, format.word_bits()).word_bits();
        let encoded = if spec.encoded == Operand::A { design.operands.a } else { design.operands.b };
        // Where terms are taken, and in the PEs of dense arrays, an encoder's lines stay words of their own.
        let is_apart = match (spec.array, spec.encoder_place()) {
            (_, EncoderPlace::Stored) => false,
            (Array::Laconic { .. } | Array::Pragmatic { .. }, _) => true,
            (_, place) => place == EncoderPlace::Pe && spec.family() == Family::Dense,
        };
        if let Some(kind) = spec.encoding
            && !is_apart
            && select_lines(kind, encoded) > 64
        {
            let message = format!("the digits of {encoded} under {kind} do not fit in 64 bits");
            let label = format!("needs {} select lines", select_lines(kind, encoded));
            let help = "choose an encoding of radix 4, such as `kind = \"naf-4\"`, or `twos-complement`".to_owned();
            self.mistake("design::wide_digits", written, message, label, help);
        }
        // Where an operand stays, a partial sum is added.
        let partial = u32::from(spec.dataflow() != Dataflow::OutputStationary);
        let sum_bits = spec.longest_sum_bits() + partial;
        if design.operands.saturate && sum_bits > 64 {
            let operands = design.operands;
            let message = format!("clipped sums of {} and {} do not fit in 64 bits", operands.a, operands.b);
            let help = "sums inside are as wide as the longest tile needs, so that only results are clipped: remove `saturate`, \
                        choose a narrower format, or fewer `array.length-bits`";
            self.mistake("design::wide_product", written, message, format!("need {sum_bits} bits"), help.to_owned());
        }
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
            true => format!(
                "`{key}` takes `int{least}` to `int{greatest}`, `uint{least}` to `uint{greatest}` and {}",
                ElementFormat::ALL.map(|element| format!("`{element}`")).join(", ")
            ),
            false => format!("`{key}` takes `int{least}` to `int{greatest}`"),
        };
        let text = written.get_ref();
        if let Some(element) = ElementFormat::from_name(text).filter(|_| is_operand) {
            return Format::of(element);
        }
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
                    true => "integers are called `int` or `uint` and their bits, floats as in `fp8-e4m3`",
                    false => "sums are signed: `int` and their bits",
                };
                self.mistake("design::unknown_format", written, message, label.to_owned(), help);
                absent
            }
        }
    }
}
