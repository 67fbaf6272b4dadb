//! From a tensor that a workload names to integers of an operand's format.

use std::{
    fs::{self, File},
    io::{self, BufReader, Cursor, Read, Seek},
};

use super::{
    Container, Integers, Packing, Quantize, TensorFile, TensorRecord, Want, fault, fault::Fault, layout::Layout, npy,
    npz, quantize, quantize::Peaks, safetensors, stored::Stored,
};
use crate::{
    encoding::Format,
    workload::{FileText, WorkloadError, layer::Files, onnx},
};

/// A tensor to read, and where the workload asks for it.
pub(in crate::workload) struct Request<'a> {
    pub files: &'a Files,
    pub file: &'a TensorFile,
    pub text: &'a FileText,
    /// E.g. "b of `fc1`".
    pub tensor: &'a str,
    pub want: Want,
}

/// What every container is read through.
pub(super) trait ReadSeek: Read + Seek {}
impl<T: Read + Seek> ReadSeek for T {}

impl Request<'_> {
    /// Checks that the tensor is there and that its type and shape are right.
    ///
    /// # Errors
    /// No such file or tensor, a malformed header, another type, another shape.
    pub(in crate::workload) fn check(&self) -> Result<(), WorkloadError> {
        self.visit(&mut |stored, _| self.layout(stored).map(|_| ())).map_err(|fault| self.error(fault, None))
    }

    /// The values as integers of an operand's format.
    ///
    /// # Errors
    /// As [`Request::check`]; too few or too many bytes; a real that is not finite; a value that `format` cannot hold.
    pub(in crate::workload) fn operand(&self, format: Format) -> Result<(Integers, TensorRecord), WorkloadError> {
        self.load(format).map_err(|fault| self.error(fault, Some(format)))
    }

    /// The values of a vector.
    ///
    /// # Errors
    /// As [`Request::operand`].
    pub(in crate::workload) fn vector(&self) -> Result<Vec<i32>, WorkloadError> {
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
                operand: if matches!(self.want, Want::B { .. } | Want::Filters(_)) { "b" } else { "a" },
                file: self.file.path.clone(),
                tensor: self.file.tensor.clone(),
                dtype: match &self.file.part {
                    Some(part) => part.dtype(),
                    None => self.file.packing.map_or(stored.dtype.name(), Packing::dtype).to_owned(),
                },
                shape: self.file.part.as_ref().map_or(&stored.shape[..], |part| part.shape()).to_vec(),
                transposed: self.file.part.as_ref().map_or(self.file.transpose, |part| !part.view.is_in_order()),
                quantized,
                zero_points: self.file.part.as_ref().and_then(|part| Some(part.zero.as_ref()?.range())),
                elements: rows as u64 * cols as u64,
                zeros: 0,
                values: Vec::new(),
            });
            Ok(())
        })?;
        // A visit calls back once or fails.
        let mut record = record.ok_or_else(|| Fault::Format("it has no values".to_owned()))?;
        record.values = integers.histogram();
        record.zeros = record.values.iter().filter(|(value, _)| *value == 0).map(|(_, count)| count).sum();
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
            // A model is read more than from one place, and files beside it too.
            Container::Onnx => match self.files {
                Files::Folder(folder) => {
                    onnx::visit(&folder.join(&self.file.path), name, self.file.part.as_deref(), each)
                }
                Files::Embedded(_) => Err(Fault::Unreadable("a shipped workload has no models".to_owned())),
            },
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
pub(in crate::workload) type Visitor<'a> = dyn FnMut(&Stored, &mut dyn Read) -> Result<(), Fault> + 'a;
