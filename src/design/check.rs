//! From what is written to what it means, with every mistake that can be found at once.

use std::ops::RangeInclusive;

use serde_spanned::Spanned;

use super::document::Document;
use super::file::{DATAFLOWS, DesignFile, RESETS, encoding_names, transform_names};
use super::{Array, ArrayKind, Design, EncodingChoice, MAX_SIZE, Operands, Rtl, engine_spec, operand_name, reset_name};
use crate::encoding::{EncodingKind, MAX_BITS, MIN_BITS};
use crate::engine::{Dataflow, EngineError, Operand};
use crate::mistake::{Mistake, did_you_mean};
use crate::netlist::ResetKind;

/// Bits of an operand.
const OPERAND_BITS: RangeInclusive<u32> = MIN_BITS..=MAX_BITS;
/// Bits of an accumulator.
const ACCUMULATOR_BITS: RangeInclusive<u32> = 8..=64;
/// Longest name of a design.
const NAME_LENGTH: usize = 48;

/// The design a file means.
pub(super) fn check(document: &Document, file: &DesignFile) -> Result<Design, Vec<Mistake>> {
    let mut check = Check { document, mistakes: Vec::new() };
    let design = Design {
        name: check.name(&file.name),
        transforms: file.transforms.iter().map(|name| check.transform(name)).collect(),
        operands: check.operands(file),
        encoding: EncodingChoice {
            operand: check.operand(file.encoding.operand.as_ref()),
            kind: check.encoding(file.encoding.kind.as_ref()),
        },
        array: Array {
            kind: check.array_kind(file.array.kind.as_ref()),
            dataflow: check.dataflow(&file.array.dataflow),
            rows: check.size("rows", &file.array.rows),
            cols: check.size("cols", &file.array.cols),
        },
        rtl: Rtl {
            clock_period_ns: check.clock(file.rtl.clock_period_ns.as_ref()),
            reset: check.reset(file.rtl.reset.as_ref()),
        },
    };
    if check.mistakes.is_empty() {
        check.transforms_apply(&design, file);
    }
    if check.mistakes.is_empty() { Ok(design) } else { Err(check.mistakes) }
}

/// Collects mistakes; each question answers with something harmless where it found one.
struct Check<'d> {
    document: &'d Document,
    mistakes: Vec<Mistake>,
}

impl Check<'_> {
    fn mistake<T>(&mut self, code: &str, at: &Spanned<T>, message: String, label: String, help: String) {
        self.mistakes.push(self.document.mistake(code, at.span(), message, label, help));
    }

    /// One of several names.
    fn name_of<'n>(
        &mut self,
        code: &str,
        noun: &str,
        written: &Spanned<String>,
        names: impl IntoIterator<Item = &'n str>,
    ) -> Option<usize> {
        let names: Vec<&str> = names.into_iter().collect();
        let found = names.iter().position(|name| name == written.get_ref());
        if found.is_none() {
            let label = did_you_mean(written.get_ref(), names.iter().copied(), "there is no such name");
            let message = format!("unknown {noun} `{}`", written.get_ref());
            self.mistake(code, written, message, label, format!("one of: {}", names.join(", ")));
        }
        found
    }

    fn name(&mut self, written: &Spanned<String>) -> String {
        let name = written.get_ref();
        let words_are_good = name.split('-').all(|word| {
            !word.is_empty() && word.chars().all(|letter| letter.is_ascii_lowercase() || letter.is_ascii_digit())
        });
        let good = words_are_good && name.starts_with(|first: char| first.is_ascii_lowercase());
        if !good || name.len() > NAME_LENGTH {
            let label =
                if good { format!("more than {NAME_LENGTH} characters") } else { "not in kebab case".to_owned() };
            let message = format!("a design cannot be called `{name}`");
            let help =
                "lower-case letters and digits in words joined by single dashes, a letter first, such as `opt1-os`";
            self.mistake("design::bad_name", written, message, label, help.to_owned());
        }
        name.clone()
    }

    fn transform(&mut self, written: &Spanned<String>) -> String {
        self.name_of("design::unknown_transform", "transform", written, transform_names());
        written.get_ref().clone()
    }

    fn operands(&mut self, file: &DesignFile) -> Operands {
        let known = self.mistakes.len();
        let a_bits = self.bits("a", file.operands.a.as_ref(), 8, OPERAND_BITS);
        let b_bits = self.bits("b", file.operands.b.as_ref(), 8, OPERAND_BITS);
        let accumulator_bits = self.bits("accumulator", file.operands.accumulator.as_ref(), 32, ACCUMULATOR_BITS);
        if self.mistakes.len() == known && accumulator_bits < a_bits + b_bits {
            let product = a_bits + b_bits;
            let message = format!("a product of int{a_bits} and int{b_bits} does not fit in int{accumulator_bits}");
            let help = format!(
                "use `int{}` or wider; each doubling of K needs one bit more",
                ACCUMULATOR_BITS.start().max(&product)
            );
            // The place is whichever key was written; the accumulator's default fits everything the defaults make.
            let place = file.operands.accumulator.as_ref().or(file.operands.a.as_ref()).or(file.operands.b.as_ref());
            if let Some(written) = place {
                self.mistake("design::narrow_accumulator", written, message, format!("needs {product} bits"), help);
            }
        }
        Operands { a_bits, b_bits, accumulator_bits }
    }

    fn bits(&mut self, key: &str, written: Option<&Spanned<String>>, absent: u32, range: RangeInclusive<u32>) -> u32 {
        let Some(written) = written else { return absent };
        let help = format!("`{key}` takes `int{}` to `int{}`", range.start(), range.end());
        let digits = written.get_ref().strip_prefix("int").filter(|digits| !digits.starts_with(['0', '+']));
        match digits.and_then(|digits| digits.parse::<u32>().ok()) {
            Some(bits) if range.contains(&bits) => bits,
            Some(bits) => {
                let message = format!("`{key}` cannot have {bits} bits");
                self.mistake("design::width_out_of_range", written, message, "out of range".to_owned(), help);
                absent
            }
            None => {
                let message = format!("unknown number format `{}`", written.get_ref());
                let label = "signed integers are called `int` and their bits".to_owned();
                self.mistake("design::unknown_format", written, message, label, help);
                absent
            }
        }
    }

    fn operand(&mut self, written: Option<&Spanned<String>>) -> Operand {
        let operands = [Operand::A, Operand::B];
        written
            .and_then(|written| self.name_of("design::unknown_operand", "operand", written, operands.map(operand_name)))
            .map_or(Operand::A, |index| operands[index])
    }

    fn encoding(&mut self, written: Option<&Spanned<String>>) -> Option<EncodingKind> {
        let Some(written) = written else { return Some(EncodingKind::Booth4) };
        self.name_of("design::unknown_encoding", "encoding", written, encoding_names());
        EncodingKind::from_name(written.get_ref())
    }

    fn array_kind(&mut self, written: Option<&Spanned<String>>) -> ArrayKind {
        written
            .and_then(|written| {
                self.name_of("design::unknown_array", "array", written, ArrayKind::ALL.map(ArrayKind::name))
            })
            .map_or(ArrayKind::Systolic, |index| ArrayKind::ALL[index])
    }

    fn dataflow(&mut self, written: &Spanned<String>) -> Dataflow {
        self.name_of("design::unknown_dataflow", "dataflow", written, DATAFLOWS.map(Dataflow::name))
            .map_or(Dataflow::OutputStationary, |index| DATAFLOWS[index])
    }

    fn size(&mut self, key: &str, written: &Spanned<i64>) -> u32 {
        match u32::try_from(*written.get_ref()) {
            Ok(size) if (1..=MAX_SIZE).contains(&size) => size,
            _ => {
                let message = format!("an array cannot have {} {key}", written.get_ref());
                let help = format!("`{key}` takes 1 to {MAX_SIZE}; larger problems are tiled onto the array");
                self.mistake("design::size_out_of_range", written, message, "out of range".to_owned(), help);
                1
            }
        }
    }

    fn clock(&mut self, written: Option<&Spanned<f64>>) -> f64 {
        let Some(written) = written else { return 1.0 };
        let period_ns = *written.get_ref();
        // The constraints file has four decimals: a much shorter period would be written as 0.
        if !(0.001..=1000.0).contains(&period_ns) {
            let message = format!("a clock cannot have a period of {period_ns} ns");
            let help = "`clock-period-ns` takes 0.001 to 1000".to_owned();
            self.mistake("design::bad_clock", written, message, "out of range".to_owned(), help);
        }
        period_ns
    }

    fn reset(&mut self, written: Option<&Spanned<String>>) -> ResetKind {
        written
            .and_then(|written| self.name_of("design::unknown_reset", "reset", written, RESETS.map(reset_name)))
            .map_or(ResetKind::AsyncLow, |index| RESETS[index])
    }

    /// Asks the nest whether each transform applies to what those before it left.
    fn transforms_apply(&mut self, design: &Design, file: &DesignFile) {
        for (index, written) in file.transforms.iter().enumerate() {
            let mut spec = engine_spec(design);
            spec.transforms.truncate(index + 1);
            if let Err(EngineError::Nest(error)) = spec.nests() {
                let message = format!("`{}` does not apply: it {}", error.transform, error.needs);
                let place = written.span();
                self.mistakes.push(self.document.mistake(error.code.name(), place, message, error.has, error.help));
                return;
            }
        }
    }
}
