//! Headers of `.npy` arrays.

use std::io::{self, Cursor, Read};

use npyz::{DType, Endianness, NpyHeader, Order, TypeChar};

use super::{dtype::Dtype, fault::Fault, stored::Stored};
use crate::workload::Origin;

/// Headers of plain arrays have about 100 bytes; numpy itself refuses more than 10,000.
const GREATEST_HEADER: usize = 4096;
/// Letters of a type that an error shows.
const MOST_LETTERS: usize = 60;

/// Reads a header; the reader then stands before the first value.
///
/// # Errors
/// What is no header; other things than numbers that are read.
pub(super) fn header(reader: &mut dyn Read) -> Result<Stored, Fault> {
    let bytes = header_bytes(reader)?;
    let header = NpyHeader::from_reader(Cursor::new(bytes)).map_err(|error| {
        // Parsers show what they read on lines of their own.
        let reason = error.to_string();
        Fault::Format(format!(
            "its header: {}",
            reason.lines().next().unwrap_or_default().trim_end_matches([' ', ':', '-', '>'])
        ))
    })?;
    let dtype = header.dtype();
    let (plain, described) = match &dtype {
        DType::Plain(plain) => (Some(plain), dtype.descr()),
        DType::Array(..) | DType::Record(_) => (None, dtype.descr()),
    };
    let known = plain.and_then(|plain| match (plain.type_char(), plain.size_field()) {
        (TypeChar::Bool, 1) => Some(Dtype::Bool),
        (TypeChar::Int, 1) => Some(Dtype::Int8),
        (TypeChar::Int, 2) => Some(Dtype::Int16),
        (TypeChar::Int, 4) => Some(Dtype::Int32),
        (TypeChar::Int, 8) => Some(Dtype::Int64),
        (TypeChar::Uint, 1) => Some(Dtype::Uint8),
        (TypeChar::Uint, 2) => Some(Dtype::Uint16),
        (TypeChar::Uint, 4) => Some(Dtype::Uint32),
        (TypeChar::Uint, 8) => Some(Dtype::Uint64),
        (TypeChar::Float, 2) => Some(Dtype::Float16),
        (TypeChar::Float, 4) => Some(Dtype::Float32),
        (TypeChar::Float, 8) => Some(Dtype::Float64),
        _ => None,
    });
    let Some(known) = known else {
        let what = match plain.map(|plain| plain.type_char()) {
            None => "records",
            Some(TypeChar::Complex) => "complex numbers",
            Some(TypeChar::ByteStr | TypeChar::UnicodeStr) => "text",
            Some(TypeChar::Object) => "Python objects",
            Some(TypeChar::TimeDelta | TypeChar::DateTime) => "times",
            Some(_) => "numbers",
        };
        let described: String = described.chars().take(MOST_LETTERS).collect();
        return Err(Fault::Dtype {
            holds: format!("{what} of type {described}"),
            help: Origin::Toml.types().to_owned(),
        });
    };
    Ok(Stored {
        dtype: known,
        big_endian: plain.is_some_and(|plain| plain.endianness() == Endianness::Big),
        fortran: header.order() == Order::Fortran,
        shape: header.shape().to_vec(),
    })
}

/// The bytes up to the values, looked over before the parser sees them: it takes the memory that a header asks for, and
/// multiplies extents without a check.
fn header_bytes(reader: &mut dyn Read) -> Result<Vec<u8>, Fault> {
    let invalid = |reason: &str| Fault::Format(reason.to_owned());
    let exact = |reader: &mut dyn Read, bytes: &mut [u8], short: &str| {
        reader.read_exact(bytes).map_err(|error| match error.kind() {
            io::ErrorKind::UnexpectedEof => Fault::Format(short.to_owned()),
            _ => Fault::from(error),
        })
    };
    let mut bytes = vec![0; 10];
    exact(reader, &mut bytes, "it is empty, or shorter than a header")?;
    if bytes.starts_with(b"PK\x03\x04") {
        return Err(invalid("it is a zip archive; name it as npz = \"..\" if numpy.savez wrote it"));
    }
    if !bytes.starts_with(b"\x93NUMPY") {
        return Err(invalid("it does not begin with \\x93NUMPY"));
    }
    if !(1..=3).contains(&bytes[6]) {
        let version = bytes[6];
        return Err(Fault::NotRead(format!("its format has the version {version}, and 1 to 3 are read")));
    }
    let mut length = u32::from(bytes[8]) | u32::from(bytes[9]) << 8;
    if bytes[6] >= 2 {
        let mut rest = [0; 2];
        exact(reader, &mut rest, "it ends inside its header")?;
        bytes.extend(rest);
        length |= u32::from(rest[0]) << 16 | u32::from(rest[1]) << 24;
    }
    if length as usize > GREATEST_HEADER {
        return Err(Fault::NotRead(format!(
            "its header claims {length} bytes, more than the {GREATEST_HEADER} that are read"
        )));
    }
    let begin = bytes.len();
    bytes.resize(begin + length as usize, 0);
    exact(reader, &mut bytes[begin..], "it ends inside its header")?;
    let header = &bytes[begin..];
    let nesting = header.iter().filter(|byte| b"([{".contains(byte)).count();
    if nesting > 16 {
        return Err(invalid("its header is nested too deeply"));
    }
    let mut numbers = header.split(|byte| !byte.is_ascii_digit()).filter(|digits| !digits.is_empty());
    let product = numbers.try_fold(1_u64, |product, digits| {
        let number: u64 = std::str::from_utf8(digits).ok()?.parse().ok()?;
        product.checked_mul(number.max(1))
    });
    if product.is_none_or(|product| product > 1 << 60) {
        return Err(invalid("its shape is too large"));
    }
    Ok(bytes)
}
