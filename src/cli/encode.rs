//! `encode`: the digits of a number.

use clap::{Args, builder::PossibleValuesParser};
use serde_json::{Value, json};

use super::session::Session;
use super::{Exit, Failure};
use crate::encoding::{ElementFormat, Encoding, EncodingKind, Format, bits_needed};

#[derive(Args, Debug)]
pub(super) struct Typed {
    /// An integer; with `--as` the code of an element
    #[arg(allow_negative_numbers = true)]
    value: i32,
    /// Bits of the operand, 2 to 16; 8 if absent, or more when the value needs them
    #[arg(long, value_name = "N")]
    bits: Option<u32>,
    /// The operand is unsigned: encoded as a word with a 0 above its top bit
    #[arg(long)]
    unsigned: bool,
    /// The value is an element of this format, which is decoded: mxfp4, fp8-e4m3, ...
    #[arg(long = "as", value_name = "FORMAT", value_parser = PossibleValuesParser::new(ElementFormat::ALL.map(ElementFormat::name)), conflicts_with_all = ["bits", "unsigned"])]
    element: Option<String>,
}

/// One encoding's digits, least significant first.
struct Row {
    encoding: &'static dyn Encoding,
    digits: Vec<i8>,
    nonzero: usize,
}

pub(super) fn run(typed: &Typed, session: &Session) -> Result<Exit, Failure> {
    let format = format_of(typed);
    format.check_element(typed.value).map_err(Failure::one)?;
    let mut rows = Vec::new();
    for encoding in EncodingKind::ALL.map(EncodingKind::encoding) {
        let mut digits = vec![0; encoding.slots(format.word_bits()) as usize];
        encoding.write_digits(format.value(typed.value), format.word_bits(), &mut digits);
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
        let mut answer = json!({
            "format_version": 1, "value": value, "bits": format.bits, "signed": format.signed, "encodings": encodings
        });
        if let Some(element) = format.element {
            answer["format"] = Value::from(element.name());
            answer["decoded"] = Value::from(element.value(value));
            answer["fraction_bits"] = Value::from(element.fraction_bits());
        }
        session.answer_json(&answer)?;
    } else {
        session.answer(&table(typed.value, format, &rows))?;
    }
    Ok(Exit::Done)
}

/// 8 bits, or more when the value needs them, unless it was said.
fn format_of(typed: &Typed) -> Format {
    if let Some(element) = typed.element.as_deref().and_then(ElementFormat::from_name) {
        return Format::of(element);
    }
    let needed = bits_needed(typed.value) - u32::from(typed.unsigned);
    Format { bits: typed.bits.unwrap_or(needed.max(8)), signed: !typed.unsigned, element: None }
}

fn table(value: i32, format: Format, rows: &[Row]) -> String {
    let digits = |row: &Row| row.digits.iter().rev().map(|digit| format!("{digit:>2}")).collect::<Vec<_>>().join(" ");
    let width = rows.iter().map(|row| digits(row).len()).max().unwrap_or(0);
    let number = match format.element {
        Some(element) => {
            let (decoded, unit) = (element.value(value), element.fraction_bits());
            let real = decoded as f64 / f64::from(1 << unit);
            format!("{value} as {format}: {real}, which is {decoded} * 2^-{unit}")
        }
        None => format!("{value} as {format}"),
    };
    let mut text = format!("{number}, most significant digit first\n\n");
    text.push_str(&format!("{:<16} radix  {:<width$}  non-zero\n", "encoding", "digits"));
    for row in rows {
        let (name, radix, nonzero) = (row.encoding.name(), row.encoding.radix(), row.nonzero);
        text.push_str(&format!("{name:<16} {radix:>5}  {:>width$}  {nonzero:>8}\n", digits(row)));
    }
    text
}
