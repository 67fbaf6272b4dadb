//! Tensors from files: a named array of a `.npy`, `.npz` or `.safetensors` file as integers of an operand's format, with
//! what was done to make it so.
//!
//! A file is untrusted: headers are bounded before they are read, shapes are compared with the operand's before memory is
//! taken, and values are streamed, so a tensor takes the memory of its integers and no more.

mod dtype;
mod explain;
mod fault;
mod integers;
mod keys;
mod layout;
mod npy;
mod npz;
mod quantize;
mod reals;
mod request;
mod safetensors;
mod stored;

use std::sync::Arc;

use miette::SourceSpan;

use super::conv::Conv;
use super::onnx::Weights;
use crate::encoding::BLOCK;

pub(super) use dtype::Dtype;
pub(super) use explain::PAGES;
pub(super) use fault::{Fault, in_words};
pub(super) use integers::Integers;
pub(super) use keys::SourceKeys;
pub use layout::Packing;
pub(super) use quantize::quantized_reals;
pub use quantize::{Quantize, Quantized};
pub(super) use reals::Bias;
pub(super) use request::{Loaded, Request, Visitor};
pub(super) use stored::Stored;

/// The kinds of file that hold tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// One array, as `numpy.save` writes it.
    Npy,
    /// A zip archive of named arrays, as `numpy.savez` writes it.
    Npz,
    /// Named tensors behind a header in JSON.
    Safetensors,
    /// The tensors of a network.
    Onnx,
}

impl Container {
    /// As in a TOML, which is the extension too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Safetensors => "safetensors",
            Self::Onnx => "onnx",
        }
    }
}

/// A tensor in a file, as a workload names it.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorFile {
    /// The path as written, relative to the workload file.
    pub path: String,
    /// What kind of file it is.
    pub container: Container,
    /// Which of its tensors; a `.npy` file has only one, without a name.
    pub tensor: Option<String>,
    /// Whether a byte holds two values, and which.
    pub packing: Option<Packing>,
    /// Whether the operand is the transpose of what is stored.
    pub transpose: bool,
    /// How reals become integers, where the workload says so.
    pub quantize: Option<Quantize>,
    /// Whether its integers are codes of elements.
    pub codes: bool,
    /// Where the shared exponents of its blocks are, and where the workload says so: a tensor of the same file, or another file.
    pub(super) exponents: Option<(String, SourceSpan)>,
    /// Which values of a tensor of a model are meant, where its graph says so.
    pub(super) part: Option<Arc<Weights>>,
    /// Where the workload names the file.
    pub(super) at: SourceSpan,
    /// Where it names the tensor.
    pub(super) tensor_at: Option<SourceSpan>,
}

impl TensorFile {
    /// Bytes that loading takes beside the operand of `rows` x `cols`, at most: integers as narrow as 16 bits, and
    /// scales of one axis or of blocks.
    pub(super) fn loading_bytes(&self, rows: usize, cols: usize) -> u64 {
        // Blocks along K are at least one a row or column.
        let words = rows as u64 * cols as u64;
        let channels = rows.max(cols) as u64 + words / BLOCK as u64;
        // The tensor of a model is held as a whole while its values are put in order.
        let held = match (&self.part, self.container) {
            (Some(part), _) => part.tensor.bytes(),
            (None, Container::Onnx) => 8 * words,
            _ => 0,
        };
        held.saturating_add(2 * words + 12 * channels)
    }
}

/// What a tensor is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// M x K; a channel is a row.
    A { rows: usize, cols: usize },
    /// K x N; a channel is a column.
    B { rows: usize, cols: usize },
    /// The input of a convolution: channels x rows x columns, of each image; a channel is a row.
    Input(Conv),
    /// Its filters: filters x channels of a group x rows x columns; a channel is a filter.
    Filters(Conv),
    /// So many integers of at most 32 bits, which nothing scales: labels.
    Vector(usize),
    /// So many integers of at most 32 bits in units of the sums, or real numbers.
    Bias(usize),
}

impl Want {
    /// `a` or `b`; a vector is neither.
    pub(super) fn operand(self) -> Option<&'static str> {
        match self {
            Self::A { .. } | Self::Input(_) => Some("a"),
            Self::B { .. } | Self::Filters(_) => Some("b"),
            Self::Vector(_) | Self::Bias(_) => None,
        }
    }

    /// Rows and columns; a vector is a row, and so is a channel of an image, or a filter.
    pub(super) fn extents(self) -> (usize, usize) {
        match self {
            Self::A { rows, cols } | Self::B { rows, cols } => (rows, cols),
            Self::Input(conv) => (conv.batch * conv.channels, conv.input[0] * conv.input[1]),
            Self::Filters(conv) => (conv.filters, conv.product().2),
            Self::Vector(length) | Self::Bias(length) => (1, length),
        }
    }

    /// Rows and columns of an earlier layer's result that is read in its place: the pixels of an image are rows there.
    pub(super) fn result(self) -> (usize, usize) {
        match self {
            Self::Input(conv) => (conv.batch * conv.input[0] * conv.input[1], conv.channels),
            Self::Filters(conv) => (conv.product().2, conv.filters),
            _ => self.extents(),
        }
    }

    /// Extents of the stored tensor, where they are more than rows and columns.
    fn stored_extents(self) -> Option<Vec<u64>> {
        let extents = match self {
            Self::Input(conv) if conv.batch == 1 => vec![conv.channels, conv.input[0], conv.input[1]],
            Self::Input(conv) => vec![conv.batch, conv.channels, conv.input[0], conv.input[1]],
            Self::Filters(conv) => vec![conv.filters, conv.channels / conv.groups, conv.kernel[0], conv.kernel[1]],
            _ => return None,
        };
        Some(extents.into_iter().map(|extent| extent as u64).collect())
    }
}

/// What a tensor was in its file, and what was done to make it an operand.
#[derive(Clone, Debug, PartialEq)]
pub struct TensorRecord {
    /// `a` or `b`.
    pub operand: &'static str,
    /// The file, as the workload names it.
    pub file: String,
    /// The tensor in it; a `.npy` file has only one, without a name.
    pub tensor: Option<String>,
    /// The type of a stored number, e.g. `float32`; `int4` where two are packed into a byte.
    pub dtype: String,
    /// The extents as stored.
    pub shape: Vec<u64>,
    /// Whether the operand is the transpose of that.
    pub transposed: bool,
    /// How reals became integers; integers are taken as they are.
    pub quantized: Option<Quantized>,
    /// The least and the greatest of the zero points that were subtracted from integers.
    pub zero_points: Option<[i64; 2]>,
    /// Elements of the operand.
    pub elements: u64,
    /// Those that are 0.
    pub zeros: u64,
    /// How often each value occurs, from the least to the greatest.
    pub values: Vec<(i32, u64)>,
}
