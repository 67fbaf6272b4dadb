//! Axes and tables as texts of a process file.

use std::collections::BTreeMap;

use serde_spanned::Spanned;

use super::error::Place;
use super::lut::{Axis, Lut, LutError, is_axis};
use crate::mistake::Mistake;

/// Picoseconds in a nanosecond: tables are in the former, being shorter.
pub(super) const PS: f64 = 1000.0;

/// The axes of a file by their names.
pub(super) struct Axes<'a> {
    place: Place<'a>,
    slews: BTreeMap<String, Axis>,
    loads: BTreeMap<String, Axis>,
    none: Axis,
}

/// Of what a table's columns are.
#[derive(Clone, Copy)]
pub(super) enum Columns {
    Loads,
    Slews,
}

impl<'a> Axes<'a> {
    pub fn new(
        place: Place<'a>,
        slews: BTreeMap<String, Spanned<String>>,
        loads: BTreeMap<String, Spanned<String>>,
    ) -> Result<Axes<'a>, Mistake> {
        let read = |texts: BTreeMap<String, Spanned<String>>, scale: f64| {
            let axis = |(name, text): (String, Spanned<String>)| {
                let points = figures(Words(text.get_ref().as_bytes()), scale).filter(|points| is_axis(points));
                let points = points.ok_or_else(|| {
                    let help = "an axis holds one or more numbers, each above the one before";
                    place.mistake("process::bad_table", text.span(), format!("`{name}` is no axis"), help, "this axis")
                })?;
                Ok((name, points.into()))
            };
            texts.into_iter().map(axis).collect::<Result<BTreeMap<String, Axis>, Mistake>>()
        };
        Ok(Axes { place, slews: read(slews, PS)?, loads: read(loads, 1.0)?, none: [0.0].into() })
    }

    /// A table of delays, slews or set-up times, ps in the file.
    pub fn time(&self, text: &Spanned<String>, columns: Columns) -> Result<Lut, Mistake> {
        self.table(text, columns, PS)
    }

    /// A table of energies.
    pub fn energy(&self, text: &Spanned<String>) -> Result<Lut, Mistake> {
        self.table(text, Columns::Loads, 1.0)
    }

    fn table(&self, text: &Spanned<String>, columns: Columns, scale: f64) -> Result<Lut, Mistake> {
        let mut words = Words(self.place.table(text).as_bytes());
        let rows = self.axis(words.next().unwrap_or(""), &self.slews, text)?;
        let columns = match columns {
            Columns::Loads => &self.loads,
            Columns::Slews => &self.slews,
        };
        let columns = self.axis(words.next().unwrap_or(""), columns, text)?;
        let mistake = |message: String, help: &str| {
            self.place.mistake("process::bad_table", text.span(), message, help, "this table")
        };
        let sizes = (rows.len(), columns.len());
        let values = figures(words, scale);
        let values = values.ok_or_else(|| mistake("a figure that is no number".into(), "figures are finite"))?;
        Lut::new(rows, columns, values).map_err(|error| match error {
            LutError::Count { found, expected } => mistake(
                format!("a table with {found} figures on axes for {expected}"),
                &format!("axes of {} and {} points need {expected} figures", sizes.0, sizes.1),
            ),
            LutError::Axis | LutError::NotFinite => mistake("a figure is infinite".into(), "figures are finite"),
        })
    }

    fn axis(&self, name: &str, known: &BTreeMap<String, Axis>, text: &Spanned<String>) -> Result<Axis, Mistake> {
        if name == "-" {
            return Ok(self.none.clone());
        }
        known.get(name).cloned().ok_or_else(|| {
            let message = format!("there is no axis `{name}` of this kind");
            let help = "a table begins with the names of its axes: one of `slews-ps`, then one of `loads-ff` (for a set-up time of \
                        `slews-ps` too), or `-`";
            self.place.mistake("process::unknown_axis", text.span(), message, help, "this table")
        })
    }
}

/// The words of a text between spaces and ends of lines.
struct Words<'a>(&'a [u8]);

impl<'a> Iterator for Words<'a> {
    type Item = &'a str;

    fn next(&mut self) -> Option<&'a str> {
        let begin = self.0.iter().position(|byte| !byte.is_ascii_whitespace())?;
        let rest = &self.0[begin..];
        let end = rest.iter().position(u8::is_ascii_whitespace).unwrap_or(rest.len());
        self.0 = &rest[end..];
        std::str::from_utf8(&rest[..end]).ok()
    }
}

/// Words as numbers over `scale`.
fn figures(words: Words<'_>, scale: f64) -> Option<Vec<f64>> {
    let mut all = Vec::with_capacity(words.0.len() / 5);
    for word in words {
        all.push(figure(word)? / scale);
    }
    Some(all)
}

/// A number of few digits, without what the general way costs: a process has some hundred thousand of them.
fn figure(word: &str) -> Option<f64> {
    let (digits, negative) = word.strip_prefix('-').map_or((word, false), |rest| (rest, true));
    let (mut mantissa, mut decimals, mut point) = (0u64, 0, false);
    // Up to fifteen digits and ten to the fifteenth are exact, so that their quotient is the nearest number there is.
    if !(1..=16).contains(&digits.len()) || digits == "." {
        return word.parse().ok();
    }
    for byte in digits.bytes() {
        match byte {
            b'0'..=b'9' => {
                mantissa = 10 * mantissa + u64::from(byte - b'0');
                decimals += usize::from(point);
            }
            b'.' if !point => point = true,
            _ => return word.parse().ok(),
        }
    }
    if mantissa >= 1 << 53 {
        return word.parse().ok();
    }
    let value = mantissa as f64 / POWERS[decimals];
    Some(if negative { -value } else { value })
}

const POWERS: [f64; 17] = [1e0, 1e1, 1e2, 1e3, 1e4, 1e5, 1e6, 1e7, 1e8, 1e9, 1e10, 1e11, 1e12, 1e13, 1e14, 1e15, 1e16];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn figures_are_what_the_standard_library_reads() {
        for word in [
            "0",
            "1",
            "-1",
            "46.88",
            "1772",
            "-0.01319",
            "0.00001234",
            "123456789012345",
            "99999999999999999999",
            "1e3",
            "-2.5E-3",
            ".5",
            "5.",
            "0.1234567890123456789012345",
        ] {
            assert_eq!(figure(word), word.parse().ok(), "{word}");
        }
        for word in ["-", ".", "-.", "1.2.3", "x", "1x", "--1", "1_0"] {
            assert_eq!(figure(word), None, "{word}");
        }
    }
}
