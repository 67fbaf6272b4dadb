//! The values of a tensor of a model: in the model's file, or in one beside it.

use std::fs::File;
use std::io::{self, BufReader, Read, Seek, SeekFrom};
use std::path::{Component, Path, PathBuf};

use super::proto::{Span, Tensor};
use super::skeleton::varints;
use super::view::View;
use crate::workload::MEMORY_LIMIT_BYTES;
use crate::workload::origin::Origin;
use crate::workload::tensor::{Dtype, Fault, Stored, in_words};

/// Elements of a tensor.
const MOST_ELEMENTS: u64 = 1 << 32;
/// Axes of a tensor.
pub(super) const MOST_AXES: usize = 64;
/// Letters of a text of a file in a message.
const MOST_LETTERS: usize = 80;

/// A type of element, by the number that ONNX gives it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Element(pub i32);

impl Element {
    pub const FLOAT: Self = Self(1);
    pub const INT64: Self = Self(7);
    pub const BOOL: Self = Self(9);

    /// As numpy calls it.
    pub fn name(self) -> String {
        const NAMES: [&str; 24] = [
            "no type",
            "float32",
            "uint8",
            "int8",
            "uint16",
            "int16",
            "int32",
            "int64",
            "text",
            "bool",
            "float16",
            "float64",
            "uint32",
            "uint64",
            "complex64",
            "complex128",
            "bfloat16",
            "float8e4m3fn",
            "float8e4m3fnuz",
            "float8e5m2",
            "float8e5m2fnuz",
            "uint4",
            "int4",
            "float4e2m1",
        ];
        let known = usize::try_from(self.0).ok().and_then(|index| NAMES.get(index));
        known.map_or_else(|| format!("type {}", self.0), |&name| name.to_owned())
    }

    /// Bits of an element that is read.
    fn bits(self) -> Option<u64> {
        Some(match self.0 {
            21 | 22 => 4,
            2 | 3 | 9 => 8,
            4 | 5 | 10 | 16 => 16,
            1 | 6 | 12 => 32,
            7 | 11 | 13 => 64,
            _ => return None,
        })
    }

    /// The least and the greatest integer of a type of integers, as far as they are followed.
    pub fn range(self) -> Option<(i128, i128)> {
        if self == Self::BOOL {
            return Some((0, 1));
        }
        let bits = self.bits().filter(|_| self.real().is_none())?;
        Some(match self.0 {
            2 | 4 | 12 | 21 => (0, (1 << bits) - 1),
            13 => (0, i64::MAX.into()),
            _ => (-(1 << (bits - 1)), (1 << (bits - 1)) - 1),
        })
    }

    /// The type of a real.
    pub fn real(self) -> Option<Dtype> {
        match self.0 {
            1 => Some(Dtype::Float32),
            10 => Some(Dtype::Float16),
            11 => Some(Dtype::Float64),
            16 => Some(Dtype::Bfloat16),
            _ => None,
        }
    }

    /// The greatest finite number of a type of reals, and the least that would be rounded to infinity.
    pub fn greatest_real(self) -> Option<[f64; 2]> {
        let (mantissa, exponent) = match self.real()? {
            Dtype::Float16 => (10, 15),
            Dtype::Bfloat16 => (7, 127),
            Dtype::Float32 => (23, 127),
            _ => (52, 1023),
        };
        Some([mantissa, mantissa + 1].map(|bits| (2.0 - 2_f64.powi(-bits)) * 2_f64.powi(exponent)))
    }

    /// The type in which integers are handed on: their own, or one that is wide enough.
    fn integers(self) -> Dtype {
        match self.0 {
            2 => Dtype::Uint8,
            3 | 22 => Dtype::Int8,
            4 => Dtype::Uint16,
            5 => Dtype::Int16,
            9 => Dtype::Bool,
            21 => Dtype::Uint8,
            _ => Dtype::Int32,
        }
    }

    /// The element of this index among bytes of its type, the least significant first.
    fn integer(self, bytes: &[u8], index: usize) -> i64 {
        if let 21 | 22 = self.0 {
            let nibble = i64::from(bytes[index / 2] >> (4 * (index % 2)) & 15);
            return if self.0 == 22 && nibble >= 8 { nibble - 16 } else { nibble };
        }
        let width = self.bits().unwrap_or(8) as usize / 8;
        let mut little = [0; 8];
        little[..width].copy_from_slice(&bytes[index * width..(index + 1) * width]);
        let value = i64::from_le_bytes(little);
        match self.0 {
            3 => i64::from(value as i8),
            5 => i64::from(value as i16),
            6 => i64::from(value as i32),
            _ => value,
        }
    }
}

/// A tensor of a model, with the place of its values.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::workload) struct Initializer {
    pub(super) name: String,
    pub(super) element: Element,
    pub(super) dims: Vec<u64>,
    place: Place,
}

/// Where values stand.
#[derive(Clone, Debug, PartialEq)]
enum Place {
    /// No values, as a tensor without elements has.
    Nowhere,
    /// In the file of the model.
    Inside(Span),
    /// In another file of its folder.
    Beside { location: String, offset: u64, length: Option<u64> },
}

impl Initializer {
    /// The tensor that a message describes.
    ///
    /// # Errors
    /// Extents that are none, several fields of values, a place outside of the model's folder.
    pub(super) fn new(tensor: &Tensor) -> Result<Self, String> {
        let extent = |&extent: &i64| u64::try_from(extent).map_err(|_| format!("an extent is {extent}"));
        let dims = tensor.dims.iter().map(extent).collect::<Result<Vec<_>, _>>()?;
        if dims.len() > MOST_AXES {
            return Err(format!("it has {} extents, more than {MOST_AXES}", dims.len()));
        }
        let place = match (tensor.data_location, tensor.span.as_slice()) {
            (1, _) => beside(tensor)?,
            (_, []) => Place::Nowhere,
            (_, [span]) => Place::Inside(*span),
            _ => return Err("its values stand in several fields".to_owned()),
        };
        let made = Self { name: tensor.name.clone(), element: Element(tensor.data_type), dims, place };
        if let (Place::Inside(span), Some(bits)) = (&made.place, made.element.bits()) {
            let count = made.count().ok_or("its extents claim more values than can be counted")?;
            let fits = match span.field {
                5 | 7 | 11 => count.div_ceil(if bits == 4 { 2 } else { 1 }) <= span.length,
                _ => (count * bits).div_ceil(8) == span.length,
            };
            if !fits {
                return Err(format!("its extents claim {count} values, and it has {} bytes of them", span.length));
            }
        }
        Ok(made)
    }

    /// Elements; `None` if there are too many to be counted.
    pub fn count(&self) -> Option<u64> {
        let product = self.dims.iter().try_fold(1_u64, |product, &extent| product.checked_mul(extent));
        product.filter(|&count| count <= MOST_ELEMENTS)
    }

    /// Bytes that all its values take.
    pub fn bytes(&self) -> u64 {
        self.count().unwrap_or(MOST_ELEMENTS).saturating_mul(self.element.bits().unwrap_or(64)).div_ceil(8)
    }

    /// All values as integers.
    ///
    /// # Errors
    /// Values that are none, or cannot be read.
    pub fn integers(&self, model: &Path) -> Result<Vec<i64>, Fault> {
        if self.element.real().is_some() {
            return Err(self.other_type());
        }
        let bytes = self.load(model)?;
        Ok((0..self.count().unwrap_or(0) as usize).map(|index| self.element.integer(&bytes, index)).collect())
    }

    /// All values as reals.
    ///
    /// # Errors
    /// As [`Initializer::integers`].
    pub fn reals(&self, model: &Path) -> Result<Vec<f64>, Fault> {
        let Some(dtype) = self.element.real() else { return Err(self.other_type()) };
        let bytes = self.load(model)?;
        let real = |bytes: &[u8]| {
            let mut little = [0; 8];
            little[..bytes.len()].copy_from_slice(bytes);
            dtype.real(little)
        };
        Ok(bytes.chunks_exact(dtype.bytes()).map(real).collect())
    }

    fn other_type(&self) -> Fault {
        let help = Origin::Model.types().to_owned();
        Fault::Dtype { holds: format!("values of type {}", self.element.name()), help }
    }

    /// The bytes of all values, the least significant first. `model` is the file of the model.
    fn load(&self, model: &Path) -> Result<Vec<u8>, Fault> {
        let bits = self.element.bits().ok_or_else(|| self.other_type())?;
        let count = self.count().ok_or_else(|| Fault::Format(format!("`{}` claims too many values", self.name)))?;
        let needed = (count * bits).div_ceil(8);
        if needed > MEMORY_LIMIT_BYTES {
            return Err(Fault::Format(format!("`{}` has {needed} bytes, more than {MEMORY_LIMIT_BYTES}", self.name)));
        }
        let (path, offset, length, field) = match &self.place {
            Place::Nowhere if needed == 0 => return Ok(Vec::new()),
            Place::Nowhere => return Err(Fault::Length(format!("has no values, and `{}` has {count}", self.name))),
            Place::Inside(span) => (model.to_path_buf(), span.offset, Some(span.length), span.field),
            Place::Beside { location, offset, length } => {
                (model.parent().unwrap_or(Path::new("")).join(location), *offset, *length, 9)
            }
        };
        let unreadable = |error: io::Error| match &self.place {
            Place::Beside { location, .. } => {
                Fault::Unreadable(format!("{location}, where it keeps `{}`: {error}", self.name))
            }
            _ => Fault::Unreadable(error.to_string()),
        };
        let mut file = File::open(path).map_err(unreadable)?;
        let held = file.metadata().map_err(unreadable)?.len();
        let length = length.unwrap_or(held.saturating_sub(offset));
        let cut = |what: String| Err(Fault::Length(format!("{what}, and `{}` has {count} values", self.name)));
        if offset.checked_add(length).is_none_or(|end| end > held) {
            return cut(format!("ends at byte {held} before the {length} bytes from {offset} on do"));
        }
        file.seek(SeekFrom::Start(offset)).map_err(unreadable)?;
        let mut reader = BufReader::new(file).take(length);
        let width = bits.div_ceil(8);
        let fits = match field {
            5 | 7 | 11 => count.div_ceil(if bits == 4 { 2 } else { 1 }) <= length,
            _ => length == needed,
        };
        if !fits {
            return cut(format!("has {length} bytes of them"));
        }
        let mut bytes = Vec::with_capacity(needed as usize);
        match field {
            5 | 7 | 11 => {
                // One number a value, whatever its type; two values of 4 bits a number.
                varints(&mut reader, |value| {
                    if (bytes.len() as u64) < needed + 1 {
                        bytes.extend(&value.to_le_bytes()[..width as usize]);
                    }
                })?;
            }
            _ => drop(reader.read_to_end(&mut bytes).map_err(unreadable)?),
        }
        match bytes.len() as u64 == needed {
            true => Ok(bytes),
            false => cut(format!("has {} of their bytes", bytes.len())),
        }
    }
}

/// Where the keys of a tensor in another file say that it is.
fn beside(tensor: &Tensor) -> Result<Place, String> {
    let key = |name: &str| tensor.external_data.iter().find(|entry| entry.key == name).map(|entry| &entry.value);
    let number = |name: &str| match key(name) {
        None => Ok(None),
        Some(text) => text.parse::<u64>().map(Some).map_err(|_| format!("the {name} of its values is no number")),
    };
    let location: String = key("location").ok_or("nothing says in which file its values are")?.clone();
    let path = PathBuf::from(&location);
    let is_inside = path.components().all(|part| matches!(part, Component::Normal(_) | Component::CurDir));
    if location.is_empty() || !is_inside {
        let shown: String = location.chars().take(MOST_LETTERS).collect();
        return Err(format!("its values are said to be in `{shown}`, which is not in the folder of the model"));
    }
    Ok(Place::Beside { location, offset: number("offset")?.unwrap_or(0), length: number("length")? })
}

/// What is subtracted from stored integers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workload) struct ZeroPoints {
    /// One of all, or one for each index of an axis.
    values: Vec<i64>,
    /// Neighbours along that axis stand so far apart in the stored tensor, and it has so many.
    axis: (u64, u64),
}

impl ZeroPoints {
    /// These, one for each index of `axis` of a tensor with these extents; `None` if they are as many as nothing.
    pub fn new(values: Vec<i64>, dims: &[u64], axis: usize) -> Option<Self> {
        let stride = dims
            .get(axis + 1..)
            .unwrap_or_default()
            .iter()
            .fold(1, |product: u64, &extent| product.saturating_mul(extent));
        match (values.len(), dims.get(axis)) {
            (1, _) => Some(Self { values, axis: (1, 1) }),
            (count, Some(&extent)) if count as u64 == extent => Some(Self { values, axis: (stride.max(1), extent) }),
            _ => None,
        }
    }

    /// The least and the greatest.
    pub fn range(&self) -> [i64; 2] {
        let least = self.values.iter().copied().min().unwrap_or(0);
        [least, self.values.iter().copied().max().unwrap_or(0)]
    }

    fn of(&self, stored: u64) -> i64 {
        let (stride, extent) = self.axis;
        self.values[if self.values.len() == 1 { 0 } else { (stored / stride % extent) as usize }]
    }
}

/// An operand of a model: some values of one of its tensors.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::workload) struct Weights {
    pub tensor: std::sync::Arc<Initializer>,
    pub view: View,
    pub zero: Option<ZeroPoints>,
}

impl Weights {
    /// All values of a tensor as they are.
    pub fn whole(tensor: std::sync::Arc<Initializer>) -> Self {
        Self { view: View::whole(&tensor.dims), tensor, zero: None }
    }

    /// Its values: their type and extents, and a reader of them in the order of the operand, which looks at the file when it is
    /// first read from.
    ///
    /// # Errors
    /// A type that is not read.
    pub fn open(&self, model: &Path) -> Result<(Stored, Elements), Fault> {
        if self.tensor.element.bits().is_none() {
            return Err(self.tensor.other_type());
        }
        let stored = Stored { dtype: self.handed(), big_endian: false, fortran: false, shape: self.view.dims.clone() };
        let (of, model, count) = (self.clone(), model.to_path_buf(), self.view.count());
        Ok((stored, Elements { of, model, bytes: None, index: 0, count, pending: [0; 8], waiting: 0 }))
    }

    /// The type of the values that are handed on.
    fn handed(&self) -> Dtype {
        let element = self.tensor.element;
        let integers = if self.zero.is_some() { Dtype::Int32 } else { element.integers() };
        element.real().unwrap_or(integers)
    }

    /// The type of a stored value.
    pub fn dtype(&self) -> String {
        self.tensor.element.name()
    }

    /// The extents of the stored tensor.
    pub fn shape(&self) -> &[u64] {
        &self.tensor.dims
    }
}

/// A fault as a reader has to tell it.
fn told(fault: Fault) -> io::Error {
    let kind = if matches!(fault, Fault::Unreadable(_)) { io::ErrorKind::NotFound } else { io::ErrorKind::InvalidData };
    io::Error::new(kind, in_words(fault))
}

/// The values of an operand in its order: reals as they are stored, integers less their zero point, in four bytes where there is one.
pub(in crate::workload) struct Elements {
    of: Weights,
    model: PathBuf,
    /// All of the stored tensor, once the first value was asked for.
    bytes: Option<Vec<u8>>,
    index: u64,
    count: u64,
    /// The last bytes of it are still to be given out.
    pending: [u8; 8],
    waiting: usize,
}

impl Elements {
    /// The bytes of the next element.
    fn next(&mut self) -> io::Result<Option<([u8; 8], usize)>> {
        if self.index >= self.count {
            return Ok(None);
        }
        let stored = self.of.view.stored(self.index);
        self.index += 1;
        let mut little = [0; 8];
        let element = self.of.tensor.element;
        let bytes = match self.bytes.take() {
            Some(bytes) => bytes,
            None => self.of.tensor.load(&self.model).map_err(told)?,
        };
        let bytes = self.bytes.insert(bytes);
        if let Some(dtype) = element.real() {
            let (width, at) = (dtype.bytes(), stored as usize * dtype.bytes());
            little[..width].copy_from_slice(&bytes[at..at + width]);
            return Ok(Some((little, width)));
        }
        let zero = self.of.zero.as_ref().map_or(0, |zero| zero.of(stored));
        let value = element.integer(bytes, stored as usize).checked_sub(zero);
        let Some(value) = value.and_then(|value| i32::try_from(value).ok()) else {
            let dtype = self.of.tensor.element.name();
            return Err(io::Error::new(
                io::ErrorKind::Unsupported,
                format!("a value of {dtype} that takes more than 32 bits"),
            ));
        };
        // What its own type holds has the same low bytes.
        little[..4].copy_from_slice(&value.to_le_bytes());
        Ok(Some((little, self.of.handed().bytes())))
    }
}

impl Read for Elements {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let mut filled = 0;
        while filled < buffer.len() {
            if self.waiting == 0 {
                let Some((bytes, width)) = self.next()? else { break };
                self.pending[8 - width..].copy_from_slice(&bytes[..width]);
                self.waiting = width;
            }
            let count = self.waiting.min(buffer.len() - filled);
            let from = 8 - self.waiting;
            buffer[filled..filled + count].copy_from_slice(&self.pending[from..from + count]);
            (filled, self.waiting) = (filled + count, self.waiting - count);
        }
        Ok(filled)
    }
}
