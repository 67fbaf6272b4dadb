//! From a tensor that a workload names to integers of an operand's format.

use std::{
    fs::{self, File},
    io::{self, BufReader, Cursor, Read, Seek},
};

use super::{
    Container, Integers, Packing, Quantize, Quantized, TensorFile, TensorRecord, Want, fault, fault::Fault,
    layout::Layout, npy, npz, quantize, quantize::Peaks, safetensors, stored::Stored,
};
use crate::{
    encoding::{BLOCK, Format},
    matrix::Matrix,
    workload::{FileText, Origin, WorkloadError, layer::Files, onnx},
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

/// An operand of a format, as it is read.
pub(in crate::workload) struct Loaded {
    /// Its integers or elements.
    pub integers: Integers,
    /// The exponents of its blocks, if it has any: a row for each row of A or column of B.
    pub exponents: Option<Matrix<i32>>,
    /// What 1 of its numbers stands for, one or one a channel; `None` of integers, of which no file says.
    pub scales: Option<Vec<f64>>,
    /// What was done to it.
    pub record: TensorRecord,
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

    /// Whether it holds real numbers.
    ///
    /// # Errors
    /// As [`Request::check`].
    pub(in crate::workload) fn is_real(&self) -> Result<bool, WorkloadError> {
        let mut is_real = false;
        let read = self.visit(&mut |stored, _| {
            is_real = stored.dtype.is_real();
            Ok(())
        });
        read.map(|()| is_real).map_err(|fault| self.error(fault, None))
    }

    /// The values as integers (or elements) of an operand's format, with their scales.
    ///
    /// # Errors
    /// As [`Request::check`]; too few or too many bytes; a real that is not finite; a value that `format` cannot hold.
    pub(in crate::workload) fn operand(&self, format: Format) -> Result<Loaded, WorkloadError> {
        let mut loaded = self.load(format).map_err(|fault| self.error(fault, Some(format)))?;
        let (rows, cols) = self.want.extents();
        let along_k = if matches!(self.want, Want::B { .. }) { rows } else { cols };
        loaded.exponents = self.stored_exponents(along_k.div_ceil(BLOCK))?.or(loaded.exponents);
        Ok(loaded)
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
            self.no_codes(stored, fault::VECTOR_TYPES)?;
            stored.integers(reader, &mut |_, value| {
                values.push(i32::try_from(value).map_err(|_| fault::beyond_32_bits(value))?);
                Ok(())
            })
        });
        read.map(|()| values).map_err(|fault| self.error(fault, None))
    }

    /// Checks that numbers are no codes where these mean nothing.
    ///
    /// # Errors
    /// [`Fault::Dtype`].
    pub(super) fn no_codes(&self, stored: &Stored, help: &str) -> Result<(), Fault> {
        match stored.dtype.codes_of() {
            None => Ok(()),
            Some(_) => Err(Fault::Dtype { holds: stored.dtype.holds(), help: help.to_owned() }),
        }
    }

    /// What the user can change: a part of a model is no key of a workload.
    pub(super) fn origin(&self) -> Origin {
        if self.file.part.is_some() { Origin::Model } else { Origin::Toml }
    }

    fn load(&self, format: Format) -> Result<Loaded, Fault> {
        let (rows, cols) = self.want.extents();
        let scheme = self.scheme(format)?;
        let along_k = if matches!(self.want, Want::B { .. }) { rows } else { cols };
        let blocks = along_k.div_ceil(BLOCK);
        if let (true, None) = (self.file.codes, format.element) {
            return Err(Fault::Codes { format, help: "leave `codes` out: its integers are taken as they are" });
        }
        if self.file.codes && self.file.exponents.is_some() != format.is_blocked() {
            let help = match format.is_blocked() {
                true => {
                    "its blocks have shared exponents: add exponents = \"..\", a tensor of uint8 with a bias of 127"
                }
                false => "it has no blocks: leave `exponents` out",
            };
            return Err(Fault::Codes { format, help });
        }
        // Reals are read twice, once for their greatest magnitudes, so that they never stand in memory.
        let mut peaks = None;
        self.visit(&mut |stored, reader| {
            let layout = self.layout(stored)?;
            if let Some(element) = stored.dtype.codes_of()
                && (!self.file.codes || format.element != Some(element))
            {
                let operand = self.want.operand().unwrap_or("b");
                let help = format!(
                    "they are codes of {0}: add codes = true here, in a design whose {operand} is {0}, e.g. \
                     `--set operands.{operand}={0}`; or store the numbers as float32",
                    element.name()
                );
                return Err(Fault::Dtype { holds: stored.dtype.holds(), help });
            }
            if stored.dtype.is_real() {
                let found = peaks.insert(Peaks::new(self.channels(scheme, rows, cols, blocks)));
                stored.reals(reader, &mut |index, value| {
                    found.see(&layout, index, self.channel(scheme, blocks, &layout, index), value)
                })?;
            } else if format.element.is_some() && !self.file.codes {
                let help = self.origin().quantised_already(format, self.want.operand().unwrap_or("b"));
                return Err(Fault::Dtype { holds: format!("numbers of type {}", self.dtype(stored)), help });
            }
            Ok(())
        })?;
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
                    let (integer, is_clipped) =
                        scales.quantize(&layout, index, self.channel(scheme, blocks, &layout, index), value)?;
                    clipped += u64::from(is_clipped);
                    integers.set(row, col, integer);
                    Ok(())
                })?;
                quantized = Some(scales.summary(scheme, format, clipped));
            } else {
                let (least, greatest) = format.range();
                stored.integers(reader, &mut |index, value| {
                    let (row, col) = layout.place(index);
                    let value = i32::try_from(value).map_err(|_| Fault::Range { row, col, value })?;
                    for ((row, col), value) in layout.unpacked(index, value) {
                        let value = format.element.map_or(value, |element| element.of_byte(value));
                        if format.element.is_some_and(|element| !element.is_number(value)) {
                            return Err(Fault::Code { row, col, value, format });
                        }
                        if !(least..=greatest).contains(&value) {
                            return Err(Fault::Range { row, col, value: value.into() });
                        }
                        integers.set(row, col, value);
                    }
                    Ok(())
                })?;
            }
            record = Some(self.record(stored, quantized));
            Ok(())
        })?;
        // A visit calls back once or fails.
        let mut record = record.ok_or_else(|| Fault::Format("it has no values".to_owned()))?;
        record.values = integers.histogram();
        record.zeros = record.values.iter().filter(|(value, _)| *value == 0).map(|(_, count)| count).sum();
        let (exponents, scales) = match scales {
            Some(scales) if scheme == Quantize::PerBlock => (scales.exponents(blocks), Some(vec![1.0])),
            Some(scales) => (None, Some(scales.into_inner())),
            // Codes are the numbers that they stand for; of integers no file says what they count.
            None => (None, self.file.codes.then(|| vec![1.0])),
        };
        Ok(Loaded { integers, exponents, scales, record })
    }

    /// The type of the numbers as the file has them: those of a model are handed on in a wider one where zero points are subtracted.
    fn dtype(&self, stored: &Stored) -> String {
        match &self.file.part {
            Some(part) => part.dtype(),
            None => self.file.packing.map_or(stored.dtype.name(), Packing::dtype).to_owned(),
        }
    }

    /// What is known of a tensor before its values are.
    pub(super) fn record(&self, stored: &Stored, quantized: Option<Quantized>) -> TensorRecord {
        let (rows, cols) = self.want.extents();
        TensorRecord {
            operand: self.want.operand().unwrap_or("a"),
            file: self.file.path.clone(),
            tensor: self.file.tensor.clone(),
            dtype: self.dtype(stored),
            shape: self.file.part.as_ref().map_or(&stored.shape[..], |part| part.shape()).to_vec(),
            transposed: self.file.part.as_ref().map_or(self.file.transpose, |part| !part.view.is_in_order()),
            quantized,
            zero_points: self.file.part.as_ref().and_then(|part| Some(part.zero.as_ref()?.range())),
            elements: rows as u64 * cols as u64,
            zeros: 0,
            values: Vec::new(),
        }
    }

    /// The exponents of the blocks of codes, a row for each row of A or column of B.
    ///
    /// # Errors
    /// Those of [`Request::operand`]; an exponent that is NaN.
    fn stored_exponents(&self, blocks: usize) -> Result<Option<Matrix<i32>>, WorkloadError> {
        let Some((name, at)) = self.file.exponents.clone().filter(|_| self.file.codes) else { return Ok(None) };
        let (rows, cols) = self.want.extents();
        let want = match self.want {
            Want::B { .. } => Want::B { rows: blocks, cols },
            _ => Want::A { rows, cols: blocks },
        };
        let is_npy = self.file.container == Container::Npy;
        let file = TensorFile {
            path: if is_npy { name.clone() } else { self.file.path.clone() },
            tensor: if is_npy { None } else { Some(name) },
            packing: None,
            codes: false,
            exponents: None,
            at,
            tensor_at: (!is_npy).then_some(at),
            ..self.file.clone()
        };
        let tensor = format!("the exponents of {}", self.tensor);
        let request = Request { files: self.files, file: &file, text: self.text, tensor: &tensor, want };
        let biased = request.operand(Format::uint(8))?.integers.into_matrix();
        if let Some(index) = biased.values().iter().position(|&value| value == 255) {
            let (row, col) = (index / biased.cols(), index % biased.cols());
            let fault = Fault::Exponent { row, col };
            return Err(request.error(fault, None));
        }
        let exponent = |value: i32| value - 127;
        Ok(Some(match self.want {
            Want::B { .. } => Matrix::from_fn(cols, blocks, |line, block| exponent(biased[(block, line)])),
            _ => Matrix::from_fn(rows, blocks, |line, block| exponent(biased[(line, block)])),
        }))
    }

    /// How reals are scaled: as the workload says, or the whole tensor alike.
    ///
    /// # Errors
    /// A scheme that is written although the format has its own.
    pub(super) fn scheme(&self, format: Format) -> Result<Quantize, Fault> {
        match (self.file.quantize, format.is_blocked()) {
            (Some(_), true) => Err(Fault::Scheme { format }),
            (None, true) => Ok(Quantize::PerBlock),
            (written, false) => Ok(written.unwrap_or(Quantize::PerTensor)),
        }
    }

    fn channels(&self, scheme: Quantize, rows: usize, cols: usize, blocks: usize) -> usize {
        match (scheme, self.want) {
            (Quantize::PerTensor, _) => 1,
            (Quantize::PerBlock, Want::B { .. }) => cols * blocks,
            (Quantize::PerBlock, _) => rows * blocks,
            (Quantize::PerChannel, Want::B { .. }) => cols,
            (Quantize::PerChannel, _) => rows,
        }
    }

    fn channel(&self, scheme: Quantize, blocks: usize, layout: &Layout, index: usize) -> usize {
        let (row, col) = layout.place(index);
        match (scheme, self.want) {
            (Quantize::PerTensor, _) => 0,
            (Quantize::PerBlock, Want::B { .. }) => col * blocks + row / BLOCK,
            (Quantize::PerBlock, _) => row * blocks + col / BLOCK,
            (Quantize::PerChannel, Want::B { .. }) => col,
            (Quantize::PerChannel, _) => row,
        }
    }

    pub(super) fn layout(&self, stored: &Stored) -> Result<Layout, Fault> {
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
    pub(super) fn visit(&self, each: &mut Visitor<'_>) -> Result<(), Fault> {
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
