//! An array as its header describes it, and its values in the order of the file.

use std::io::{self, Read};

use super::{dtype::Dtype, fault::Fault};

/// Values that are decoded at a time.
const CHUNK: usize = 4096;

/// An array in a file.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::workload) struct Stored {
    pub dtype: Dtype,
    /// Whether the most significant byte of a number comes first.
    pub big_endian: bool,
    /// Whether the first index runs fastest.
    pub fortran: bool,
    pub shape: Vec<u64>,
}

impl Stored {
    /// Numbers in the file. Only for a shape that has been found to fit an operand.
    pub(super) fn count(&self) -> usize {
        self.shape.iter().product::<u64>() as usize
    }

    /// Tells `each` every integer with its index in the file.
    ///
    /// # Errors
    /// Too few or too many bytes, a boolean that is none, what `each` says.
    pub(super) fn integers(
        &self,
        reader: &mut dyn Read,
        each: &mut dyn FnMut(usize, i128) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.values(reader, &mut |index, bytes| match (self.dtype, bytes[0]) {
            (Dtype::Bool, byte @ 2..) => {
                Err(Fault::Format(format!("value {index} is the byte {byte}, and a bool is 0 or 1")))
            }
            _ => each(index, self.dtype.integer(bytes)),
        })
    }

    /// Tells `each` every real with its index in the file; doubles hold all types exactly.
    ///
    /// # Errors
    /// Too few or too many bytes, what `each` says.
    pub(super) fn reals(
        &self,
        reader: &mut dyn Read,
        each: &mut dyn FnMut(usize, f64) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        self.values(reader, &mut |index, bytes| each(index, self.dtype.real(bytes)))
    }

    /// The bytes of each number, the least significant first.
    fn values(
        &self,
        reader: &mut dyn Read,
        each: &mut dyn FnMut(usize, [u8; 8]) -> Result<(), Fault>,
    ) -> Result<(), Fault> {
        let (count, width) = (self.count(), self.dtype.bytes());
        let mut chunk = vec![0; CHUNK * width];
        let mut index = 0;
        while index < count {
            let wanted = CHUNK.min(count - index);
            let filled = fill(reader, &mut chunk[..wanted * width])?;
            for bytes in chunk[..filled].chunks_exact(width) {
                let mut little = [0; 8];
                little[..width].copy_from_slice(bytes);
                if self.big_endian {
                    little[..width].reverse();
                }
                each(index, little)?;
                index += 1;
            }
            if filled < wanted * width {
                return Err(Fault::Length(format!("ends after {index} of {count} values")));
            }
        }
        match fill(reader, &mut [0])? {
            0 => Ok(()),
            _ => Err(Fault::Length(format!("goes on after its {count} values"))),
        }
    }
}

/// Reads until `bytes` are full or the file ends; says how many came.
fn fill(reader: &mut dyn Read, bytes: &mut [u8]) -> Result<usize, Fault> {
    let mut filled = 0;
    while filled < bytes.len() {
        match reader.read(&mut bytes[filled..]) {
            Ok(0) => break,
            Ok(count) => filled += count,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            // A compressed stream that was cut.
            Err(error) if error.kind() == io::ErrorKind::UnexpectedEof => break,
            Err(error) => return Err(Fault::from(error)),
        }
    }
    Ok(filled)
}
