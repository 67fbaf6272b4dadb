//! Reals to integers: symmetric, by the greatest magnitude. The only floating point between a file and a result.
//!
//! In double precision, which holds every stored type exactly:
//!
//! ```text
//! scale = max |x| / greatest        greatest = 2^(bits-1) - 1 of a signed operand, 2^bits - 1 of an unsigned one
//! q     = x / scale, rounded to the nearest integer, halves to the even one
//! ```
//!
//! A tensor, or channel, of zeros has scale 1. No |x / scale| rounds to more than `greatest`, so nothing is clipped.

use super::{fault::Fault, layout::Layout};
use crate::encoding::{ElementFormat, Format, Scaling};
use crate::matrix::Matrix;
use crate::workload::scaled::EXPONENTS;

/// What shares a scale.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Quantize {
    /// All values of a tensor.
    PerTensor,
    /// A row of A, a column of B: what ends up in one row or column of the result.
    PerChannel,
    /// A block along K: what the formats of MX have, and nothing else.
    PerBlock,
}

impl Quantize {
    /// The names of all, for errors.
    pub(super) const NAMES: [&str; 2] = ["per-tensor", "per-channel"];

    /// As in a TOML.
    pub const fn name(self) -> &'static str {
        match self {
            Self::PerTensor => "per-tensor",
            Self::PerChannel => "per-channel",
            Self::PerBlock => "per-block",
        }
    }

    /// The scheme of a name in a TOML.
    pub(super) fn of(name: &str) -> Option<Self> {
        [Self::PerTensor, Self::PerChannel].into_iter().find(|scheme| scheme.name() == name)
    }
}

/// How the reals of a tensor became integers.
#[derive(Clone, Debug, PartialEq)]
pub struct Quantized {
    /// What shares a scale.
    pub scheme: Quantize,
    /// The integers.
    pub format: Format,
    /// How many scales there are.
    pub scales: u64,
    /// The least of them.
    pub scale_min: f64,
    /// The greatest of them.
    pub scale_max: f64,
    /// Values that were clipped to the format: counted, and 0 because the greatest magnitude fits.
    pub clipped: u64,
}

/// The greatest magnitude of each channel so far.
#[derive(Debug)]
pub(super) struct Peaks(Vec<f64>);

impl Peaks {
    pub(super) fn new(channels: usize) -> Self {
        Self(vec![0.0; channels])
    }

    /// Takes a value into account.
    ///
    /// # Errors
    /// One that is not finite.
    pub(super) fn see(&mut self, layout: &Layout, index: usize, channel: usize, value: f64) -> Result<(), Fault> {
        if !value.is_finite() {
            return Err(Fault::Real { place: layout.stored_place(index), value, reason: "is not a finite number" });
        }
        self.0[channel] = self.0[channel].max(value.abs());
        Ok(())
    }

    /// The scales of these magnitudes.
    ///
    /// # Errors
    /// A channel whose values are so small that doubles cannot scale them.
    pub(super) fn scales(self, format: Format) -> Result<Scales, Fault> {
        let Self(mut scales) = self;
        if let Some(element) = format.element {
            return element_scales(scales, element);
        }
        let (least, greatest) = format.range();
        for scale in &mut scales {
            let peak = *scale;
            *scale = if peak == 0.0 { 1.0 } else { peak / f64::from(greatest) };
            if !scale.is_normal() {
                return Err(Fault::Subnormal { peak });
            }
        }
        Ok(Scales { scales, element: None, least: f64::from(least), greatest: f64::from(greatest) })
    }
}

/// The scales of elements: of a block the power of two that brings its greatest magnitude to the exponent of the greatest number, else
/// what brings it to that number itself.
fn element_scales(mut scales: Vec<f64>, element: ElementFormat) -> Result<Scales, Fault> {
    let greatest = element.greatest() as f64 / f64::from(1 << element.fraction_bits());
    for scale in &mut scales {
        let peak = *scale;
        *scale = match element.scaling() {
            _ if peak == 0.0 => 1.0,
            Scaling::Tensor => peak / greatest,
            Scaling::Block => {
                // floor(log2) is the exponent of the double; that of a subnormal one is below all that are kept.
                let exponent = ((peak.to_bits() >> 52) & 0x7ff) as i32 - 1023 - element.greatest_exponent();
                2_f64.powi(exponent.clamp(*EXPONENTS.start(), *EXPONENTS.end()))
            }
        };
        if !scale.is_normal() {
            return Err(Fault::Subnormal { peak });
        }
    }
    Ok(Scales { scales, element: Some(element), least: -greatest, greatest })
}

/// What a step of the integers stands for, in each channel.
#[derive(Debug)]
pub(super) struct Scales {
    scales: Vec<f64>,
    element: Option<ElementFormat>,
    least: f64,
    greatest: f64,
}

impl Scales {
    /// The integer of a value, and whether it was clipped.
    ///
    /// # Errors
    /// A negative value for an unsigned format; a value that was not there when the scales were taken.
    pub(super) fn quantize(
        &self,
        layout: &Layout,
        index: usize,
        channel: usize,
        value: f64,
    ) -> Result<(i32, bool), Fault> {
        if value < 0.0 && self.least == 0.0 {
            let reason = "an unsigned operand cannot hold";
            return Err(Fault::Real { place: layout.stored_place(index), value, reason });
        }
        self.nearest(channel, value).ok_or_else(changed)
    }

    /// The integer of a value, and whether it was clipped; `None` of one that was not there when the scales were taken.
    fn nearest(&self, channel: usize, value: f64) -> Option<(i32, bool)> {
        if let Some(element) = self.element {
            let scaled = value / self.scales[channel];
            // Another value than the one that the scale was taken from; an exponent of a block may be at its end.
            return scaled.is_finite().then(|| element.nearest_real(scaled));
        }
        let rounded = (value / self.scales[channel]).round_ties_even();
        if rounded.is_nan() || rounded.abs() > self.greatest + 1.0 {
            return None;
        }
        let clipped = rounded.clamp(self.least, self.greatest);
        Some((clipped as i32, clipped != rounded))
    }

    /// One for each channel.
    pub(super) fn into_inner(self) -> Vec<f64> {
        self.scales
    }

    /// log2 of the scales, which are powers of two, `blocks` a row.
    pub(super) fn exponents(&self, blocks: usize) -> Option<Matrix<i32>> {
        let exponent = |scale: &f64| ((scale.to_bits() >> 52) & 0x7ff) as i32 - 1023;
        Matrix::from_rows(self.scales.len() / blocks.max(1), blocks, self.scales.iter().map(exponent).collect())
    }

    /// For the record.
    pub(super) fn summary(&self, scheme: Quantize, format: Format, clipped: u64) -> Quantized {
        Quantized {
            scheme,
            format,
            scales: self.scales.len() as u64,
            scale_min: self.scales.iter().copied().fold(f64::INFINITY, f64::min),
            scale_max: self.scales.iter().copied().fold(0.0, f64::max),
            clipped,
        }
    }
}

/// Numbers in single precision as integers or elements with one scale, and the scale.
///
/// # Errors
/// The index of a number that is below 0 where the format is unsigned.
pub(in crate::workload) fn quantized_reals(values: &[f32], format: Format) -> Result<(Vec<i32>, f64), usize> {
    let peak = values.iter().fold(0.0, |peak: f64, &value| peak.max(f64::from(value).abs()));
    // The least number in single precision is far above where doubles cannot scale.
    let scales = Peaks(vec![peak]).scales(format).map_err(|_| 0_usize)?;
    let integer = |(at, &value): (usize, &f32)| {
        let value = f64::from(value);
        let is_below = value < 0.0 && scales.least == 0.0;
        scales.nearest(0, value).filter(|_| !is_below).map(|(integer, _)| integer).ok_or(at)
    };
    let integers = values.iter().enumerate().map(integer).collect::<Result<_, _>>()?;
    Ok((integers, scales.scales[0]))
}

/// The file was other when it was read again.
pub(super) fn changed() -> Fault {
    Fault::Unreadable("it changed while it was read".to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::workload::tensor::{Want, dtype::Dtype, stored::Stored};

    fn layout() -> Layout {
        let stored = Stored { dtype: Dtype::Float64, big_endian: false, fortran: false, shape: vec![1, 6] };
        Layout::new(&stored, None, false, Want::A { rows: 1, cols: 6 }).expect("the shape fits")
    }

    fn quantized(values: &[f64], format: Format) -> Result<Vec<i32>, Fault> {
        let layout = layout();
        let mut peaks = Peaks::new(1);
        values.iter().enumerate().try_for_each(|(index, &value)| peaks.see(&layout, index, 0, value))?;
        let scales = peaks.scales(format)?;
        let each = values.iter().enumerate().map(|(index, &value)| scales.quantize(&layout, index, 0, value));
        each.map(|found| found.map(|(integer, is_clipped)| if is_clipped { i32::MIN } else { integer })).collect()
    }

    #[test]
    fn halves_go_to_the_even_neighbour_and_the_least_integer_is_never_made() {
        // A scale of 1.
        let values = [127.0, -127.0, 0.5, 1.5, -0.5, -2.5];
        assert_eq!(quantized(&values, Format::int(8)).unwrap(), [127, -127, 0, 2, 0, -2]);
        assert_eq!(quantized(&[-1.0, 1.0, 0.4, 0.6], Format::int(2)).unwrap(), [-1, 1, 0, 1]);
    }

    #[test]
    fn unsigned_operands_use_their_whole_range_and_refuse_what_is_below_zero() {
        assert_eq!(quantized(&[0.0, 1.0, 0.5, -0.0], Format::uint(8)).unwrap(), [0, 255, 128, 0]);
        assert!(matches!(quantized(&[1.0, -1e-9], Format::uint(8)), Err(Fault::Real { place: (0, 1), .. })));
    }

    #[test]
    fn zeros_stay_zeros_and_what_is_not_finite_is_refused() {
        assert_eq!(quantized(&[0.0, -0.0], Format::int(8)).unwrap(), [0, 0]);
        for value in [f64::NAN, f64::INFINITY, f64::NEG_INFINITY] {
            assert!(matches!(quantized(&[0.0, value], Format::int(8)), Err(Fault::Real { place: (0, 1), .. })));
        }
        assert!(matches!(quantized(&[f64::from_bits(1)], Format::int(8)), Err(Fault::Subnormal { .. })));
    }

    #[test]
    fn the_greatest_magnitude_becomes_the_greatest_integer_and_nothing_is_clipped() {
        // Peaks of every size, for every format: x / (x / greatest) may round either way, and never up to the next integer.
        let mut peak = 1.0e-300_f64;
        while peak < 1.0e300 {
            for format in (2..=16).flat_map(|bits| [Format::int(bits), Format::uint(bits)]) {
                let greatest = format.range().1;
                assert_eq!(quantized(&[peak, peak / 2.0], format).unwrap()[0], greatest, "{peak} in {format}");
            }
            peak *= 9.7e2;
        }
    }
}
