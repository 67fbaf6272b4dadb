//! Tensors that stay real numbers: a bias, and what is lowered before it is quantised.

use super::{Request, TensorRecord, fault, fault::Fault};
use crate::{encoding::Format, matrix::Matrix, workload::WorkloadError};

/// What is added to each row of a result.
#[derive(Clone, Debug, PartialEq)]
pub(in crate::workload) enum Bias {
    /// In units of the sums.
    Integers(Vec<i32>),
    /// Numbers; double precision is rounded to single.
    Reals(Vec<f32>),
}

/// A finite number in single precision.
///
/// # Errors
/// One that is not finite, or not after it is rounded.
fn rounded_to_single(place: (usize, usize), value: f64) -> Result<f32, Fault> {
    let reason = match (value.is_finite(), (value as f32).is_finite()) {
        (true, true) => return Ok(value as f32),
        (false, _) => "is not a finite number",
        (true, false) => fault::BEYOND_SINGLE,
    };
    Err(Fault::Real { place, value, reason })
}

impl Request<'_> {
    /// The values of a bias.
    ///
    /// # Errors
    /// As [`Request::check`]; too few or too many bytes; a number that is not finite.
    pub(in crate::workload) fn bias(&self) -> Result<Bias, WorkloadError> {
        let mut bias = Bias::Reals(Vec::new());
        let read = self.visit(&mut |stored, reader| {
            let layout = self.layout(stored)?;
            if stored.dtype.is_real() {
                let mut values = Vec::with_capacity(stored.count());
                stored.reals(reader, &mut |index, value| {
                    values.push(rounded_to_single(layout.stored_place(index), value)?);
                    Ok(())
                })?;
                bias = Bias::Reals(values);
                return Ok(());
            }
            self.no_codes(stored, fault::BIAS_TYPES)?;
            let mut values = Vec::with_capacity(stored.count());
            stored.integers(reader, &mut |_, value| {
                values.push(i32::try_from(value).map_err(|_| fault::beyond_32_bits(value))?);
                Ok(())
            })?;
            bias = Bias::Integers(values);
            Ok(())
        });
        read.map(|()| bias).map_err(|fault| self.error(fault, None))
    }

    /// The error about a bias of reals where sums are integers of which no file says what they count.
    pub(in crate::workload) fn real_bias(&self) -> WorkloadError {
        let fault = match self.visit(&mut |stored, _| {
            Err(Fault::Dtype { holds: stored.dtype.holds(), help: fault::BIAS_TYPES.to_owned() })
        }) {
            Err(fault) => fault,
            Ok(()) => Fault::Format("it has no values".to_owned()),
        };
        self.error(fault, None)
    }

    /// The numbers as the bits of their single precision (double precision is rounded), for an operand of `format` that is
    /// quantised later; and what is known of the tensor so far.
    ///
    /// # Errors
    /// As [`Request::operand`](super::Request::operand); integers; codes, whose blocks are not those of what is lowered.
    pub(in crate::workload) fn bits(&self, format: Format) -> Result<(Matrix<i32>, TensorRecord), WorkloadError> {
        let (rows, cols) = self.want.extents();
        let mut numbers = Matrix::filled(rows, cols, 0);
        let mut record = None;
        let read = self.scheme(format).and_then(|_| {
            if self.file.codes {
                let help = "its blocks lie along windows that do not exist yet: store the numbers as float32";
                return Err(Fault::Codes { format, help });
            }
            self.visit(&mut |stored, reader| {
                let layout = self.layout(stored)?;
                if !stored.dtype.is_real() {
                    let help = format!("{format} is quantised from floats; store the numbers as float32");
                    return Err(Fault::Dtype { holds: stored.dtype.holds(), help });
                }
                record = Some(self.record(stored, None));
                stored.reals(reader, &mut |index, value| {
                    numbers[layout.place(index)] =
                        rounded_to_single(layout.stored_place(index), value)?.to_bits() as i32;
                    Ok(())
                })
            })
        });
        let record = read.and_then(|()| record.ok_or_else(|| Fault::Format("it has no values".to_owned())));
        record.map(|record| (numbers, record)).map_err(|fault| self.error(fault, Some(format)))
    }
}
