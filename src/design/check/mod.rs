//! From what is written to what it means, with every mistake that can be found at once.

mod array;
mod formats;
mod memory;
mod parameters;

use serde_spanned::Spanned;

use super::document::Document;
use super::file::{DesignFile, RESETS, encoding_names, transform_names};
use super::{Design, EncodingChoice, Rtl, engine_spec, operand_name, reset_name};
use crate::encoding::EncodingKind;
use crate::engine::{Array, EngineError, Family, Operand};
use crate::mistake::{Mistake, did_you_mean};
use crate::netlist::ResetKind;
use crate::notation::Code;

/// Longest name of a design.
const NAME_LENGTH: usize = 48;

/// The design a file means.
pub(super) fn check(document: &Document, file: &DesignFile) -> Result<Design, Vec<Mistake>> {
    let mut check = Check { document, mistakes: Vec::new() };
    let array = check.array(&file.array);
    let design = Design {
        name: check.name(&file.name),
        transforms: file.transforms.iter().map(|name| check.transform(name)).collect(),
        operands: check.operands(&file.operands),
        encoding: EncodingChoice {
            operand: check.operand(file.encoding.operand.as_ref()),
            kind: check.encoding(file.encoding.kind.as_ref(), array.kind),
        },
        array,
        parameters: check.parameters(file),
        memory: check.memory(file.memory.as_ref()),
        rtl: Rtl {
            clock_period_ns: check.clock(file.rtl.clock_period_ns.as_ref()),
            reset: check.reset(file.rtl.reset.as_ref()),
        },
    };
    if check.mistakes.is_empty() {
        check.size_of_the_whole(&design, file);
        check.transforms_apply(&design, file);
        check.encoding_fits(&design, file);
        check.groups_fit(&design, file);
        check.words_fit(&design, &file.operands);
    }
    check.mistakes.sort_by_key(Mistake::start);
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

    fn operand(&mut self, written: Option<&Spanned<String>>) -> Operand {
        let operands = [Operand::A, Operand::B];
        written
            .and_then(|written| self.name_of("design::unknown_operand", "operand", written, operands.map(operand_name)))
            .map_or(Operand::A, |index| operands[index])
    }

    fn encoding(&mut self, written: Option<&Spanned<String>>, array: Array) -> Option<EncodingKind> {
        let Some(written) = written else {
            return Some(match array {
                Array::Stripes { .. } => EncodingKind::TwosComplement,
                Array::Pragmatic { .. } | Array::Laconic { .. } => EncodingKind::Csd,
                _ => EncodingKind::Booth4,
            });
        };
        self.name_of("design::unknown_encoding", "encoding", written, encoding_names());
        EncodingKind::from_name(written.get_ref())
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

    /// One of a table's choices; the first if there is a mistake, which is then kept.
    fn choice<T: Copy>(
        &mut self,
        (code, noun): (&str, &str),
        written: Option<&Spanned<String>>,
        table: &[(&'static str, T)],
        absent: T,
    ) -> T {
        written
            .and_then(|written| self.name_of(code, noun, written, table.iter().map(|(name, _)| *name)))
            .map_or(absent, |index| table[index].1)
    }

    /// Asks the nest whether each transform applies to what those before it left.
    fn transforms_apply(&mut self, design: &Design, file: &DesignFile) {
        let spec = engine_spec(design);
        for (index, written) in file.transforms.iter().enumerate() {
            let mut spec = spec.clone();
            spec.transforms.truncate(index + 1);
            if let Err(EngineError::Nest(error)) = spec.nests() {
                let message = format!("`{}` does not apply: it {}", error.transform, error.needs);
                let place = written.span();
                // What this transform would do may be how the array is from the start.
                let listed_before = file.transforms[..index].iter().any(|before| before.get_ref() == written.get_ref());
                let help = match error.code {
                    Code::AlreadyApplied if !listed_before => {
                        let what = match error.transform {
                            "share-encoder" => "shares its encoders",
                            _ => "is so",
                        };
                        format!("remove it: the array `{}` {what} already", design.array.kind.name())
                    }
                    _ => error.help,
                };
                self.mistakes.push(self.document.mistake(error.code.name(), place, message, error.has, help));
                return;
            }
        }
    }

    /// Bit-serial arrays take some encodings, and of some operands only.
    fn encoding_fits(&mut self, design: &Design, file: &DesignFile) {
        const CODE: &str = "design::encoding_of_array";
        let mut spec_with_digits = engine_spec(design);
        spec_with_digits.encoding.get_or_insert(EncodingKind::ALL[0]);
        let name = design.array.kind.name();
        let (serial, legal): (String, &[EncodingKind]) = match design.array.kind {
            Array::Stripes { .. } => (name.to_owned(), &[EncodingKind::TwosComplement]),
            Array::Pragmatic { .. } | Array::Laconic { .. } => {
                let radix_2 = &[EncodingKind::TwosComplement, EncodingKind::SignMagnitude, EncodingKind::Csd];
                (name.to_owned(), radix_2)
            }
            // Without digits the nest does not exist: it is asked with some.
            _ if spec_with_digits.family() == Family::Serial && !spec_with_digits.takes_values() => {
                (format!("a {name} array that skips zero digits"), &EncodingKind::ALL)
            }
            _ => return,
        };
        let takes_any = legal.len() == EncodingKind::ALL.len();
        let legal: Vec<&str> = legal.iter().map(|kind| kind.name()).collect();
        let kind = super::encoding_name(design.encoding.kind);
        if let (Some(written), false) = (&file.encoding.kind, legal.contains(&kind)) {
            let message = format!("{serial} cannot take digits of `{kind}`");
            let label = match design.array.kind {
                _ if takes_any => "there would be no digits to skip",
                Array::Stripes { .. } => "it takes the bits of an operand one by one",
                _ => "its terms are signed powers of two",
            };
            self.mistake(CODE, written, message, label.to_owned(), format!("`kind` is one of: {}", legal.join(", ")));
        }
        if let (Some(written), Operand::B) = (&file.encoding.operand, design.encoding.operand) {
            let (message, label, help) = match design.array.kind {
                Array::Laconic { .. } => (
                    format!("{serial} encodes both operands"),
                    "there is nothing to choose",
                    "remove `operand`: terms of A and of B are taken, `kind` is of both",
                ),
                _ => (
                    format!("{serial} encodes operand `a`"),
                    "digits of `b` are not taken one by one",
                    "set `operand = \"a\"`; to skip the digits of B, multiply the transposes: C^T = B^T A^T",
                ),
            };
            self.mistake(CODE, written, message, label.to_owned(), help.to_owned());
        }
    }
}
