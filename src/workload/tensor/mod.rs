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
mod safetensors;
mod stored;

use std::{
    fs::{self, File},
    io::{self, BufReader, Cursor, Read, Seek},
};

use miette::SourceSpan;

pub(super) use explain::PAGES;
pub use fault::TensorError;
pub(super) use integers::Integers;
pub(super) use keys::SourceKeys;
pub use layout::Packing;
pub use quantize::{Quantize, Quantized};

use super::{
    error::{FileText, WorkloadError},
    layer::Files,
};
use crate::encoding::Format;
use fault::Fault;
use layout::Layout;
use quantize::Peaks;
use stored::Stored;

/// The kinds of file that hold tensors.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Container {
    /// One array, as `numpy.save` writes it.
    Npy,
    /// A zip archive of named arrays, as `numpy.savez` writes it.
    Npz,
    /// Named tensors behind a header in JSON.
    Safetensors,
}

impl Container {
    /// As in a TOML, which is the extension too.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Npy => "npy",
            Self::Npz => "npz",
            Self::Safetensors => "safetensors",
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
    /// Where the workload names the file.
    pub(super) at: SourceSpan,
    /// Where it names the tensor.
    pub(super) tensor_at: Option<SourceSpan>,
}

impl TensorFile {
    /// Bytes that loading takes beside the operand of `rows` x `cols`, at most: integers as narrow as 16 bits, and
    /// scales of one axis.
    pub(super) fn loading_bytes(&self, rows: usize, cols: usize) -> u64 {
        let channels = if self.quantize == Some(Quantize::PerChannel) { rows.max(cols) } else { 1 };
        2 * rows as u64 * cols as u64 + 8 * channels as u64
    }
}

/// What a tensor is wanted for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Want {
    /// M x K; a channel is a row.
    A { rows: usize, cols: usize },
    /// K x N; a channel is a column.
    B { rows: usize, cols: usize },
    /// So many integers of at most 32 bits, which nothing scales: a bias, labels.
    Vector(usize),
}

impl Want {
    /// Rows and columns; a vector is a row.
    pub(super) const fn extents(self) -> (usize, usize) {
        match self {
            Self::A { rows, cols } | Self::B { rows, cols } => (rows, cols),
            Self::Vector(length) => (1, length),
        }
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
    /// Elements of the operand.
    pub elements: u64,
    /// Those that are 0.
    pub zeros: u64,
}

/// A tensor to read, and where the workload asks for it.
pub(super) struct Request<'a> {
    pub files: &'a Files,
    pub file: &'a TensorFile,
    pub text: &'a FileText,
    /// E.g. "b of `fc1`".
    pub tensor: &'a str,
    pub want: Want,
}

/// What every container is read through.
trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

impl Request<'_> {
    /// Checks that the tensor is there and that its type and shape are right.
    ///
    /// # Errors
    /// No such file or tensor, a malformed header, another type, another shape.
    pub(super) fn check(&self) -> Result<(), WorkloadError> {
        self.visit(&mut |stored, _| self.layout(stored).map(|_| ())).map_err(|fault| self.error(fault, None))
    }

    /// The values as integers of an operand's format.
    ///
    /// # Errors
    /// As [`Request::check`]; too few or too many bytes; a real that is not finite; a value that `format` cannot hold.
    pub(super) fn operand(&self, format: Format) -> Result<(Integers, TensorRecord), WorkloadError> {
        self.load(format).map_err(|fault| self.error(fault, Some(format)))
    }

    /// The values of a vector.
    ///
    /// # Errors
    /// As [`Request::operand`].
    pub(super) fn vector(&self) -> Result<Vec<i32>, WorkloadError> {
        let mut values = Vec::new();
        let read = self.visit(&mut |stored, reader| {
            self.layout(stored)?;
            values = Vec::with_capacity(stored.count());
            stored.integers(reader, &mut |_, value| {
                values.push(value);
                Ok(())
            })
        });
        read.map(|()| values).map_err(|fault| self.error(fault, None))
    }

    fn load(&self, format: Format) -> Result<(Integers, TensorRecord), Fault> {
        let (rows, cols) = self.want.extents();
        // Reals are read twice, once for their greatest magnitudes, so that they never stand in memory.
        let mut peaks = None;
        self.visit(&mut |stored, reader| {
            let layout = self.layout(stored)?;
            if stored.dtype.is_real() {
                let found = peaks.insert(Peaks::new(self.channels(rows, cols)));
                stored.reals(reader, &mut |index, value| {
                    found.see(&layout, index, self.channel(&layout, index), value)
                })?;
            }
            Ok(())
        })?;
        let scheme = self.scheme();
        let scales = peaks.map(|peaks| peaks.scales(format)).transpose()?;
        let mut integers = Integers::zeros(format, rows, cols);
        let mut record = None;
        self.visit(&mut |stored, reader| {
            let layout = self.layout(stored)?;
            if stored.dtype.is_real() != scales.is_some() {
                return Err(quantize::changed());
            }
            let mut quantized = None;
            if let Some(scales) = &scales {
                let mut clipped = 0;
                stored.reals(reader, &mut |index, value| {
                    let (row, col) = layout.place(index);
                    let (integer, is_clipped) = scales.quantize(&layout, index, self.channel(&layout, index), value)?;
                    clipped += u64::from(is_clipped);
                    integers.set(row, col, integer);
                    Ok(())
                })?;
                quantized = Some(scales.summary(scheme, format, clipped));
            } else {
                let (least, greatest) = format.range();
                stored.integers(reader, &mut |index, value| {
                    for ((row, col), value) in layout.unpacked(index, value) {
                        if !(least..=greatest).contains(&value) {
                            return Err(Fault::Range { row, col, value });
                        }
                        integers.set(row, col, value);
                    }
                    Ok(())
                })?;
            }
            record = Some(TensorRecord {
                operand: if matches!(self.want, Want::B { .. }) { "b" } else { "a" },
                file: self.file.path.clone(),
                tensor: self.file.tensor.clone(),
                dtype: self.file.packing.map_or(stored.dtype.name(), Packing::dtype).to_owned(),
                shape: stored.shape.clone(),
                transposed: self.file.transpose,
                quantized,
                elements: rows as u64 * cols as u64,
                zeros: 0,
            });
            Ok(())
        })?;
        // A visit calls back once or fails.
        let mut record = record.ok_or_else(|| Fault::Format("it has no values".to_owned()))?;
        record.zeros = integers.zeros_in_it();
        Ok((integers, record))
    }

    /// How reals are scaled: as the workload says, or the whole tensor alike.
    fn scheme(&self) -> Quantize {
        self.file.quantize.unwrap_or(Quantize::PerTensor)
    }

    fn channels(&self, rows: usize, cols: usize) -> usize {
        match (self.scheme(), self.want) {
            (Quantize::PerTensor, _) => 1,
            (Quantize::PerChannel, Want::B { .. }) => cols,
            (Quantize::PerChannel, _) => rows,
        }
    }

    fn channel(&self, layout: &Layout, index: usize) -> usize {
        let (row, col) = layout.place(index);
        match (self.scheme(), self.want) {
            (Quantize::PerTensor, _) => 0,
            (Quantize::PerChannel, Want::B { .. }) => col,
            (Quantize::PerChannel, _) => row,
        }
    }

    fn layout(&self, stored: &Stored) -> Result<Layout, Fault> {
        let is_vector = matches!(self.want, Want::Vector(_));
        if is_vector && stored.dtype.is_real() {
            return Err(Fault::Dtype { holds: stored.dtype.holds(), help: fault::VECTOR_TYPES.to_owned() });
        }
        if self.file.packing.is_some() && stored.dtype.bits() != 8 {
            return Err(Fault::Dtype { holds: stored.dtype.holds(), help: fault::PACKED_TYPES.to_owned() });
        }
        if self.file.quantize.is_some() && !stored.dtype.is_real() {
            let help = "integers are taken as they are and never rescaled: leave `quantize` out".to_owned();
            return Err(Fault::Dtype { holds: stored.dtype.holds(), help });
        }
        Layout::new(stored, self.file.packing, self.file.transpose, self.want)
    }

    /// Opens the file, finds the tensor and calls back with what its header says and a reader of its values.
    fn visit(&self, each: &mut Visitor<'_>) -> Result<(), Fault> {
        let mut reader = self.open()?;
        let name = self.file.tensor.as_deref();
        match self.file.container {
            Container::Npy => {
                let stored = npy::header(&mut reader)?;
                each(&stored, &mut reader)
            }
            Container::Npz => npz::visit(reader, name, each),
            Container::Safetensors => safetensors::visit(reader, name, each),
        }
    }

    fn open(&self) -> Result<Box<dyn ReadSeek>, Fault> {
        let path = &self.file.path;
        match self.files {
            Files::Embedded(shipped) => match shipped.files.iter().find(|(name, _)| name == path) {
                Some((_, bytes)) => Ok(Box::new(Cursor::new(*bytes))),
                None => Err(Fault::Unreadable("not part of the shipped workload".to_owned())),
            },
            Files::Folder(folder) => {
                let unreadable = |error: io::Error| Fault::Unreadable(error.to_string());
                let path = folder.join(path);
                // A tensor is read more than once, which a pipe is not.
                if !fs::metadata(&path).map_err(unreadable)?.is_file() {
                    return Err(Fault::Unreadable("it is no regular file".to_owned()));
                }
                Ok(Box::new(BufReader::new(File::open(&path).map_err(unreadable)?)))
            }
        }
    }
}

/// What looks at a tensor: its header, and a reader that stands before its first value.
type Visitor<'a> = dyn FnMut(&Stored, &mut dyn Read) -> Result<(), Fault> + 'a;
