//! Where in the bytes of a model something is wrong: the path to it as Python has it, and the bytes that stand there.

use std::collections::BTreeMap;
use std::fmt;
use std::io::{Read, Seek, SeekFrom};

use miette::NamedSource;

use super::skeleton::Kind;
use crate::mistake::Mistake;

/// Bytes in a line of an excerpt.
const LINE: u64 = 16;
/// Lines of an excerpt.
const LINES: u64 = 3;
/// Letters of a name in a path.
const MOST_LETTERS: usize = 60;

/// What is wrong with the bytes of a model, and where.
#[derive(Debug)]
pub(super) struct Broken {
    reason: String,
    /// The message that was being read, e.g. ``model.graph.node[3] (`fc`)``.
    within: String,
    /// Where, and how many bytes are meant.
    at: Option<(u64, u64)>,
    /// Bytes around it, from the first on.
    bytes: (u64, Vec<u8>),
}

impl From<String> for Broken {
    /// Of the file as a whole.
    fn from(reason: String) -> Self {
        Self { reason, within: String::new(), at: None, bytes: (0, Vec::new()) }
    }
}

impl fmt::Display for Broken {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(to, "{}", self.reason)?;
        match self.at {
            None => Ok(()),
            Some((at, _)) => write!(to, ", at byte {at} in {}", self.within),
        }
    }
}

impl Broken {
    /// Of some bytes, in a message.
    pub fn new(reason: String, path: &Path, at: u64, count: u64) -> Self {
        Self { reason, within: path.to_string(), at: Some((at, count.max(1))), bytes: (0, Vec::new()) }
    }

    /// The same with the bytes that stand there.
    pub fn with_bytes(mut self, reader: &mut (impl Read + Seek)) -> Self {
        let Some((at, _)) = self.at else { return self };
        let from = (at / LINE).saturating_sub(1) * LINE;
        let mut bytes = Vec::new();
        // Without them the error is less, and still one.
        let read = reader.seek(SeekFrom::Start(from)).and_then(|_| reader.take(LINE * LINES).read_to_end(&mut bytes));
        if read.is_ok() {
            self.bytes = (from, bytes);
        }
        self
    }

    /// The error with an excerpt of the file, in hexadecimal.
    pub fn shown(&self, file: &str, mistake: Mistake) -> Mistake {
        let (Some((at, count)), (from, bytes)) = (self.at, &self.bytes) else { return mistake };
        // A file that ends too early is shown at its end; an excerpt underlines bytes of one line.
        let at = at.min((from + bytes.len() as u64).saturating_sub(1));
        let meant = at..(at + count).min((at / LINE + 1) * LINE);
        let mut text = String::new();
        let mut span: Option<std::ops::Range<usize>> = None;
        for (line, of) in bytes.chunks(LINE as usize).enumerate() {
            let first = from + line as u64 * LINE;
            text += &format!("byte {first}:");
            for (place, byte) in (first..).zip(of) {
                let begins = text.len() + 1;
                text += &format!(" {byte:02x}");
                if meant.contains(&place) {
                    span = Some(span.map_or(begins, |span| span.start)..text.len());
                }
            }
            let letter = |byte: &u8| if byte.is_ascii_graphic() || *byte == b' ' { char::from(*byte) } else { '.' };
            text += &format!("  {}\n", of.iter().map(letter).collect::<String>());
        }
        match span {
            None => mistake,
            Some(span) => {
                mistake.at(NamedSource::new(format!("{file} (bytes)"), text), span, format!("in {}", self.within))
            }
        }
    }
}

/// A message within another one.
#[derive(Debug)]
struct Step {
    /// `node[3]`.
    field: String,
    /// What it is called, once that has been read.
    name: Option<String>,
    /// How often each field has occurred.
    counts: BTreeMap<u32, u64>,
}

/// The messages that are being read, the outermost first.
#[derive(Debug)]
pub(super) struct Path(Vec<Step>);

impl Path {
    pub fn new() -> Self {
        Self(vec![Step { field: "model".to_owned(), name: None, counts: BTreeMap::new() }])
    }

    /// Into a field of a message.
    pub fn enter(&mut self, kind: Kind, field: u32) {
        let index = self.0.last_mut().map_or(0, |step| {
            let count = step.counts.entry(field).or_default();
            *count += 1;
            *count - 1
        });
        let name = kind.field_name(field);
        let field = if kind.repeats(field) { format!("{name}[{index}]") } else { name };
        self.0.push(Step { field, name: None, counts: BTreeMap::new() });
    }

    /// Out of it again.
    pub fn leave(&mut self) {
        self.0.pop();
    }

    /// What the message is called.
    pub fn call(&mut self, name: &str) {
        if let Some(step) = self.0.last_mut().filter(|step| step.name.is_none() && !name.is_empty()) {
            let shown = name.chars().take(MOST_LETTERS).map(|letter| if letter.is_control() { '?' } else { letter });
            step.name = Some(shown.collect());
        }
    }
}

impl fmt::Display for Path {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (index, step) in self.0.iter().enumerate() {
            write!(to, "{}{}", if index == 0 { "" } else { "." }, step.field)?;
        }
        // Names of what is around it tell no more than its own.
        match self.0.iter().rev().find_map(|step| step.name.as_ref()) {
            None => Ok(()),
            Some(name) => write!(to, " (`{name}`)"),
        }
    }
}

/// A wire type with what it means.
pub(super) fn wire_text(wire: u64) -> String {
    let what = match wire {
        0 => "a number",
        1 => "8 bytes",
        2 => "a length and bytes",
        5 => "4 bytes",
        _ => "there is none",
    };
    format!("{wire} ({what})")
}

impl Kind {
    /// Names of fields as in onnx.proto, by their numbers.
    pub fn field_name(self, field: u32) -> String {
        let names: &[(u32, &str)] = match self {
            Self::Model => &[
                (1, "ir_version"),
                (2, "producer_name"),
                (3, "producer_version"),
                (4, "domain"),
                (5, "model_version"),
                (6, "doc_string"),
                (7, "graph"),
                (8, "opset_import"),
                (14, "metadata_props"),
                (20, "training_info"),
                (25, "functions"),
            ],
            Self::Graph => &[
                (1, "node"),
                (2, "name"),
                (5, "initializer"),
                (10, "doc_string"),
                (11, "input"),
                (12, "output"),
                (13, "value_info"),
                (14, "quantization_annotation"),
                (15, "sparse_initializer"),
            ],
            Self::Node => &[
                (1, "input"),
                (2, "output"),
                (3, "name"),
                (4, "op_type"),
                (5, "attribute"),
                (6, "doc_string"),
                (7, "domain"),
            ],
            Self::Attribute => &[
                (1, "name"),
                (2, "f"),
                (3, "i"),
                (4, "s"),
                (5, "t"),
                (6, "g"),
                (7, "floats"),
                (8, "ints"),
                (9, "strings"),
                (20, "type"),
            ],
            Self::Tensor => &[
                (1, "dims"),
                (2, "data_type"),
                (4, "float_data"),
                (5, "int32_data"),
                (6, "string_data"),
                (7, "int64_data"),
                (8, "name"),
                (9, "raw_data"),
                (10, "double_data"),
                (11, "uint64_data"),
                (13, "external_data"),
                (14, "data_location"),
            ],
            Self::Entry => &[(1, "key"), (2, "value")],
            Self::ValueInfo => &[(1, "name"), (2, "type"), (3, "doc_string")],
            Self::Type => &[(1, "tensor_type"), (4, "sequence_type"), (5, "map_type"), (6, "denotation")],
            Self::TensorType => &[(1, "elem_type"), (2, "shape")],
            Self::Shape => &[(1, "dim")],
            Self::Dim => &[(1, "dim_value"), (2, "dim_param"), (3, "denotation")],
        };
        let known = names.iter().find(|(number, _)| *number == field);
        known.map_or_else(|| format!("<field {field}>"), |(_, name)| (*name).to_owned())
    }

    /// Whether there can be several of a field.
    fn repeats(self, field: u32) -> bool {
        matches!(
            (self, field),
            (Self::Graph, 1 | 5 | 11..=13) | (Self::Node, 1 | 2 | 5) | (Self::Tensor, 13) | (Self::Shape, 1)
        )
    }

    /// Whether a field is what a message is called by.
    pub fn is_name(self, field: u32) -> bool {
        matches!((self, field), (Self::Node, 3) | (Self::Attribute | Self::ValueInfo, 1) | (Self::Tensor, 8))
    }

    /// Whether a field is text.
    pub fn is_text(self, field: u32) -> bool {
        match self {
            Self::Node => matches!(field, 1..=4 | 7),
            Self::Entry => matches!(field, 1 | 2),
            Self::ValueInfo | Self::Attribute => field == 1,
            Self::Tensor => field == 8,
            Self::Dim => field == 2,
            _ => false,
        }
    }
}
