//! Tensors in `.safetensors` files: the length of a header in 8 bytes, the header in JSON, the values.
//!
//! Only the header and the values of one tensor are read, so a file may be larger than memory; the package of the format
//! wants all of it there. What is checked of the offsets is the same: they leave no hole, do not overlap, and end with the file.

use std::{
    collections::BTreeMap,
    fmt,
    io::{self, Read, SeekFrom},
};

use serde::{
    Deserialize, Deserializer,
    de::{Error, IgnoredAny, MapAccess},
};

use super::{
    dtype::Dtype,
    fault::Fault,
    request::{ReadSeek, Visitor},
    stored::Stored,
};
use crate::workload::Origin;

/// Headers of models of 100,000 tensors are smaller.
const GREATEST_HEADER: u64 = 16 << 20;
/// The length of the header.
const LENGTH_BYTES: u64 = 8;

/// A tensor in the header.
#[derive(Debug, Deserialize)]
struct Entry {
    dtype: String,
    shape: Vec<u64>,
    /// From the first byte of the values to behind the last, counted from the end of the header.
    data_offsets: [u64; 2],
}

/// All tensors by name.
#[derive(Debug)]
struct Header(BTreeMap<String, Entry>);

impl<'de> Deserialize<'de> for Header {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_map(Entries)
    }
}

/// Reads the entries without `__metadata__`, which holds remarks.
struct Entries;

impl<'de> serde::de::Visitor<'de> for Entries {
    type Value = Header;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("an object of tensors")
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Header, A::Error> {
        let mut entries = BTreeMap::new();
        while let Some(name) = map.next_key::<String>()? {
            if name == "__metadata__" {
                map.next_value::<IgnoredAny>()?;
            } else if let Some(_twice) = entries.insert(name.clone(), map.next_value::<Entry>()?) {
                return Err(A::Error::custom(format!("`{name}` occurs twice")));
            }
        }
        Ok(Header(entries))
    }
}

/// Calls `each` with the tensor of this name.
///
/// # Errors
/// A header that is none, or whose offsets are wrong; no such tensor; a type that is not read; what `each` says.
pub(super) fn visit(mut reader: Box<dyn ReadSeek>, name: Option<&str>, each: &mut Visitor<'_>) -> Result<(), Fault> {
    let unreadable = |error: io::Error| Fault::Unreadable(error.to_string());
    let length = reader.seek(SeekFrom::End(0)).map_err(unreadable)?;
    reader.rewind().map_err(unreadable)?;
    let mut size = [0; LENGTH_BYTES as usize];
    if length < LENGTH_BYTES {
        return Err(Fault::Format(format!("it has {length} bytes, and the length of a header takes 8")));
    }
    reader.read_exact(&mut size)?;
    let size = u64::from_le_bytes(size);
    if size > length - LENGTH_BYTES {
        return Err(Fault::Format(format!("its header claims {size} bytes, and the file has {length}")));
    }
    if size > GREATEST_HEADER {
        return Err(Fault::Format(format!("its header has {size} bytes, more than {GREATEST_HEADER}")));
    }
    let mut header = vec![0; size as usize];
    reader.read_exact(&mut header)?;
    let Header(entries) =
        serde_json::from_slice(&header).map_err(|error| Fault::Format(format!("its header: {error}")))?;
    check(&entries, length - LENGTH_BYTES - size)?;
    let Some(entry) = name.and_then(|name| entries.get(name)) else {
        return Err(Fault::Unknown { known: entries.into_keys().collect() });
    };
    let dtype = match entry.dtype.as_str() {
        "BOOL" => Dtype::Bool,
        "I8" => Dtype::Int8,
        "U8" => Dtype::Uint8,
        "I16" => Dtype::Int16,
        "U16" => Dtype::Uint16,
        "I32" => Dtype::Int32,
        "U32" => Dtype::Uint32,
        "I64" => Dtype::Int64,
        "U64" => Dtype::Uint64,
        "F8_E4M3" => Dtype::Float8E4m3,
        "F8_E5M2" => Dtype::Float8E5m2,
        "F16" => Dtype::Float16,
        "BF16" => Dtype::Bfloat16,
        "F32" => Dtype::Float32,
        "F64" => Dtype::Float64,
        other => {
            let other: String = other.chars().take(20).collect();
            return Err(Fault::Dtype {
                holds: format!("numbers of type {other}"),
                help: Origin::Toml.types().to_owned(),
            });
        }
    };
    let stored = Stored { dtype, big_endian: false, fortran: false, shape: entry.shape.clone() };
    let [begin, end] = entry.data_offsets;
    reader.seek(SeekFrom::Start(LENGTH_BYTES + size + begin)).map_err(unreadable)?;
    each(&stored, &mut reader.take(end - begin))
}

/// Checks that the tensors stand one behind the other and fill the `length` bytes behind the header, and that each has
/// the bytes of its shape.
fn check(entries: &BTreeMap<String, Entry>, length: u64) -> Result<(), Fault> {
    let mut in_order: Vec<(&String, &Entry)> = entries.iter().collect();
    in_order.sort_by_key(|(_, entry)| entry.data_offsets);
    let mut upto = 0;
    for (name, entry) in in_order {
        let [begin, end] = entry.data_offsets;
        if begin < upto {
            return Err(Fault::Format(format!("`{name}` begins at byte {begin}, inside the tensor before it")));
        }
        if begin > upto {
            return Err(Fault::Format(format!("bytes {upto} to {begin} before `{name}` belong to no tensor")));
        }
        if end < begin {
            return Err(Fault::Format(format!("`{name}` ends at byte {end}, before it begins")));
        }
        if end > length {
            return Err(Fault::Length(format!(
                "is cut: `{name}` ends at byte {end} of its values, and there are {length}"
            )));
        }
        let numbers = entry.shape.iter().try_fold(1_u64, |product, &extent| product.checked_mul(extent));
        let claimed = numbers.and_then(|numbers| numbers.checked_mul(bits(&entry.dtype)?)).map(|bits| bits.div_ceil(8));
        if bits(&entry.dtype).is_some() && claimed != Some(end - begin) {
            let held = end - begin;
            return Err(Fault::Format(format!("the shape of `{name}` does not fit its {held} bytes")));
        }
        upto = end;
    }
    if upto < length {
        return Err(Fault::Format(format!("{} bytes behind its last tensor belong to none", length - upto)));
    }
    Ok(())
}

/// Bits of a number of each type of the format; newer types are not checked.
fn bits(dtype: &str) -> Option<u64> {
    Some(match dtype {
        "F4" => 4,
        "F6_E2M3" | "F6_E3M2" => 6,
        "BOOL" | "I8" | "U8" | "F8_E5M2" | "F8_E4M3" | "F8_E8M0" => 8,
        "I16" | "U16" | "F16" | "BF16" => 16,
        "I32" | "U32" | "F32" => 32,
        "I64" | "U64" | "F64" | "C64" => 64,
        _ => return None,
    })
}
