//! Integer matrices from `.npy` files.

use std::{
    fs::File,
    io::{self, BufReader, Cursor, Read},
};

use npyz::{DType, NpyHeader, Order, TypeChar};

use super::{
    error::{FileText, WorkloadError},
    layer::{Files, NpyFile},
};
use crate::matrix::Matrix;

/// Headers of plain arrays have about 100 bytes; numpy itself refuses more than 10,000.
const GREATEST_HEADER: usize = 4096;

/// A file to read, what it is for, and the shape it must have.
pub(super) struct Request<'a> {
    pub files: &'a Files,
    pub file: &'a NpyFile,
    pub text: &'a FileText,
    /// E.g. "b of `fc1`".
    pub tensor: &'a str,
    /// Its extents, at least one.
    pub shape: &'a [usize],
}

/// The integer types that are read.
#[derive(Clone, Copy)]
enum Width {
    Int8,
    Int16,
    Int32,
    Uint8,
    Uint16,
}

impl Request<'_> {
    /// Checks that the file is there and that its header has the right type and shape.
    ///
    /// # Errors
    /// No such file, not a `.npy` file, another type, another shape.
    pub(super) fn check(&self) -> Result<(), WorkloadError> {
        let mut reader = self.open()?;
        self.header(&mut reader).map(|_| ())
    }

    /// The values: the first extent in rows, all others in columns; a file of one extent becomes a matrix of one row.
    ///
    /// # Errors
    /// As [`Request::check`], and when the file is too short or too long.
    pub(super) fn read(&self) -> Result<Matrix<i32>, WorkloadError> {
        let mut reader = self.open()?;
        let (header, width) = self.header(&mut reader)?;
        let order = header.order();
        let values = match width {
            Width::Int8 => self.values::<i8>(header, &mut reader)?,
            Width::Int16 => self.values::<i16>(header, &mut reader)?,
            Width::Int32 => self.values::<i32>(header, &mut reader)?,
            Width::Uint8 => self.values::<u8>(header, &mut reader)?,
            Width::Uint16 => self.values::<u16>(header, &mut reader)?,
        };
        let (rows, cols) = match self.shape {
            [cols] => (1, *cols),
            [rows, others @ ..] => (*rows, others.iter().product()),
            [] => (1, 1),
        };
        if order == Order::C {
            return Ok(Matrix::from_rows(rows, cols, values).expect("as many values as the extents have were read"));
        }
        // The first extent runs fastest.
        let index = |place: usize| {
            let digits = self.shape.iter().rev().scan(place, |rest, &extent| {
                let digit = *rest % extent;
                *rest /= extent;
                Some((digit, extent))
            });
            digits.fold(0, |index, (digit, extent)| index * extent + digit)
        };
        Ok(Matrix::from_fn(rows, cols, |row, col| values[index(row * cols + col)]))
    }

    fn open(&self) -> Result<Box<dyn Read>, WorkloadError> {
        match self.files {
            Files::Embedded(shipped) => {
                let found = shipped.files.iter().find(|(path, _)| *path == self.file.path);
                let (_, bytes) = found.ok_or_else(|| self.not_found("not part of the shipped workload"))?;
                Ok(Box::new(*bytes))
            }
            Files::Folder(folder) => {
                let file = File::open(folder.join(&self.file.path)).map_err(|error| self.not_found(error))?;
                Ok(Box::new(BufReader::new(file)))
            }
        }
    }

    fn header(&self, reader: &mut dyn Read) -> Result<(NpyHeader, Width), WorkloadError> {
        let bytes = header_bytes(reader).map_err(|error| match error.kind() {
            io::ErrorKind::InvalidData => self.format(error),
            io::ErrorKind::UnexpectedEof => self.format("it ends inside its header"),
            _ => self.not_found(error),
        })?;
        let header = NpyHeader::from_reader(Cursor::new(bytes)).map_err(|error| self.format(error))?;
        let width = match header.dtype() {
            DType::Plain(plain) => match (plain.type_char(), plain.size_field()) {
                (TypeChar::Int, 1) => Some(Width::Int8),
                (TypeChar::Int, 2) => Some(Width::Int16),
                (TypeChar::Int, 4) => Some(Width::Int32),
                (TypeChar::Uint, 1) => Some(Width::Uint8),
                (TypeChar::Uint, 2) => Some(Width::Uint16),
                _ => None,
            },
            DType::Array(..) | DType::Record(_) => None,
        };
        let width = width.ok_or_else(|| WorkloadError::NpyDtype {
            path: self.file.path.clone(),
            dtype: header.dtype().descr(),
            text: self.text.clone(),
            at: self.file.at,
        })?;
        let fits = header.shape().len() == self.shape.len()
            && header.shape().iter().zip(self.shape).all(|(&found, &expected)| found == expected as u64);
        if !fits {
            let (found, expected) = (shape_text(header.shape()), shape_text(self.shape));
            return Err(WorkloadError::NpyShape {
                path: self.file.path.clone(),
                mismatch: format!("has the shape {found}, and {} has {expected}", self.tensor),
                text: self.text.clone(),
                at: self.file.at,
            });
        }
        Ok((header, width))
    }

    /// The values in the order of the file; the shape has been checked, so their count is bounded.
    fn values<T: npyz::Deserialize + Into<i32>>(
        &self,
        header: NpyHeader,
        reader: &mut dyn Read,
    ) -> Result<Vec<i32>, WorkloadError> {
        let count = header.len();
        let data = npyz::NpyFile::with_header(header, &mut *reader).data::<T>().map_err(|error| self.format(error))?;
        let mut values = Vec::with_capacity(count as usize);
        for value in data {
            match value {
                Ok(value) => values.push(value.into()),
                Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => {
                    return Err(self.length(&format!("ends after {} of {count} values", values.len())));
                }
                Err(error) => return Err(self.not_found(error)),
            }
        }
        match reader.read(&mut [0]) {
            Ok(0) => Ok(values),
            Ok(_) => Err(self.length(&format!("goes on after its {count} values"))),
            Err(error) => Err(self.not_found(error)),
        }
    }

    fn not_found(&self, reason: impl ToString) -> WorkloadError {
        let (path, reason) = (self.file.path.clone(), reason.to_string());
        WorkloadError::NpyNotFound { path, reason, text: self.text.clone(), at: self.file.at }
    }

    fn format(&self, reason: impl ToString) -> WorkloadError {
        let (path, reason) = (self.file.path.clone(), reason.to_string());
        WorkloadError::NpyFormat { path, reason, text: self.text.clone(), at: self.file.at }
    }

    fn length(&self, reason: &str) -> WorkloadError {
        let (path, reason) = (self.file.path.clone(), reason.to_owned());
        WorkloadError::NpyLength { path, reason, text: self.text.clone(), at: self.file.at }
    }
}

/// `360 x 64`, `10`, or `no extent` of a scalar.
fn shape_text<T: ToString>(shape: &[T]) -> String {
    if shape.is_empty() {
        return "no extent (one number)".to_owned();
    }
    shape.iter().map(T::to_string).collect::<Vec<_>>().join(" x ")
}

/// The bytes up to the values, looked over before the parser sees them: it takes the memory that a header asks for, and
/// multiplies extents without a check.
fn header_bytes(reader: &mut dyn Read) -> io::Result<Vec<u8>> {
    let invalid = |reason: &str| io::Error::new(io::ErrorKind::InvalidData, reason.to_owned());
    let mut bytes = vec![0; 10];
    reader.read_exact(&mut bytes).map_err(|error| match error.kind() {
        io::ErrorKind::UnexpectedEof => invalid("it is shorter than a header"),
        _ => error,
    })?;
    if !bytes.starts_with(b"\x93NUMPY") {
        return Err(invalid("it does not begin with \\x93NUMPY"));
    }
    let mut length = u32::from(bytes[8]) | u32::from(bytes[9]) << 8;
    if bytes[6] >= 2 {
        let mut rest = [0; 2];
        reader.read_exact(&mut rest)?;
        bytes.extend(rest);
        length |= u32::from(rest[0]) << 16 | u32::from(rest[1]) << 24;
    }
    if length as usize > GREATEST_HEADER {
        return Err(invalid(&format!("its header has {length} bytes")));
    }
    let begin = bytes.len();
    bytes.resize(begin + length as usize, 0);
    reader.read_exact(&mut bytes[begin..])?;
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
