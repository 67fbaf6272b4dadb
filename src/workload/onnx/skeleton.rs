//! A model file without the values of its tensors: what is decoded, however large the weights are.
//!
//! The file is read once, as a stream. Of the messages that are known the fields that are known are copied, and a field that holds
//! values becomes its place in the file. So memory is that of the graph, which is bounded, and a model of gigabytes takes no
//! more than its nodes do.

use std::io::{self, BufRead, Read, Seek, SeekFrom};

use prost::Message;
use prost::encoding::{WireType, encode_key, encode_varint};

use super::place::{Broken, Path, wire_text};
use super::proto::{Model, Span};

/// Bytes of a graph without its values.
const MOST_BYTES: usize = 32 << 20;
/// Messages and texts of a graph.
const MOST_PARTS: usize = 1 << 20;
/// Messages within messages.
const MOST_LEVELS: usize = 48;
/// The field of a tensor where a [`Span`] stands.
const SPAN_FIELD: u32 = 5001;
/// Protocol buffers are no larger.
const MOST_FILE: u64 = 1 << 31;

/// What a length-delimited field is to the copy.
#[derive(Clone, Copy)]
enum Part {
    Message(Kind),
    /// A text, or packed numbers.
    Bytes,
    /// Values of a tensor.
    Values,
}

/// A kind of message whose fields are known.
#[derive(Clone, Copy, Debug)]
pub(super) enum Kind {
    Model,
    Graph,
    Node,
    Attribute,
    Tensor,
    Entry,
    ValueInfo,
    Type,
    TensorType,
    Shape,
    Dim,
}

impl Kind {
    /// What a field is; `None` if it is not read.
    fn part(self, field: u32) -> Option<Part> {
        use Part::{Bytes, Message, Values};
        Some(match (self, field) {
            (Self::Model, 7) => Message(Self::Graph),
            (Self::Graph, 1) => Message(Self::Node),
            (Self::Graph, 5) | (Self::Attribute, 5) => Message(Self::Tensor),
            (Self::Graph, 11..=13) => Message(Self::ValueInfo),
            (Self::Node, 1..=4 | 7) | (Self::Entry, 1 | 2) | (Self::ValueInfo, 1) => Bytes,
            (Self::Node, 5) => Message(Self::Attribute),
            (Self::Attribute, 1 | 4 | 7 | 8) | (Self::Tensor, 1 | 8) | (Self::Dim, 2) => Bytes,
            (Self::Attribute, 6) => Message(Self::Graph),
            (Self::Tensor, 4 | 5 | 7 | 9 | 10 | 11) => Values,
            (Self::Tensor, 13) => Message(Self::Entry),
            (Self::ValueInfo, 2) => Message(Self::Type),
            (Self::Type, 1) => Message(Self::TensorType),
            (Self::TensorType, 2) => Message(Self::Shape),
            (Self::Shape, 1) => Message(Self::Dim),
            _ => return None,
        })
    }

    /// The wire types that a field can have; none if it is not read.
    fn wires(self, field: u32) -> &'static [u64] {
        match (self, field) {
            // Lists of numbers stand packed, or one a field.
            (Self::Attribute, 7) => &[2, 5],
            (Self::Attribute, 8) | (Self::Tensor, 1) => &[2, 0],
            (Self::Tensor, 4) => &[2, 5],
            (Self::Tensor, 10) => &[2, 1],
            (Self::Tensor, 5 | 7 | 11) => &[2, 0],
            (Self::Attribute, 2) => &[5],
            _ if self.part(field).is_some() => &[2],
            _ if self.has_number(field) => &[0],
            _ => &[],
        }
    }

    /// Whether a field that is one number is read.
    fn has_number(self, field: u32) -> bool {
        matches!(
            (self, field),
            (Self::Attribute, 2 | 3 | 7 | 8) | (Self::Tensor, 1 | 2 | 14) | (Self::TensorType, 1) | (Self::Dim, 1)
        )
    }
}

/// Why a file is no model.
#[derive(Debug)]
pub(super) enum Unfit {
    /// The system's reason.
    Unreadable(String),
    /// What is wrong with its bytes, and where.
    Format(Broken),
    /// It is larger than what is read.
    TooLarge(String),
}

/// Reads a model without its values.
///
/// # Errors
/// Bytes that are no model; a graph that is larger than what is read.
pub(super) fn read(reader: &mut (impl BufRead + Seek)) -> Result<Model, Unfit> {
    let length = reader.seek(SeekFrom::End(0)).map_err(|error| Unfit::Unreadable(error.to_string()))?;
    if length > MOST_FILE {
        return Err(Unfit::TooLarge(format!("it has {length} bytes, more than the 2 GiB of a protocol buffer")));
    }
    if length == 0 {
        return Err(Unfit::Format("it is empty".to_owned().into()));
    }
    reader.rewind().map_err(|error| Unfit::Unreadable(error.to_string()))?;
    let mut copy = Copy { reader, at: 0, bytes: 0, parts: 0, path: Path::new() };
    let skeleton = copy.message(Kind::Model, length, 0).map_err(|unfit| match unfit {
        Unfit::Format(broken) => Unfit::Format(broken.with_bytes(copy.reader)),
        unfit => unfit,
    })?;
    Model::decode(skeleton.as_slice()).map_err(|error| Unfit::Format(error.to_string().into()))
}

/// The copying of a file, and how much of it there is.
struct Copy<'r, R> {
    reader: &'r mut R,
    at: u64,
    bytes: usize,
    parts: usize,
    path: Path,
}

impl<R: BufRead + Seek> Copy<'_, R> {
    /// The fields of a message up to byte `end` of the file.
    fn message(&mut self, kind: Kind, end: u64, level: usize) -> Result<Vec<u8>, Unfit> {
        if level > MOST_LEVELS {
            return Err(self.broken(self.at, 1, format!("its messages are nested more than {MOST_LEVELS} deep")));
        }
        let mut copy = Vec::new();
        while self.at < end {
            let start = self.at;
            let key = self.varint(end)?;
            let field = u32::try_from(key >> 3).ok().filter(|&field| field > 0);
            let Some(field) = field else {
                return Err(self.broken(start, self.at - start, "no field has such a number".to_owned()));
            };
            let wire = key & 7;
            let expected = kind.wires(field);
            if !matches!(wire, 0 | 1 | 2 | 5) || !expected.is_empty() && !expected.contains(&wire) {
                let wanted: Vec<String> = expected.iter().map(|&wire| wire_text(wire)).collect();
                let wanted =
                    if wanted.is_empty() { String::new() } else { format!(" instead of {}", wanted.join(" or ")) };
                let name = kind.field_name(field);
                let reason = format!("`{name}` has the wire type {}{wanted}", wire_text(wire));
                return Err(self.broken(start, self.at - start, reason));
            }
            match wire {
                0 => {
                    let value = self.varint(end)?;
                    if kind.has_number(field) {
                        self.take(16, 0)?;
                        encode_key(field, WireType::Varint, &mut copy);
                        encode_varint(value, &mut copy);
                    }
                }
                wire @ (1 | 5) => {
                    let (width, wire) =
                        if wire == 1 { (8, WireType::SixtyFourBit) } else { (4, WireType::ThirtyTwoBit) };
                    let bytes = self.exact(width, end)?;
                    if kind.has_number(field) {
                        self.take(16, 0)?;
                        encode_key(field, wire, &mut copy);
                        copy.extend(bytes);
                    }
                }
                2 => {
                    let length = self.varint(end)?;
                    let Some(stop) = self.at.checked_add(length).filter(|&stop| stop <= end) else {
                        let (left, name) = (end - self.at, kind.field_name(field));
                        let reason = format!(
                            "`{name}` claims {length} bytes, and there are {left}: the file was cut, or is no model"
                        );
                        return Err(self.broken(start, self.at - start, reason));
                    };
                    let part = match kind.part(field) {
                        None => {
                            self.skip(length)?;
                            continue;
                        }
                        Some(Part::Message(of)) => {
                            self.take(16, 1)?;
                            self.path.enter(kind, field);
                            let copied = self.message(of, stop, level + 1)?;
                            self.path.leave();
                            copied
                        }
                        Some(Part::Bytes) => {
                            self.take(length as usize, 1)?;
                            let bytes = self.exact(length, end)?;
                            if kind.is_text(field) {
                                let Ok(text) = std::str::from_utf8(&bytes) else {
                                    let reason = format!("`{}` is no text in UTF-8", kind.field_name(field));
                                    return Err(self.broken(self.at - length, length, reason));
                                };
                                if kind.is_name(field) {
                                    self.path.call(text);
                                }
                            }
                            bytes
                        }
                        Some(Part::Values) => {
                            self.take(48, 1)?;
                            let span = Span { field, offset: self.at, length };
                            self.skip(length)?;
                            encode_key(SPAN_FIELD, WireType::LengthDelimited, &mut copy);
                            encode_varint(span.encoded_len() as u64, &mut copy);
                            copy.extend(span.encode_to_vec());
                            continue;
                        }
                    };
                    encode_key(field, WireType::LengthDelimited, &mut copy);
                    encode_varint(part.len() as u64, &mut copy);
                    copy.extend(part);
                }
                // Refused above.
                _ => {}
            }
            if let (Kind::Tensor, 0 | 1 | 5, 4 | 5 | 7 | 10 | 11) = (kind, wire, field) {
                let reason = format!("`{}` has one value a field, not all packed in one", kind.field_name(field));
                return Err(self.broken(start, self.at - start, reason));
            }
        }
        Ok(copy)
    }

    /// An error about some bytes of the message that is being read.
    fn broken(&self, at: u64, count: u64, reason: String) -> Unfit {
        Unfit::Format(Broken::new(reason, &self.path, at, count))
    }

    /// What the system says about reading, or that there is no more to read.
    fn unread(&self, error: &io::Error) -> Unfit {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => self.broken(self.at, 1, "it ends inside a field: it was cut".to_owned()),
            _ => Unfit::Unreadable(error.to_string()),
        }
    }

    /// Counts what is copied, before it is.
    fn take(&mut self, bytes: usize, parts: usize) -> Result<(), Unfit> {
        self.bytes = self.bytes.saturating_add(bytes);
        self.parts += parts;
        if self.bytes > MOST_BYTES || self.parts > MOST_PARTS {
            return Err(Unfit::TooLarge(format!(
                "its graph, without the values of tensors, has more than {} MiB or {MOST_PARTS} parts",
                MOST_BYTES >> 20
            )));
        }
        Ok(())
    }

    /// A number of up to ten bytes.
    fn varint(&mut self, end: u64) -> Result<u64, Unfit> {
        let start = self.at;
        let mut value = 0_u64;
        for shift in (0..70).step_by(7) {
            if self.at >= end {
                return Err(self.broken(start, self.at - start, "a number goes on behind its message".to_owned()));
            }
            let mut byte = [0];
            self.reader.read_exact(&mut byte).map_err(|error| self.unread(&error))?;
            self.at += 1;
            let [byte] = byte;
            value |= u64::from(byte & 127).checked_shl(shift).unwrap_or(0);
            if byte < 128 {
                return Ok(value);
            }
        }
        Err(self.broken(start, self.at - start, "a number has more than ten bytes".to_owned()))
    }

    /// The next bytes; the budget has been asked before.
    fn exact(&mut self, length: u64, end: u64) -> Result<Vec<u8>, Unfit> {
        if end - self.at < length {
            return Err(self.broken(self.at, end - self.at, "a field goes on behind its message".to_owned()));
        }
        let mut bytes = vec![0; length as usize];
        self.reader.read_exact(&mut bytes).map_err(|error| self.unread(&error))?;
        self.at += length;
        Ok(bytes)
    }

    fn skip(&mut self, length: u64) -> Result<(), Unfit> {
        // Within the file, which has at most 2 GiB.
        self.reader.seek_relative(length as i64).map_err(|error| Unfit::Unreadable(error.to_string()))?;
        self.at += length;
        Ok(())
    }
}

/// Numbers of up to ten bytes each, one after the other.
pub(super) fn varints(bytes: &mut dyn Read, mut each: impl FnMut(u64)) -> io::Result<()> {
    let (mut value, mut shift) = (0_u64, 0_u32);
    let mut chunk = [0; 4096];
    loop {
        let count = bytes.read(&mut chunk)?;
        if count == 0 {
            break;
        }
        for &byte in &chunk[..count] {
            if shift > 63 {
                return Err(io::Error::new(io::ErrorKind::InvalidData, "a number has more than ten bytes"));
            }
            value |= u64::from(byte & 127) << shift;
            shift += 7;
            if byte < 128 {
                each(value);
                (value, shift) = (0, 0);
            }
        }
    }
    match shift {
        0 => Ok(()),
        _ => Err(io::Error::new(io::ErrorKind::InvalidData, "its last number is cut")),
    }
}
