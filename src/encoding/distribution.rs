//! Distributions of integer operands with the exact probability of each value.

use super::{
    EncodingError, Format, check_range,
    gaussian::{exp_negative, normal_tail},
};

/// How the values of an operand are distributed: a real variable rounded to the nearest integer and clipped to the
/// operand's range, so the extreme values hold the tails: 0 that of all negative values when the operand is unsigned.
#[derive(Clone, Debug, PartialEq)]
pub enum Distribution {
    /// Every value of the operand's range equally often.
    Uniform,
    /// Normal with mean 0.
    Normal {
        /// Standard deviation, in units of the integer operand.
        std: f64,
    },
    /// Laplace (two-sided exponential) with mean 0: density `e^(-|x|/scale) / (2 scale)`.
    Laplace {
        /// The scale; the standard deviation is `sqrt(2)` times as much.
        scale: f64,
    },
    /// The magnitude of a normal variable with mean 0, as activations after a ReLU are.
    HalfNormal {
        /// Standard deviation of the normal variable.
        std: f64,
    },
    /// Measured: values with weights (counts or probabilities; they are divided by their sum).
    Histogram(Vec<(i32, f64)>),
}

/// The probability of each value of an operand.
#[derive(Clone, Debug, PartialEq)]
pub struct Pmf {
    format: Format,
    probabilities: Vec<f64>,
}

impl Pmf {
    /// The operand's format.
    pub fn format(&self) -> Format {
        self.format
    }

    /// The probability of `value`; 0 outside the operand's range.
    pub fn probability(&self, value: i32) -> f64 {
        let index = i64::from(value) - i64::from(self.format.range().0);
        usize::try_from(index).ok().and_then(|index| self.probabilities.get(index)).copied().unwrap_or(0.0)
    }

    /// Each value of the range with its probability, ascending.
    pub fn iter(&self) -> impl ExactSizeIterator<Item = (i32, f64)> + '_ {
        let least = self.format.range().0;
        self.probabilities.iter().enumerate().map(move |(index, &p)| (least + index as i32, p))
    }
}

impl Distribution {
    /// The name in a workload TOML.
    pub fn name(&self) -> &'static str {
        match self {
            Self::Uniform => "uniform",
            Self::Normal { .. } => "normal",
            Self::Laplace { .. } => "laplace",
            Self::HalfNormal { .. } => "half-normal",
            Self::Histogram(_) => "histogram",
        }
    }

    /// The histogram of measured values.
    pub fn empirical(values: impl IntoIterator<Item = i32>) -> Self {
        let mut counts = std::collections::BTreeMap::<i32, u64>::new();
        for value in values {
            *counts.entry(value).or_default() += 1;
        }
        Self::Histogram(counts.into_iter().map(|(value, count)| (value, count as f64)).collect())
    }

    /// The probability of each value of an operand; a bare number of bits is a signed operand.
    ///
    /// # Errors
    /// When the operand has not 2 to 16 bits, a width is not a positive number, or a histogram has a bad weight or a value
    /// outside the operand's range.
    pub fn pmf(&self, format: impl Into<Format>) -> Result<Pmf, EncodingError> {
        let format = format.into().check()?;
        let (least, greatest) = format.range();
        let probabilities = match self {
            Self::Uniform => vec![1.0 / f64::from(greatest - least + 1); (greatest - least + 1) as usize],
            Self::Normal { std } => {
                let std = self.positive("std", *std)?;
                clipped(format, |t| normal_tail(t / std))
            }
            Self::Laplace { scale } => {
                let scale = self.positive("scale", *scale)?;
                clipped(format, |t| 0.5 * exp_negative(t / scale))
            }
            Self::HalfNormal { std } => {
                let std = self.positive("std", *std)?;
                let tail = |t: f64| normal_tail(t / std);
                let mut probabilities = symmetric(-greatest - 1, greatest, tail);
                let zero = greatest as usize + 1;
                probabilities[zero + 1..].iter_mut().for_each(|p| *p *= 2.0);
                probabilities.drain(..(zero as i32 + least) as usize);
                probabilities[..least.unsigned_abs() as usize].fill(0.0);
                probabilities
            }
            Self::Histogram(weights) => histogram(weights, format)?,
        };
        Ok(Pmf { format, probabilities })
    }

    fn positive(&self, parameter: &'static str, value: f64) -> Result<f64, EncodingError> {
        if value.is_finite() && value > 0.0 {
            Ok(value)
        } else {
            Err(EncodingError::BadDistribution { distribution: self.name(), parameter, value })
        }
    }
}

/// Probabilities of the rounded values of a variable symmetric about 0, clipped to a format: what is below its range is on
/// its least value.
fn clipped(format: Format, tail: impl Fn(f64) -> f64) -> Vec<f64> {
    let (least, greatest) = format.range();
    match format.signed {
        true => symmetric(least, greatest, tail),
        // Everything up to 1/2 becomes 0.
        false => {
            let at_most_zero = 1.0 - tail(0.5);
            let above = symmetric(-greatest - 1, greatest, tail).split_off(greatest as usize + 2);
            std::iter::once(at_most_zero).chain(above).collect()
        }
    }
}

/// Probabilities of the rounded, clipped values of a variable symmetric about 0, from its upper tail `P(X > t)`.
///
/// Each side is a difference of tails, so nothing near 1 is subtracted and far values keep their relative accuracy.
fn symmetric(least: i32, greatest: i32, tail: impl Fn(f64) -> f64) -> Vec<f64> {
    // tails[v] = P(X > v + 1/2)
    let tails: Vec<f64> = (0..-least).map(|v| tail(f64::from(v) + 0.5)).collect();
    let inner = |magnitude: i32| tails[magnitude as usize - 1] - tails[magnitude as usize];
    (least..=greatest)
        .map(|value| match value {
            0 => 1.0 - 2.0 * tails[0],
            _ if value == least || value == greatest => tails[value.unsigned_abs() as usize - 1],
            _ => inner(value.abs()),
        })
        .collect()
}

fn histogram(weights: &[(i32, f64)], format: Format) -> Result<Vec<f64>, EncodingError> {
    let (least, greatest) = format.range();
    let total: f64 = weights.iter().map(|&(_, weight)| weight).sum();
    let weights_are_sound = weights.iter().all(|&(_, weight)| weight.is_finite() && weight >= 0.0);
    if !weights_are_sound || !total.is_finite() || total <= 0.0 {
        return Err(EncodingError::BadHistogram);
    }
    let mut probabilities = vec![0.0; (greatest - least + 1) as usize];
    for &(value, weight) in weights {
        check_range(value, format)?;
        probabilities[(value - least) as usize] += weight / total;
    }
    Ok(probabilities)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn analytic() -> Vec<Distribution> {
        let mut all = vec![Distribution::Uniform];
        for width in [0.05, 0.7, 20.0, 1e3, 1e7] {
            all.push(Distribution::Normal { std: width });
            all.push(Distribution::Laplace { scale: width });
            all.push(Distribution::HalfNormal { std: width });
        }
        all
    }

    #[test]
    fn probabilities_sum_to_one() {
        for distribution in analytic() {
            for format in (2..=16).flat_map(|bits| [Format::int(bits), Format::uint(bits)]) {
                let pmf = distribution.pmf(format).unwrap();
                let sum: f64 = pmf.iter().map(|(_, p)| p).sum();
                assert!((sum - 1.0).abs() < 1e-11, "{distribution:?} in {format} sums to {sum}");
                assert!(pmf.iter().all(|(_, p)| p >= 0.0), "{distribution:?} in {format}");
                let (least, greatest) = format.range();
                assert_eq!(pmf.iter().len() as i32, greatest - least + 1, "{distribution:?} in {format}");
            }
        }
    }

    #[test]
    fn a_wide_normal_piles_up_at_the_extremes_and_a_narrow_one_at_zero() {
        let wide = Distribution::Normal { std: 1e7 }.pmf(8_u32).unwrap();
        assert!(wide.probability(-128) > 0.4999 && wide.probability(127) > 0.4999);
        let narrow = Distribution::Normal { std: 0.01 }.pmf(8_u32).unwrap();
        assert_eq!(narrow.probability(0), 1.0);
    }

    #[test]
    fn a_half_normal_is_the_normal_folded_at_zero() {
        let normal = Distribution::Normal { std: 20.0 }.pmf(8_u32).unwrap();
        let half = Distribution::HalfNormal { std: 20.0 }.pmf(8_u32).unwrap();
        assert_eq!(half.probability(0), normal.probability(0));
        assert_eq!(half.probability(7), normal.probability(7) + normal.probability(-7));
        assert_eq!(half.probability(-1), 0.0);
    }

    #[test]
    fn an_unsigned_operand_has_the_signed_probabilities_above_zero_and_the_negative_half_at_zero() {
        for (distribution, below) in
            [(Distribution::Normal { std: 20.0 }, 0.5), (Distribution::HalfNormal { std: 20.0 }, 0.0)]
        {
            let signed = distribution.pmf(Format::int(9)).unwrap();
            let unsigned = distribution.pmf(Format::uint(8)).unwrap();
            let zero = unsigned.probability(0) - signed.probability(0) / if below > 0.0 { 2.0 } else { 1.0 };
            assert!((zero - below).abs() < 1e-15, "{distribution:?}: {zero}");
            for value in 1..=255 {
                assert_eq!(unsigned.probability(value), signed.probability(value), "{distribution:?}: {value}");
            }
            assert_eq!((unsigned.probability(-1), unsigned.probability(256)), (0.0, 0.0));
        }
        let uniform = Distribution::Uniform.pmf(Format::uint(3)).unwrap();
        assert_eq!(uniform.iter().collect::<Vec<_>>(), (0..8).map(|value| (value, 0.125)).collect::<Vec<_>>());
    }

    #[test]
    fn the_variance_of_a_laplace_distribution_is_twice_its_scale_squared() {
        let pmf = Distribution::Laplace { scale: 50.0 }.pmf(12_u32).unwrap();
        let variance: f64 = pmf.iter().map(|(v, p)| f64::from(v) * f64::from(v) * p).sum();
        // Rounding adds 1/12; 2048 is 41 scales out.
        assert!((variance - (5000.0 + 1.0 / 12.0)).abs() < 1e-2, "{variance}");
    }

    #[test]
    fn an_empirical_histogram_has_the_measured_frequencies() {
        let pmf = Distribution::empirical([3, -1, 3, 3]).pmf(4_u32).unwrap();
        assert_eq!(pmf.probability(3), 0.75);
        assert_eq!(pmf.probability(-1), 0.25);
        assert_eq!(pmf.probability(100), 0.0);
    }

    #[test]
    fn bad_parameters_are_errors_with_the_name_of_the_parameter() {
        for value in [0.0, -1.0, f64::NAN, f64::INFINITY] {
            let error = Distribution::Laplace { scale: value }.pmf(8_u32).unwrap_err();
            assert!(matches!(error, EncodingError::BadDistribution { parameter: "scale", .. }));
        }
        assert!(matches!(Distribution::Histogram(vec![]).pmf(8_u32), Err(EncodingError::BadHistogram)));
        assert!(matches!(
            Distribution::Histogram(vec![(1, -1.0), (2, 3.0)]).pmf(8_u32),
            Err(EncodingError::BadHistogram)
        ));
        assert!(matches!(
            Distribution::Histogram(vec![(200, 1.0)]).pmf(8_u32),
            Err(EncodingError::ValueOutOfRange { value: 200, .. })
        ));
        assert!(matches!(Distribution::Uniform.pmf(17_u32), Err(EncodingError::UnsupportedWidth { bits: 17 })));
    }
}
