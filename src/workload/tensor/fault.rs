//! What is wrong with a file, and the error about the line of the workload that names it.

use std::io;

use miette::SourceSpan;

use super::{Container, Request};
use crate::{
    encoding::Format,
    mistake::{Mistake, did_you_mean},
    workload::{FileError, FileText, Origin, WorkloadError},
};

pub(super) const SHAPES: &str = "a is M x K, b is K x N, bias has N values, labels have M";
pub(super) const VECTOR_TYPES: &str = "labels are integers: e.g. array.astype(numpy.int32)";
/// What is said of a label or a value of a bias that is longer.
pub(super) fn beyond_32_bits(value: i128) -> Fault {
    let help = "labels are numbers of classes, and the integers of a bias have at most 32 bits: mend the array";
    Fault::Dtype { holds: format!("the number {value}"), help: help.to_owned() }
}
pub(super) const BIAS_TYPES: &str = "real numbers are added where both operands are quantised from real numbers, and no \
                                     multiplier follows; else a bias is integers in units of scale(A) * scale(B), e.g. \
                                     numpy.rint(array).astype(numpy.int32)";
/// Why a number that stays real cannot be taken.
pub(super) const BEYOND_SINGLE: &str = "is beyond single precision";
pub(super) const PACKED_TYPES: &str = "packed values stand two a byte, in uint8 or int8";

/// Names that a help lists at most.
const MOST_NAMES: usize = 12;

/// What is wrong with a file.
#[derive(Debug)]
pub(in crate::workload) enum Fault {
    /// It cannot be opened or read.
    Unreadable(String),
    /// It is not what its name says.
    Format(String),
    /// It is, and is written as this program does not read it.
    NotRead(String),
    /// It holds other things than numbers that are read.
    Dtype { holds: String, help: String },
    /// Another shape.
    Shape { found: String, transpose: bool, wanted: String, help: String },
    /// Too few or too many bytes.
    Length(String),
    /// No tensor of this name, or no name.
    Unknown { known: Vec<String> },
    /// A real that has no integer, by its row and column in the file.
    Real { place: (usize, usize), value: f64, reason: &'static str },
    /// Reals that are too small to be scaled.
    Subnormal { peak: f64 },
    /// How reals become elements is said, and the format says it too.
    Scheme { format: Format },
    /// Codes where there are none, or not as the format has them.
    Codes { format: Format, help: &'static str },
    /// A code that is no number, by its place in the operand.
    Code { row: usize, col: usize, value: i32, format: Format },
    /// A shared exponent that is NaN, by its place.
    Exponent { row: usize, col: usize },
    /// An integer that the operand cannot hold, by its place there.
    Range { row: usize, col: usize, value: i128 },
}

impl From<io::Error> for Fault {
    fn from(error: io::Error) -> Self {
        match error.kind() {
            io::ErrorKind::UnexpectedEof => Self::Format("it ends too early".to_owned()),
            // Only values of models are wider than what is multiplied.
            io::ErrorKind::Unsupported => {
                let help =
                    "operands have at most 16 bits: export the model with narrower integers, or with weights in float";
                Self::Dtype { holds: error.to_string(), help: help.to_owned() }
            }
            io::ErrorKind::InvalidData | io::ErrorKind::InvalidInput | io::ErrorKind::Other => {
                Self::Format(error.to_string())
            }
            _ => Self::Unreadable(error.to_string()),
        }
    }
}

/// What is wrong with a tensor, where no line of a workload names it.
pub(in crate::workload) fn in_words(fault: Fault) -> String {
    match fault {
        Fault::Unreadable(reason) => format!("cannot read {reason}"),
        Fault::Format(reason) | Fault::NotRead(reason) => reason,
        Fault::Length(reason) => format!("the file {reason}"),
        Fault::Dtype { holds, .. } => format!("it holds {holds}"),
        Fault::Shape { found, .. } => format!("it has the shape {found}"),
        Fault::Unknown { .. } => "it is not there".to_owned(),
        Fault::Real { value, reason, .. } => format!("{value:?} {reason}"),
        Fault::Subnormal { peak } => format!("its greatest magnitude is {peak:e}"),
        Fault::Scheme { format } => format!("{format} has scales of its own"),
        Fault::Codes { format, .. } => format!("it holds codes, not numbers of {format}"),
        Fault::Code { value, format, .. } => format!("{value} is no number of {format}"),
        Fault::Exponent { .. } => "a shared exponent is NaN".to_owned(),
        Fault::Range { value, .. } => format!("{value} is out of range"),
    }
}

/// A mistake at a place in a workload file.
pub(super) fn mistake(
    code: &str,
    (message, help): (String, String),
    text: &FileText,
    at: SourceSpan,
    label: &str,
) -> WorkloadError {
    let span = at.offset()..at.offset() + at.len();
    let mistake = Mistake::new(code, message, help).at((**text).clone(), span, label);
    WorkloadError::Tensor(Box::new(FileError(mistake)))
}

impl Request<'_> {
    /// The error about a fault; `format` is that of the operand.
    pub(super) fn error(&self, fault: Fault, format: Option<Format>) -> WorkloadError {
        let (path, container) = (&self.file.path, self.file.container);
        let subject = match &self.file.tensor {
            Some(name) => format!("`{name}` of {path}"),
            None => path.clone(),
        };
        let here = |code: &str, message: String, help: &str| {
            let at = self.file.tensor_at.unwrap_or(self.file.at);
            let label = match (self.file.tensor_at, self.origin()) {
                (Some(_), _) => "this tensor",
                (None, Origin::Model) => "this layer",
                (None, _) => "this file",
            };
            mistake(code, (message, help.to_owned()), self.text, at, label)
        };
        let file = |code: &str, message: String, help: &str| {
            mistake(code, (message, help.to_owned()), self.text, self.file.at, "this file")
        };
        match fault {
            Fault::Unreadable(reason) => {
                file("workload::file_not_found", format!("cannot read {path}: {reason}"), self.origin().missing_file())
            }
            Fault::NotRead(reason) => file(
                "workload::tensor_format",
                format!("{path} is a .{} file that is not read: {reason}", container.name()),
                "numpy.save and numpy.savez write a plain array with version 1 of the format and a header of about 100 bytes: \
                 load it with numpy, and save it again",
            ),
            Fault::Format(reason) => {
                let (article, help) = match container {
                    Container::Npy => ("a", "write it with numpy.save"),
                    Container::Npz => ("a sound", "write it with numpy.savez or numpy.savez_compressed"),
                    Container::Safetensors => ("a sound", "write it with save_file of the safetensors package"),
                    Container::Onnx => ("a sound", "copy it again, or save it with onnx.save"),
                };
                let message = format!("{path} is not {article} .{} file: {reason}", container.name());
                file("workload::tensor_format", message, help)
            }
            Fault::Dtype { holds, help } => here("workload::tensor_dtype", format!("{subject} holds {holds}"), &help),
            Fault::Shape { found, transpose, wanted, help } => {
                let transposed = if transpose { " before it is transposed" } else { "" };
                let message = format!("{subject} has the shape {found}{transposed}, and {} has {wanted}", self.tensor);
                here("workload::tensor_shape", message, &help)
            }
            Fault::Length(reason) => here(
                "workload::tensor_length",
                format!("{subject} {reason}"),
                "the file was cut or appended to; write it again",
            ),
            Fault::Unknown { known } => self.unknown(&known),
            Fault::Real { place: (row, col), value, reason } => {
                let help = match value < 0.0 && value.is_finite() {
                    _ if reason == BEYOND_SINGLE => "it is taken in single precision: make an array of smaller numbers",
                    true => "give the operand a signed format, or make an array without negative values",
                    false => "such a value has no integer: mend the array",
                };
                let message = format!("{subject} at [{row}, {col}] is {value:?}, which {reason}");
                here("workload::bad_real", message, help)
            }
            Fault::Subnormal { peak } => here(
                "workload::bad_real",
                format!("the greatest magnitude of {subject} is {peak:e}, too small to be scaled"),
                "multiply the array by a power of two first",
            ),
            Fault::Scheme { format } if self.origin() == Origin::Model => WorkloadError::Scaled {
                reason: format!("{} is {format}, and `--quantize` says how {subject} is scaled", self.tensor),
                help: self.origin().no_scheme().to_owned(),
                text: self.text.clone(),
                at: self.file.at,
            },
            Fault::Scheme { format } => WorkloadError::Scaled {
                reason: format!("{} is {format}, and `quantize` says how {subject} is scaled", self.tensor),
                help: self.origin().no_scheme().to_owned(),
                text: self.text.clone(),
                at: self.file.at,
            },
            Fault::Codes { format, help } => WorkloadError::Scaled {
                reason: format!("{} is {format}, and {subject} holds codes", self.tensor),
                help: help.to_owned(),
                text: self.text.clone(),
                at: self.file.at,
            },
            Fault::Code { row, col, value, format } => WorkloadError::Scaled {
                reason: format!("{}[{row}, {col}] is the code {value}, which is no number of {format}", self.tensor),
                help: "infinities and NaN have no digits: mend the array".to_owned(),
                text: self.text.clone(),
                at: self.file.at,
            },
            Fault::Exponent { row, col } => WorkloadError::Scaled {
                reason: format!("{} at [{row}, {col}] are NaN (255)", self.tensor),
                help: "a block whose scale is NaN has no numbers: mend the array".to_owned(),
                text: self.text.clone(),
                at: self.file.at,
            },
            Fault::Range { row, col, value } => {
                let format = format.unwrap_or(Format::int(8));
                let (least, greatest) = format.range();
                let zero = self.file.part.as_ref().and_then(|part| Some(part.zero.as_ref()?.range()));
                let tensor = match zero {
                    None => self.tensor.to_owned(),
                    Some([one, last]) if one == last => format!("{} less its zero point {one}, at ", self.tensor),
                    Some([one, last]) => format!("{} less its zero points {one} to {last}, at ", self.tensor),
                };
                WorkloadError::ValueOutOfRange {
                    tensor,
                    row,
                    col,
                    value: Box::new(value),
                    format,
                    least,
                    greatest,
                    help: self.origin().widen(format, self.want.operand(), value),
                    text: self.text.clone(),
                    at: self.file.at,
                }
            }
        }
    }

    fn unknown(&self, known: &[String]) -> WorkloadError {
        let path = &self.file.path;
        let mut help = match known {
            [] => "the file has no tensors".to_owned(),
            _ => format!("its tensors: {}", known[..known.len().min(MOST_NAMES)].join(", ")),
        };
        if known.len() > MOST_NAMES {
            help += &format!(" ... ({} in all)", known.len());
        }
        let (message, at, label) = match (&self.file.tensor, self.file.tensor_at) {
            (Some(name), Some(at)) => {
                let label = did_you_mean(name, known.iter().map(String::as_str), "no tensor of this name");
                (format!("{path} has no tensor `{name}`"), at, label)
            }
            _ => {
                let label = "add tensor = \"..\"".to_owned();
                (format!("nothing says which tensor of {path} is meant"), self.file.at, label)
            }
        };
        mistake("workload::unknown_tensor", (message, help), self.text, at, &label)
    }
}
