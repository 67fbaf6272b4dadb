//! `encode`: the digits of a number.

use clap::Args;
use serde_json::{Value, json};

use super::session::Session;
use super::{Exit, Failure};
use crate::encoding::{Encoding, EncodingKind, Format, bits_needed};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// An integer
    #[arg(allow_negative_numbers = true)]
    value: i32,
    /// Bits of the operand, 2 to 16; 8 if absent, or more when the value needs them
    #[arg(long, value_name = "N")]
    bits: Option<u32>,
    /// The operand is unsigned: encoded as a word with a 0 above its top bit
    #[arg(long)]
    unsigned: bool,
}

/// One encoding's digits, least significant first.
struct Row {
    encoding: &'static dyn Encoding,
    digits: Vec<i8>,
    nonzero: usize,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let format = format_of(typed);
    format.check_value(typed.value).map_err(Failure::one)?;
    let mut rows = Vec::new();
    for encoding in EncodingKind::ALL.map(EncodingKind::encoding) {
        let digits = encoding.encode(typed.value, format.word_bits()).map_err(Failure::one)?;
        let nonzero = digits.iter().filter(|&&digit| digit != 0).count();
        rows.push(Row { encoding, digits, nonzero });
    }
    if session.json {
        let encodings: Vec<Value> = rows
            .iter()
            .map(|row| {
                json!({
                    "name": row.encoding.name(), "radix": row.encoding.radix(), "digits": row.digits,
                    "nonzero_digits": row.nonzero
                })
            })
            .collect();
        let value = typed.value;
        session.answer_json(&json!({
            "format_version": 1, "value": value, "bits": format.bits, "signed": format.signed, "encodings": encodings
        }))?;
    } else {
        session.answer(&table(typed.value, format, &rows))?;
    }
    Ok(Exit::Done)
}

/// 8 bits, or more when the value needs them, unless it was said.
fn format_of(typed: &Typed) -> Format {
    let needed = bits_needed(typed.value) - u32::from(typed.unsigned);
    Format { bits: typed.bits.unwrap_or(needed.max(8)), signed: !typed.unsigned, element: None }
}

fn table(value: i32, format: Format, rows: &[Row]) -> String {
    let digits = |row: &Row| row.digits.iter().rev().map(|digit| format!("{digit:>2}")).collect::<Vec<_>>().join(" ");
    let width = rows.iter().map(|row| digits(row).len()).max().unwrap_or(0);
    let mut text = format!("{value} as {format}, most significant digit first\n\n");
    text.push_str(&format!("{:<16} radix  {:<width$}  non-zero\n", "encoding", "digits"));
    for row in rows {
        let (name, radix, nonzero) = (row.encoding.name(), row.encoding.radix(), row.nonzero);
        text.push_str(&format!("{name:<16} {radix:>5}  {:>width$}  {nonzero:>8}\n", digits(row)));
    }
    text
}
